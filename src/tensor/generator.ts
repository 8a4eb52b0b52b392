import { ArgumentError, DisposedError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { checkDevice } from './device';
import type { Device } from './device';
import { disown } from './scope';
import { tensor } from './tensor';
import type { Tensor } from './tensor';

/** Keeps a generator's numbers apart from those of `Random`, whose streams are 0 and 2. */
const RANDOM_STREAM = 1;

/** Where a generator stands; plain numbers, so that a checkpoint can hold it. */
export interface GeneratorState {
  /** An integer from 0 to 2^32 - 1. */
  seed: number;
  /** Training steps, from 0. */
  step: number;
  /** Random operations within that step, from 0. */
  call: number;
}

const STATE: OptionNames<GeneratorState> = { seed: true, step: true, call: true };

/**
 * Random numbers for operations on a device. It is counter-based: the numbers of a call follow
 * from (seed, step, call) alone. The step lives on the device and advances once a training step;
 * the call counts the random operations within a step. So a recorded step, replayed, draws fresh
 * numbers by advancing the step alone.
 *
 * @example
 * ```ts
 * import { dropout, Generator, ones, openDevice } from 'lethe';
 * import { LSTM } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const generator = new Generator(device, 1); // one for all dropout of a model, and of its `Trainer`
 * const lstm = new LSTM(device, 8, 16, { numLayers: 2, dropout: 0.1, generator });
 * const x = dropout(ones(device, [5, 3, 8]), 0.1, generator);
 * console.log(lstm.forward(x)[0].shape); // [ 5, 3, 16 ]
 * ```
 */
export class Generator {
  readonly #device: Device;
  readonly #seed: number;
  #step: number;
  #call: number;
  /** Made when something first draws: until then a step needs no write. */
  #state: Tensor | undefined;
  #disposed = false;

  /** @param seed an integer from 0 to 2^32 - 1. */
  constructor(device: Device, seed: number, position: Partial<GeneratorState> = {}) {
    checkDevice('Generator', device);
    checkOptions('Generator', position, STATE);
    const { step = 0, call = 0 } = position;
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new ArgumentError(
        `seed = ${describeValue(seed)}; an integer from 0 to ${2 ** 32 - 1} is needed`,
      );
    }
    this.#device = device;
    this.#seed = seed;
    this.#step = step;
    this.#call = call;
  }

  /** [seed, stream, step low, step high], u32. Throws DisposedError after `dispose()`. @internal */
  get state(): Tensor {
    if (this.#disposed) throw new DisposedError('a Generator was disposed; make another');
    this.#state ??= this.#device.unrecorded(() => {
      const state = tensor(this.#device, this.#words(), [4], { dtype: 'u32' });
      disown(state);
      return state;
    });
    return this.#state;
  }

  /** Where it stands: seed, training step, and random operations within that step. */
  get position(): GeneratorState {
    return { seed: this.#seed, step: this.#step, call: this.#call };
  }

  /** Goes back, or on, to where another generator of this seed stood. */
  set position({ step, call }: Omit<GeneratorState, 'seed'>) {
    this.#step = step;
    this.#call = call;
    if (!this.#disposed) this.#state?.write(this.#words());
  }

  /** @internal */
  nextCall(): number {
    return this.#call++;
  }

  /** Begins the next step: fresh numbers, calls counted from 0. */
  advance(): void {
    this.position = { step: this.#step + 1, call: 0 };
  }

  /** Frees the tensor of its state. */
  dispose(): void {
    this.#disposed = true;
    this.#state?.dispose();
  }

  #words(): number[] {
    return [this.#seed, RANDOM_STREAM, this.#step >>> 0, Math.floor(this.#step / 2 ** 32)];
  }
}
