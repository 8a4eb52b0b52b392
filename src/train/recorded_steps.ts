import type { Batch } from '../data/batch';
import { RecordingError } from '../errors';
import type { Device } from '../tensor/device';
import type { RecordedStep } from '../tensor/recorded_step';
import { scope } from '../tensor/scope';
import { checkHostArray } from './batch_tensors';
import { StepBatch } from './step_batch';
import type { BatchTensors } from './task';

/** Recordings that are held at most: each has the memory between its commands. */
const MAX_RECORDINGS = 64;

/** The step on batches of the same shapes. */
interface Shaped {
  readonly batch: StepBatch;
  recorded: RecordedStep<void> | undefined;
}

/**
 * A step, for batches of any shapes: for each set of shapes it is recorded once, and replayed from then on.
 * Shapes that come when there are too many recordings run without one.
 */
export class RecordedSteps {
  readonly #device: Device;
  readonly #step: (batch: BatchTensors<Batch>) => void;
  readonly #shaped: Shaped[] = [];
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
    for (const name of Object.keys(batch)) checkHostArray(name, batch[name]);
    const seen = this.#shaped.find((shaped) => shaped.batch.fits(batch));
    if (seen && this.#untuned) await this.tune();
    seen?.batch.write(batch);
    const shaped = seen ?? { batch: new StepBatch(this.#device, batch), recorded: undefined };
    const kept = seen !== undefined || this.#shaped.length < MAX_RECORDINGS;
    if (kept && !seen) this.#shaped.push(shaped);
    try {
      prepare();
      this.#run(shaped, seen !== undefined, kept);
    } finally {
      if (!kept) shaped.batch.dispose();
    }
  }

  #run(shaped: Shaped, seen: boolean, kept: boolean): void {
    const { tensors } = shaped.batch;
    if (shaped.recorded?.stale) {
      shaped.recorded.dispose();
      shaped.recorded = undefined;
      seen = false;
    }
    if (shaped.recorded) {
      shaped.recorded.replay();
    } else if (kept && (seen || !this.#device.tunable)) {
      shaped.recorded = this.#device.record(() => this.#step(tensors));
      this.#recordings++;
      if (shaped.recorded.keepsLengths) {
        throw new RecordingError(
          "the task's loss gives a layer a list of lengths, which the replays on other batches would keep; put " +
            'an i32 array into the batch, such as the lengths that padSequences makes, and give its tensor',
        );
      }
    } else {
      scope(() => this.#step(tensors));
      this.#untuned = true;
    }
    this.#cold = false;
  }

  dispose(): void {
    for (const { batch, recorded } of this.#shaped.splice(0)) {
      recorded?.dispose();
      batch.dispose();
    }
  }
}
