import type { Batch } from '../data/batch';
import { RecordingError } from '../errors';
import type { Device } from '../tensor/device';
import type { RecordedStep } from '../tensor/recorded_step';
import { disown, scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { batchTensors, checkHostArray } from './batch_tensors';
import type { BatchTensors } from './task';

/** Recordings that are held at most: each has the memory between its commands. */
const MAX_RECORDINGS = 64;

/** The step on batches of the same shapes. */
interface Shaped {
  readonly inputs: BatchTensors<Batch>;
  recorded: RecordedStep<void> | undefined;
}

/**
 * A step, for batches of any shapes: for each set of shapes it is recorded once, and replayed from then on.
 * Shapes that come when there are too many recordings run without one.
 */
export class RecordedSteps {
  readonly #device: Device;
  readonly #step: (batch: BatchTensors<Batch>) => void;
  readonly #shaped = new Map<string, Shaped>();
  #cold = true;
  /** True where kernels have run whose configurations were not timed yet. */
  #untuned = false;
  #recordings = 0;

  constructor(device: Device, step: (batch: BatchTensors<Batch>) => void) {
    this.#device = device;
    this.#step = step;
  }

  /** Recordings made so far. */
  get recordings(): number {
    return this.#recordings;
  }

  /** True before the first step. */
  get cold(): boolean {
    return this.#cold;
  }

  /**
   * Finds the fastest configurations of the kernels that have run. A recording keeps those it was made with,
   * so a shape that is new to a device with a choice runs once without one.
   */
  async tune(): Promise<void> {
    this.#untuned = false;
    await this.#device.tune();
  }

  /**
   * Makes the step on a batch.
   *
   * @param prepare runs when the batch is on the device, before the step.
   */
  async run(batch: Batch, prepare: () => void): Promise<void> {
    const key = Object.entries(batch)
      .map(([name, value]) => {
        const { shape, data } = checkHostArray(name, value);
        return `${name}${data instanceof Int32Array ? 'i' : 'f'}${shape.join()}`;
      })
      .join(' ');
    let shaped = this.#shaped.get(key);
    const seen = shaped !== undefined;
    if (seen && this.#untuned) await this.tune();
    if (!shaped) {
      const inputs = batchTensors(this.#device, batch);
      Object.values(inputs).forEach(disown);
      shaped = { inputs, recorded: undefined };
      if (this.#shaped.size < MAX_RECORDINGS) this.#shaped.set(key, shaped);
    } else {
      for (const [name, { data }] of Object.entries(batch)) shaped.inputs[name].write(data);
    }
    const kept = this.#shaped.has(key);
    try {
      prepare();
      this.#run(shaped, seen, kept);
    } finally {
      if (!kept) free(shaped.inputs);
    }
  }

  #run(shaped: Shaped, seen: boolean, kept: boolean): void {
    const { inputs } = shaped;
    if (shaped.recorded?.stale) {
      shaped.recorded.dispose();
      shaped.recorded = undefined;
      seen = false;
    }
    if (shaped.recorded) {
      shaped.recorded.replay();
    } else if (kept && (seen || !this.#device.tunable)) {
      shaped.recorded = this.#device.record(() => this.#step(inputs));
      this.#recordings++;
      if (shaped.recorded.keepsLengths) {
        throw new RecordingError(
          "the task's loss gives a layer a list of lengths, which the replays on other batches would keep; put " +
            'an i32 array into the batch, such as the lengths that padSequences makes, and give its tensor',
        );
      }
    } else {
      scope(() => this.#step(inputs));
      this.#untuned = true;
    }
    this.#cold = false;
  }

  dispose(): void {
    for (const { inputs, recorded } of this.#shaped.values()) {
      recorded?.dispose();
      free(inputs);
    }
    this.#shaped.clear();
  }
}

function free(inputs: Readonly<Record<string, Tensor>>): void {
  for (const input of Object.values(inputs)) input.dispose();
}
