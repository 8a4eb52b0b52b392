import { ArgumentError, ShapeError } from '../errors';
import { describeValue } from '../options';

/** The order of sequences of different lengths without padding: the longest first, all their first steps, ... */
export interface Packing {
  /** How many sequences have each step: falling, from 1. */
  readonly batchSizes: readonly number[];
  /** The sequences by length, the longest first; left out where they are in that order. */
  readonly sortedIndices?: readonly number[] | undefined;
  /** Where each sequence is in that order. */
  readonly unsortedIndices?: readonly number[] | undefined;
}

/**
 * Lengths of sequences, as a list of numbers.
 *
 * @param batch how many there must be.
 * @param time the most that one may be.
 * @param least the least.
 * @throws ArgumentError for what is no list, or a length that is none; ShapeError for another count.
 */
export function checkLengths(
  owner: string,
  lengths: ArrayLike<number>,
  batch: number,
  time: number,
  least: 0 | 1,
): number[] {
  const given: unknown = lengths;
  if (!Array.isArray(given) && !ArrayBuffer.isView(given)) {
    throw new ArgumentError(
      `${owner}: lengths = ${describeValue(given)}; a list of numbers is needed, one for each sequence`,
    );
  }
  const list = Array.from(lengths);
  if (list.length !== batch) {
    throw new ShapeError(
      `${owner}: ${list.length} lengths for a batch of ${batch}; one for each sequence is needed`,
    );
  }
  list.forEach((length, i) => {
    if (Number.isInteger(length) && length >= least && length <= time) return;
    const hint = length === 0 ? '; forward(x, state, { lengths }) of a layer takes empty ones' : '';
    throw new ArgumentError(
      `${owner}: lengths[${i}] = ${describeValue(length)}; an integer from ${least} to the ${time} ` +
        `steps of x is needed${hint}`,
    );
  });
  return list;
}

/** How sequences of these lengths are packed; those of length 0 come last, and have no step. */
export function packingOf(lengths: readonly number[]): Packing {
  const order = [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a] || a - b);
  const longest = lengths.length > 0 ? lengths[order[0]] : 0;
  const batchSizes = Array.from(
    { length: longest },
    (_, t) => lengths.filter((length) => length > t).length,
  );
  if (order.every((sequence, i) => sequence === i)) return { batchSizes };
  return { batchSizes, sortedIndices: order, unsortedIndices: inverse(order) };
}

/** The permutation that undoes another. */
export function inverse(order: readonly number[]): number[] {
  const back = new Array<number>(order.length);
  order.forEach((sequence, i) => (back[sequence] = i));
  return back;
}

/** Lengths of the sequences in their own order. */
export function lengthsOf({ batchSizes, unsortedIndices }: Packing, batch: number): number[] {
  return Array.from({ length: batch }, (_, sequence) => {
    const row = unsortedIndices?.[sequence] ?? sequence;
    return batchSizes.filter((size) => size > row).length;
  });
}

/** Of a padded batch: sizes, and the order of its first two dimensions. */
export interface Padded {
  readonly time: number;
  readonly batch: number;
  readonly batchFirst: boolean;
}

/** A number for each place of a padded batch, row-major. */
export function forPlaces(
  { time, batch, batchFirst }: Padded,
  value: (t: number, sequence: number) => number,
): number[] {
  const inner = batchFirst ? time : batch;
  return Array.from({ length: time * batch }, (_, i) => {
    const [outer, rest] = [Math.floor(i / inner), i % inner];
    return batchFirst ? value(rest, outer) : value(outer, rest);
  });
}

/** For each packed row, its row of the padded batch, whose first two dimensions are taken as one. */
export function packedRows(
  { batchSizes, sortedIndices }: Packing,
  { time, batch, batchFirst }: Padded,
): number[] {
  return batchSizes.flatMap((size, t) =>
    Array.from({ length: size }, (_, row) => {
      const sequence = sortedIndices?.[row] ?? row;
      return batchFirst ? sequence * time + t : t * batch + sequence;
    }),
  );
}

/** The way back: for each row of the padded batch its packed row, -1 where there is none. */
export function paddedRows(packing: Packing, padded: Padded): number[] {
  const back = new Array<number>(padded.time * padded.batch).fill(-1);
  packedRows(packing, padded).forEach((row, i) => (back[row] = i));
  return back;
}
