import { ArgumentError, CheckpointError, GraphError } from '../errors';
import { CLOCK, optimizerClock } from '../kernels/optimizer_clock';
import { padded } from '../kernels/pack_tensors';
import { squareSum, squareSumSlots } from '../kernels/square_sum';
import { checkFloats, emptyLike, fullLike, run } from '../ops/common';
import { pack } from '../ops/pack';
import { copyElements } from '../ops/strided';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { disown, dispose, scope } from '../tensor/scope';
import { empty, full, zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { byName, checkApart, checkFits } from './parameters';
import type { Parameters } from './parameters';
import { slotValues } from './state';
import type { Flat, OptimizerState, Range } from './state';

/** What `step` takes. */
export interface StepOptions {
  /**
   * Takes the gradients as if they had been scaled together so that their norm is at most this; the
   * same as `clipGradNorm` before the step, in fewer dispatches, and `grad` stays as it is.
   */
  maxNorm?: number;
}

const STEP_OPTIONS: OptionNames<StepOptions> = { maxNorm: true };

/**
 * An update rule over named parameters, with one count of steps for all of them. What changes from
 * step to step (rate, step counter, bias corrections, skipped steps) lives in a small tensor on the
 * device, the clock. What the rule remembers is flat, all parameters one behind the other, and so are they
 * themselves: they move into one buffer. So a step is a handful of dispatches, however many there are.
 */
export abstract class Optimizer {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #slotNames: readonly string[];
  /**
   * All parameters in one buffer, flat: each lives there as a part of it, unless it could not move, or another
   * optimiser has taken it since.
   */
  readonly #home: Tensor;
  /** Where each parameter begins in the flat tensors: at multiples of `#pad`, as parts of them do. */
  readonly #offsets = new Map<string, number>();
  readonly #size: number;
  readonly #pad: number;
  /** Flat, in the order of `slotNames`; made with the first step. */
  #state: readonly Tensor[] | undefined;
  readonly #clock: Tensor;
  readonly #betas: readonly [number, number];
  #lr: number;

  /**
   * @param parameters of which those with `requiresGrad` are taken.
   * @param slotNames what the rule remembers of a parameter, under PyTorch's names.
   * @throws ArgumentError for no parameters, two tensors that share one memory, or a rate below 0.
   * @throws DTypeError or DeviceError unless all are of one floating-point dtype, on one device.
   * @throws OutOfMemoryError when all parameters together do not fit into a buffer of the device.
   */
  protected constructor(
    parameters: Parameters,
    lr: number,
    slotNames: readonly string[],
    betas: readonly [number, number] = [1, 1],
  ) {
    this.#parameters = byName(new.target.name, parameters);
    const [first] = this.#parameters.values();
    checkFloats(new.target.name, Object.fromEntries(this.#parameters));
    checkApart(new.target.name, this.#parameters);
    this.#pad = first.device.backend.partElements;
    let size = 0;
    for (const [name, parameter] of this.#parameters) {
      this.#offsets.set(name, size);
      size += padded(parameter.size, this.#pad);
    }
    checkFits(new.target.name, first, size);
    this.#size = size;
    this.#slotNames = slotNames;
    this.#betas = betas;
    this.#lr = checkRate(lr);
    this.#home = this.#move(first);
    this.#clock = own(zeros(first.device, [CLOCK.length], { dtype: first.dtype }));
    this.#clock.write([this.#lr, ...new Array<number>(CLOCK.length - 1).fill(0)]);
  }

  /** Learning rate, written to the device when set. */
  get lr(): number {
    return this.#lr;
  }

  set lr(value: number) {
    if (value === this.#lr) return;
    this.#lr = checkRate(value);
    const prefix = [value];
    this.#clock.device.backend.write(
      this.#clock.buffer,
      this.#clock.dtype === 'f64' ? Float64Array.from(prefix) : Float32Array.from(prefix),
    );
  }

  /** The rule, over one range. */
  protected abstract update(flat: Flat, range: Range): void;

  /** What a slot holds before the first step. */
  protected initial(_slotName: string): number {
    return 0;
  }

  /**
   * One step on every parameter that has a gradient. Where one is NaN or infinite the step changes
   * nothing and is counted as skipped; the device decides, nothing is read back.
   *
   * @throws GraphError when no parameter has a gradient.
   * @throws ArgumentError unless maxNorm > 0.
   */
  step(options: StepOptions = {}): void {
    checkOptions('step', options, STEP_OPTIONS);
    const { maxNorm = Infinity } = options;
    if (!(maxNorm > 0)) {
      throw new ArgumentError(
        `step: maxNorm = ${describeValue(maxNorm)}; a number above 0 is needed`,
      );
    }
    const ranges = this.#ready();
    if (ranges.length === 0) {
      throw new GraphError('step: no parameter has a gradient; call backward first');
    }
    const clock = this.#clock;
    scope(() => {
      const whole = ranges[0].n === this.#size;
      const grad = whole ? emptyLike(clock, [this.#size]) : fullLike(clock, [this.#size], 0);
      for (const { parameters, places } of ranges) {
        const grads = parameters.map((parameter) => parameter.grad!);
        pack(grads, places, grad, this.#pad);
      }
      this.#tick(grad, maxNorm);
      const state = this.#slots();
      for (const { offset, n, parameters, places } of ranges) {
        // Then they are updated in a copy, and the values taken back to where they live.
        const elsewhere = parameters.some((parameter) => !parameter.shares(this.#home));
        const param = elsewhere ? emptyLike(clock, [this.#size]) : this.#home;
        if (elsewhere) pack(parameters, places, param);
        this.update({ param, grad, state, clock }, { offset, n });
        for (const [i, parameter] of parameters.entries()) {
          if (elsewhere) copyElements(param, places[i], parameter, 0, parameter.size);
          else parameter.bumpVersion();
        }
      }
    });
  }

  /** Moves the parameters into one buffer, but for what cannot leave its own. */
  #move({ device, dtype }: Tensor): Tensor {
    return device.unrecorded(() => {
      const home = own(empty(device, [this.#size], dtype));
      const parameters = [...this.#parameters.values()];
      const places = [...this.#offsets.values()];
      pack(parameters, places, home, this.#pad);
      parameters.forEach(({ storage, size }, i) =>
        storage.moveInto(home.storage, device.backend, places[i], size),
      );
      return home;
    });
  }

  /** The parameters that have gradients, in runs of neighbours. */
  #ready(): (Range & { parameters: Tensor[]; places: number[] })[] {
    const ranges: (Range & { parameters: Tensor[]; places: number[] })[] = [];
    for (const [name, parameter] of this.#parameters) {
      if (!parameter.grad) continue;
      const offset = this.#offsets.get(name)!;
      const last = ranges.at(-1);
      if (last && last.offset + last.n === offset) {
        last.n += padded(parameter.size, this.#pad);
        last.parameters.push(parameter);
        last.places.push(offset);
      } else {
        const n = padded(parameter.size, this.#pad);
        ranges.push({ offset, n, parameters: [parameter], places: [offset] });
      }
    }
    return ranges;
  }

  #tick(grad: Tensor, maxNorm: number): void {
    const count = squareSumSlots(grad.size);
    const partial = emptyLike(grad, [count, 2]);
    run(squareSum, { x: grad, out: partial }, { n: grad.size, slot: 0 });
    const [beta1, beta2] = this.#betas;
    run(
      optimizerClock,
      { partial, clock: this.#clock },
      // The GPU computes with finite numbers only.
      { count, limit: Math.min(maxNorm, 3e38), gain1: 1 - beta1, gain2: 1 - beta2 },
    );
  }

  /** Frees every gradient, as PyTorch does by default. */
  zeroGrad(): void {
    for (const parameter of this.#parameters.values()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /** What became of the steps so far. */
  async counts(): Promise<{
    /** Taken. */
    steps: number;
    /** Left out, because a gradient was not finite. */
    skipped: number;
    /** The gradients' norm at the last one taken, before `maxNorm`. */
    gradNorm: number;
  }> {
    const clock = await this.#clock.data();
    const { steps, skipped, norm } = CLOCK;
    return { steps: clock[steps], skipped: clock[skipped], gradNorm: clock[norm] };
  }

  /** Everything that the next step depends on, read back: `clock` and `exp_avg.<name>` and so on. */
  async stateDict(): Promise<OptimizerState> {
    const names = this.#state ? this.#slotNames : [];
    // All reads begin at once, so that they see one moment.
    const [clock, ...flats] = await Promise.all(
      [this.#clock, ...(this.#state ?? [])].map((value) => value.data()),
    );
    const state: OptimizerState = new Map([['clock', { shape: this.#clock.shape, data: clock }]]);
    for (const [name, { shape, size }] of this.#parameters) {
      const offset = this.#offsets.get(name)!;
      names.forEach((slotName, i) =>
        state.set(`${slotName}.${name}`, { shape, data: flats[i].subarray(offset, offset + size) }),
      );
    }
    return state;
  }

  /**
   * Continues where `stateDict` was taken.
   *
   * @throws CheckpointError naming what does not belong to these parameters; nothing is changed.
   */
  loadStateDict(state: OptimizerState): void {
    const clock = state.get('clock');
    if (!clock || clock.data.length < CLOCK.scale) {
      throw new CheckpointError('optimizer.loadStateDict: clock is missing or too short');
    }
    const values = slotValues(this.constructor.name, state, this.#parameters, this.#slotNames);
    const flats = this.#slotNames.map((slotName) =>
      new Float64Array(this.#size).fill(this.initial(slotName)),
    );
    for (const [name, datas] of values) {
      datas.forEach((data, i) => flats[i].set(data, this.#offsets.get(name)));
    }
    for (const [i, slot] of this.#slots().entries()) slot.write(flats[i]);
    // The scale is made anew in each step.
    this.#clock.write(Float64Array.from({ length: CLOCK.length }, (_, i) => clock.data[i] ?? 0));
    this.#lr = clock.data[CLOCK.learningRate];
  }

  /** Frees the optimiser's state; parameters stay. */
  dispose(): void {
    this.#home.dispose();
    dispose(this.#state);
    this.#state = undefined;
    this.#clock.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #slots(): readonly Tensor[] {
    // Made once, though the step may be under recording.
    const { device, dtype } = this.#clock;
    this.#state ??= device.unrecorded(() =>
      this.#slotNames.map((slotName) => {
        return own(full(device, [this.#size], this.initial(slotName), { dtype }));
      }),
    );
    return this.#state;
  }
}

function own(value: Tensor): Tensor {
  disown(value);
  return value;
}

function checkRate(lr: number): number {
  if (lr >= 0 && Number.isFinite(lr)) return lr;
  throw new ArgumentError(`lr = ${describeValue(lr)}; a finite number from 0 is needed`);
}
