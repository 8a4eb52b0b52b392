import { ArgumentError, ShapeError } from '../errors';
import { checkFloats } from '../ops/common';
import { arrangeRows } from '../ops/indexing';
import { cat, reshape } from '../ops/movement';
import { add } from '../ops/pointwise';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope, TENSORS } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import { checkTensor, tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import {
  checkLengths,
  forPlaces,
  inverse,
  lengthsOf,
  packedRows,
  packingOf,
  paddedRows,
} from './packing';
import type { Packing, Padded } from './packing';

/**
 * Sequences of different lengths without padding, as PyTorch's PackedSequence: the longest first, the
 * first steps of all, then the second ones of those that have one, and so on. Make it by
 * `packPaddedSequence`; recurrent layers take it, and give another.
 */
export class PackedSequence implements Packing {
  /** [rows, ...], a row for each step of each sequence. */
  readonly data: Tensor;
  readonly batchSizes: readonly number[];
  readonly sortedIndices: readonly number[] | undefined;
  readonly unsortedIndices: readonly number[] | undefined;

  /**
   * @param batchSizes how many sequences have each step.
   * @param sortedIndices the sequences by length, the longest first; where it is left out they are in
   *   that order already, and so are the states of a layer.
   * @throws ShapeError or ArgumentError naming what does not fit.
   */
  constructor(
    data: Tensor,
    batchSizes: readonly number[],
    sortedIndices?: readonly number[],
    unsortedIndices?: readonly number[],
  ) {
    checkTensor('PackedSequence', 'data', data);
    checkBatchSizes(batchSizes, data);
    const [batch] = batchSizes;
    if (sortedIndices) checkOrder('sortedIndices', sortedIndices, batch);
    if (unsortedIndices) checkOrder('unsortedIndices', unsortedIndices, batch);
    this.data = data;
    this.batchSizes = [...batchSizes];
    this.sortedIndices = sortedIndices ?? (unsortedIndices && inverse(unsortedIndices));
    this.unsortedIndices = unsortedIndices ?? (sortedIndices && inverse(sortedIndices));
  }

  /** The same sequences with other values, a row for each. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** @internal */
  get [TENSORS](): Tensor {
    return this.data;
  }

  /** Frees the data. */
  dispose(): void {
    this.data.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkBatchSizes(batchSizes: readonly number[], { shape }: Tensor): void {
  const given: unknown = batchSizes;
  const falls =
    Array.isArray(given) &&
    given.length > 0 &&
    batchSizes.every(
      (size, t) => Number.isInteger(size) && size > 0 && size <= batchSizes[Math.max(t - 1, 0)],
    );
  if (!falls) {
    throw new ArgumentError(
      `PackedSequence: batchSizes = ${Array.isArray(given) ? `[${given.join(', ')}]` : describeValue(given)}; ` +
        'a list of integers from 1 that do not grow is needed, one for each step',
    );
  }
  const rows = batchSizes.reduce((sum, size) => sum + size, 0);
  if (shape[0] === rows) return;
  throw new ShapeError(
    `PackedSequence: data has shape ${formatShape(shape)}; [${rows}, ...] is needed, the sum of batchSizes`,
  );
}

function checkOrder(name: string, order: readonly number[], batch: number): void {
  const given: unknown = order;
  if (Array.isArray(given) && order.length === batch) {
    if ([...order].sort((a, b) => a - b).every((sequence, i) => sequence === i)) return;
  }
  throw new ArgumentError(
    `PackedSequence: ${name} = ${Array.isArray(given) ? `[${given.join(', ')}]` : describeValue(given)}; ` +
      `an order of the ${batch} sequences is needed`,
  );
}

/** What `packPaddedSequence` takes. */
export interface PackOptions {
  /** x is [batch, time, ...], instead of [time, batch, ...]. */
  batchFirst?: boolean;
  /** The lengths fall already, and another order is refused: true by default, as in PyTorch. */
  enforceSorted?: boolean;
}

const PACK_OPTIONS: OptionNames<PackOptions> = { batchFirst: 'boolean', enforceSorted: 'boolean' };

/**
 * A padded batch without its padding, differentiable.
 *
 * @param x [time, batch, ...].
 * @param lengths of the sequences, each from 1 to time.
 * @throws ArgumentError or ShapeError naming what does not fit.
 */
export function packPaddedSequence(
  x: Tensor,
  lengths: ArrayLike<number>,
  options: PackOptions = {},
): PackedSequence {
  const owner = 'packPaddedSequence';
  checkFloats(owner, { x });
  checkOptions(owner, options, PACK_OPTIONS);
  const { batchFirst = false, enforceSorted = true } = options;
  const padded = paddedShape(owner, x, batchFirst);
  const list = checkLengths(owner, lengths, padded.batch, padded.time, 1);
  if (padded.batch === 0) {
    throw new ShapeError(`${owner}: x has shape ${formatShape(x.shape)}; it has no sequence`);
  }
  const packing = packingOf(list);
  if (packing.sortedIndices && enforceSorted) {
    throw new ArgumentError(
      `${owner}: lengths = [${list.join(', ')}] do not fall; sort the sequences by length, the longest ` +
        'first, or give enforceSorted: false',
    );
  }
  // As PyTorch, which leaves them out where the caller says that the lengths fall.
  const order = enforceSorted ? undefined : (packing.sortedIndices ?? [...list.keys()]);
  return new PackedSequence(packRows(x, packing, padded), packing.batchSizes, order);
}

function paddedShape(owner: string, { shape }: Tensor, batchFirst: boolean): Padded {
  if (shape.length < 2) {
    throw new ShapeError(
      `${owner}: x has shape ${formatShape(shape)}; [${batchFirst ? 'batch, time' : 'time, batch'}, ...] ` +
        'is needed',
    );
  }
  const [time, batch] = batchFirst ? [shape[1], shape[0]] : shape;
  return { time, batch, batchFirst };
}

/** The rows of a padded batch in the order of a packing. */
export function packRows(x: Tensor, packing: Packing, padded: Padded): Tensor {
  return scope(() => {
    const ids = packedRows(packing, padded);
    const rows = reshape(x, [padded.time * padded.batch, ...x.shape.slice(2)]);
    return arrangeRows(rows, ids, [ids.length]);
  });
}

/** The way back: zeros where there is padding. */
export function padRows(data: Tensor, packing: Packing, padded: Padded): Tensor {
  return arrangeRows(data, paddedRows(packing, padded), placesOf(padded));
}

function placesOf({ time, batch, batchFirst }: Padded): [number, number] {
  return batchFirst ? [batch, time] : [time, batch];
}

/** What `padSequence` takes. */
export interface PadSequenceOptions {
  /** The result is [batch, time, ...], instead of [time, batch, ...]. */
  batchFirst?: boolean;
  /** What stands behind the end of a sequence; 0 by default. */
  paddingValue?: number;
}

/** What `padPackedSequence` takes. */
export interface PadPackedOptions extends PadSequenceOptions {
  /** Steps of the result; those of the longest sequence by default. */
  totalLength?: number;
}

const PAD_OPTIONS: OptionNames<PadSequenceOptions> = { batchFirst: 'boolean', paddingValue: true };
const PAD_PACKED_OPTIONS: OptionNames<PadPackedOptions> = { totalLength: true, ...PAD_OPTIONS };

/**
 * Packed sequences as a padded batch, differentiable: the inverse of `packPaddedSequence`.
 *
 * @returns [time, batch, ...], and the lengths of the sequences.
 * @throws ArgumentError for what is no packed sequence, or a total length below that of the longest.
 */
export function padPackedSequence(
  packed: PackedSequence,
  options: PadPackedOptions = {},
): [Tensor, number[]] {
  const owner = 'padPackedSequence';
  if (!(packed instanceof PackedSequence)) {
    throw new ArgumentError(
      `${owner}: packed = ${describeValue(packed)}; what packPaddedSequence gives is needed`,
    );
  }
  checkOptions(owner, options, PAD_PACKED_OPTIONS);
  const longest = packed.batchSizes.length;
  const { batchFirst = false, paddingValue = 0, totalLength: time = longest } = options;
  checkPadding(owner, paddingValue);
  if (!Number.isInteger(time) || time < longest) {
    throw new ArgumentError(
      `${owner}: totalLength = ${describeValue(time)}; an integer from ${longest} is needed, the longest ` +
        "sequence's length",
    );
  }
  const [batch] = packed.batchSizes;
  const lengths = lengthsOf(packed, batch);
  const padded = { time, batch, batchFirst };
  const x = scope(() =>
    withPadding(padRows(packed.data, packed, padded), lengths, padded, paddingValue),
  );
  return [x, lengths];
}

/**
 * Sequences of different lengths as a padded batch, differentiable.
 *
 * @param sequences [length, ...] each.
 * @returns [time, batch, ...], time being the longest length.
 * @throws ArgumentError for an empty list; ShapeError where all but the length is not equal.
 */
export function padSequence(
  sequences: readonly Tensor[],
  options: PadSequenceOptions = {},
): Tensor {
  const owner = 'padSequence';
  const given: unknown = sequences;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ArgumentError(
      `${owner}: sequences = ${describeValue(given)}; a list of tensors is needed, one at least`,
    );
  }
  checkOptions(owner, options, PAD_OPTIONS);
  const { batchFirst = false, paddingValue = 0 } = options;
  checkPadding(owner, paddingValue);
  checkFloats(
    owner,
    Object.fromEntries(sequences.map((sequence, i) => [`sequences[${i}]`, sequence])),
  );
  const [first] = sequences;
  for (const [i, { shape }] of sequences.entries()) {
    if (shape.length > 0 && sameShape(shape.slice(1), first.shape.slice(1))) continue;
    throw new ShapeError(
      `${owner}: sequences[${i}] has shape ${formatShape(shape)}, sequences[0] ` +
        `${formatShape(first.shape)}; [length, ...] is needed, equal but for the length`,
    );
  }
  const lengths = sequences.map(({ shape }) => shape[0]);
  const padded = { time: Math.max(...lengths), batch: lengths.length, batchFirst };
  let end = 0;
  const begins = lengths.map((length) => (end += length) - length);
  const ids = forPlaces(padded, (t, sequence) =>
    t < lengths[sequence] ? begins[sequence] + t : -1,
  );
  return scope(() => {
    const x = arrangeRows(cat(sequences), ids, placesOf(padded));
    return withPadding(x, lengths, padded, paddingValue);
  });
}

function checkPadding(owner: string, value: number): void {
  if (typeof value === 'number') return;
  throw new ArgumentError(`${owner}: paddingValue = ${describeValue(value)}; a number is needed`);
}

/** A padded batch, whose padding is of zeros, with another value there. */
function withPadding(x: Tensor, lengths: readonly number[], padded: Padded, value: number): Tensor {
  if (value === 0) return x;
  const padding = forPlaces(padded, (t, sequence) => (t < lengths[sequence] ? 0 : value));
  const shape = [...placesOf(padded), ...x.shape.slice(2).map(() => 1)];
  return add(x, tensor(x.device, padding, shape, { dtype: x.dtype }));
}
