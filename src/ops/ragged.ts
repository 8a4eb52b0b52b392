import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { constantIds } from '../tensor/constant';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';

/** Rows of a ragged batch, for a scan in one direction. */
export interface Direction extends Readonly<Record<string, Tensor>> {
  /** [rows]: where each row has its state before; behind all rows, where there is none. */
  readonly previous: Tensor;
  /** [batch]: where each sequence has its last state. */
  readonly last: Tensor;
  /** [sequences that have a step]: the row that each begins with. */
  readonly first: Tensor;
}

/**
 * Where the steps of sequences of different lengths lie, packed without padding, the longest sequence
 * first: step t has the rows of all sequences that are longer than t. PyTorch's PackedSequence has them
 * in this order.
 */
export class RaggedBatch {
  /** Sequences at each step: falling, and at least 1. */
  readonly batchSizes: readonly number[];
  /** Sequences, those without a step included, which come last. */
  readonly batch: number;
  /** Steps of the longest sequence. */
  readonly time: number;
  /** Steps of all sequences together. */
  readonly rows: number;
  /** i32 of [time + 1]: where the rows of each step begin. @internal */
  readonly table: Tensor;
  /** @internal */
  readonly forward: Direction;
  /** @internal */
  readonly reverse: Direction;

  /**
   * @param batch sequences, empty ones included.
   * @throws ArgumentError unless the sizes are whole numbers from 1 to `batch` that do not grow.
   */
  constructor(device: Device, batchSizes: readonly number[], batch: number) {
    checkDevice('RaggedBatch', device);
    checkSizes(batchSizes, batch);
    this.batchSizes = [...batchSizes];
    this.batch = batch;
    const begins = [0];
    for (const size of batchSizes) begins.push(begins.at(-1)! + size);
    const rows = begins.at(-1)!;
    this.rows = rows;
    const time = batchSizes.length;
    this.time = time;
    const lengths = Array.from(
      { length: batch },
      (_, r) => batchSizes.findLastIndex((size) => size > r) + 1,
    );
    const ids = (values: readonly number[]) => constantIds(device, values, [values.length]);
    const directed = (reverse: boolean): Direction => {
      const previous: number[] = [];
      for (let t = 0; t < time; t++) {
        const before = reverse ? t + 1 : t - 1;
        for (let r = 0; r < batchSizes[t]; r++) {
          const exists = before >= 0 && before < time && r < batchSizes[before];
          previous.push(exists ? begins[before] + r : rows + r);
        }
      }
      const begun = lengths.filter((length) => length > 0);
      const ends = (last: boolean) => (length: number, r: number) =>
        length === 0 ? rows + r : begins[last ? length - 1 : 0] + r;
      return {
        previous: ids(previous),
        last: ids(lengths.map(ends(!reverse))),
        first: ids(begun.map(ends(reverse))),
      };
    };
    this.table = ids(begins);
    this.forward = directed(false);
    this.reverse = directed(true);
  }

  /** Rows of the first step. @internal */
  get firstRows(): number {
    return this.batchSizes[0];
  }

  /** Frees the lists of places on the device. */
  dispose(): void {
    for (const ids of [
      this.table,
      ...Object.values(this.forward),
      ...Object.values(this.reverse),
    ]) {
      ids.dispose();
    }
  }
}

function checkSizes(batchSizes: readonly number[], batch: number): void {
  const given: unknown = batchSizes;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ArgumentError(
      `RaggedBatch: batchSizes = ${describeValue(given)}; a list with the sequences at each step is needed`,
    );
  }
  let most = batch;
  for (const [t, size] of batchSizes.entries()) {
    if (Number.isInteger(size) && size >= 1 && size <= most) {
      most = size;
      continue;
    }
    throw new ArgumentError(
      `RaggedBatch: batchSizes[${t}] = ${describeValue(size)}; a whole number from 1 to ${most} is needed`,
    );
  }
}
