import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { LossRing } from './loss_ring';

/** Steps whose losses wait on the device before they are read. */
const RING_STEPS = 256;
/** Weight of a new loss in the smoothed one. */
const SMOOTHING_WEIGHT = 0.05;

/** The losses of training steps: those that wait on the device, and those read since the last report. */
export class StepLosses {
  readonly #ring: LossRing;
  /** Losses in `#smoothed`. */
  #settled: number;
  #smoothed: number | null;
  #read: number[] = [];

  /** @param settled losses in `smoothed`, where training goes on. */
  constructor(device: Device, settled: number, smoothed: number | null) {
    this.#ring = new LossRing(device, RING_STEPS);
    this.#settled = settled;
    this.#smoothed = smoothed;
  }

  /** True when the next step must wait for `settle`. */
  get full(): boolean {
    return this.#ring.full;
  }

  /** Mean of the latest ones that were read; null before the first. */
  get smoothed(): number | null {
    return this.#smoothed;
  }

  /** The device's part of a step, which a recording repeats. */
  copy(loss: Tensor): void {
    this.#ring.copy(loss);
  }

  /** The host's part of a step. */
  note(): void {
    this.#ring.note();
  }

  /** Reads what waits on the device. */
  async settle(): Promise<void> {
    for (const loss of await this.#ring.drain()) {
      this.#read.push(loss);
      // A plain mean at first, so that the first losses do not linger.
      const weight = Math.max(1 / ++this.#settled, SMOOTHING_WEIGHT);
      this.#smoothed = (1 - weight) * (this.#smoothed ?? 0) + weight * loss;
    }
  }

  /** What was read since the last call. */
  take(): number[] {
    const losses = this.#read;
    this.#read = [];
    return losses;
  }

  dispose(): void {
    this.#ring.dispose();
  }
}
