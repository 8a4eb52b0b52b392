import { copy } from '../kernels/copy';
import { run } from '../ops/common';
import type { Device } from '../tensor/device';
import { disown } from '../tensor/scope';
import { words } from '../tensor/shape';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/** Scalars gathered on the device, so that many steps cost one read. */
export class LossRing {
  readonly #values: Tensor;
  #count = 0;

  constructor(device: Device, capacity: number) {
    this.#values = zeros(device, [capacity]);
    disown(this.#values);
  }

  get full(): boolean {
    return this.#count === this.#values.size;
  }

  /** Copies a scalar; the caller keeps it. A full ring must be drained first. */
  push(value: Tensor): void {
    run(
      copy,
      { source: value, target_: this.#values },
      {
        rank: 0,
        shape: words([], 1),
        stride_from: words([], 0),
        stride_to: words([], 0),
        n: 1,
        offset_from: 0,
        offset_to: this.#count++,
      },
    );
  }

  /** Reads what was gathered, in order, and starts afresh. */
  async drain(): Promise<number[]> {
    const count = this.#count;
    this.#count = 0;
    return count === 0 ? [] : Array.from((await this.#values.data()).subarray(0, count));
  }

  dispose(): void {
    this.#values.dispose();
  }
}
