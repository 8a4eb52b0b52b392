import { ringPush } from '../kernels/ring_push';
import { run } from '../ops/common';
import type { Device } from '../tensor/device';
import { disown } from '../tensor/scope';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/** Scalars gathered on the device, so that many steps cost one read. */
export class LossRing {
  readonly #values: Tensor;
  /** The place of the next value, on the device. */
  readonly #counter: Tensor;
  /** The place of the first value not read yet. */
  #first = 0;
  #count = 0;

  constructor(device: Device, capacity: number) {
    this.#values = zeros(device, [capacity]);
    this.#counter = zeros(device, [1], { dtype: 'u32' });
    disown(this.#values);
    disown(this.#counter);
  }

  get full(): boolean {
    return this.#count === this.#values.size;
  }

  /** Copies a scalar; the caller keeps it. A full ring must be drained first. */
  push(value: Tensor): void {
    this.copy(value);
    this.note();
  }

  /** The device's part of `push`, which a recording repeats. */
  copy(value: Tensor): void {
    run(
      ringPush,
      { value, counter: this.#counter, ring: this.#values },
      { capacity: this.#values.size },
    );
  }

  /** The host's part of `push`. */
  note(): void {
    this.#count++;
  }

  /** Reads what was gathered, in order, and starts afresh. */
  async drain(): Promise<number[]> {
    const [first, count, capacity] = [this.#first, this.#count, this.#values.size];
    this.#first = (first + count) % capacity;
    this.#count = 0;
    if (count === 0) return [];
    const values = await this.#values.data();
    return Array.from({ length: count }, (_, i) => values[(first + i) % capacity]);
  }

  dispose(): void {
    this.#values.dispose();
    this.#counter.dispose();
  }
}
