import type { Batch, Batches } from './batch';
import { divideByLength, paddedSteps } from './buckets';
import type { Lengths } from './buckets';
import { requireCount, requireSome } from './check';
import { Epochs } from './epochs';
import type { EpochOptions, Group } from './epochs';
import { ArgumentError, DataError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `fixedBatches` and `bucketBatches` both take. */
export interface BatchOptions {
  /** Examples in a batch. */
  batchSize: number;
  /** Decides the order; its low 32 bits count; 0 when left out. */
  seed?: number;
  /** Another order in each epoch; true when left out. False, for held-out data, keeps one order. */
  shuffle?: boolean;
  /** Leaves out the batch with fewer examples than the others; false when left out. */
  dropLast?: boolean;
}

/** What `fixedBatches` takes. */
export interface FixedBatchesOptions<E, B extends Batch> extends BatchOptions {
  /** Makes the arrays of these examples. */
  collate: (examples: readonly E[]) => B;
}

/** What `bucketBatches` takes. */
export interface BucketBatchesOptions<E, B extends Batch> extends BatchOptions {
  /** The steps of an example, or a list where it has several sequences, as an input and an output. */
  lengthOf: (example: E) => number | readonly number[];
  /** Makes the arrays of these examples, padded to `lengths`, one for each that `lengthOf` gives. */
  collate: (examples: readonly E[], lengths: readonly number[]) => B;
  /** Distinct shapes at most; 16 when left out. Each costs a recording once; fewer waste more steps. */
  maxShapes?: number;
  /** Longer examples are refused; none when left out. */
  maxLength?: number;
}

const BATCH_OPTIONS: OptionNames<BatchOptions> = {
  batchSize: true,
  seed: true,
  shuffle: 'boolean',
  dropLast: 'boolean',
};

const FIXED_OPTIONS: OptionNames<FixedBatchesOptions<unknown, Batch>> = {
  ...BATCH_OPTIONS,
  collate: true,
};

const BUCKET_OPTIONS: OptionNames<BucketBatchesOptions<unknown, Batch>> = {
  ...FIXED_OPTIONS,
  lengthOf: true,
  maxShapes: true,
  maxLength: true,
};

/** Batches that also tell which examples they hold. */
export interface ExampleBatches<E, B extends Batch> extends Batches<B> {
  /** The examples of a batch, in the order of its columns. */
  examples(epoch: number, index: number): readonly E[];
}

/** Batches of examples of similar length. */
export interface BucketBatches<E, B extends Batch> extends ExampleBatches<E, B> {
  /** What batches are padded to, how many examples they have, and how many such an epoch has. */
  readonly shapes: readonly BatchShape[];
  /** The share of padding in the steps of all examples, of all their lengths, in [0, 1). */
  readonly waste: number;
}

/** Batches of one shape: the lengths that they are padded to, their examples, and how many an epoch has. */
export interface BatchShape {
  /** What the sequences of an example are padded to, in steps: one number for each that `lengthOf` gives. */
  readonly lengths: readonly number[];
  /** Examples in a batch. */
  readonly size: number;
  /** Batches of this shape in an epoch. */
  readonly batches: number;
}

/**
 * Batches of examples of one shape, in an order by (seed, epoch). Every example comes once an epoch. Where
 * `batchSize` does not divide their number, one batch has fewer.
 *
 * @throws DataError when there are no examples, or `dropLast` leaves none.
 * @throws ArgumentError for a batch size that is no positive integer.
 *
 * @example
 * ```ts
 * import { fixedBatches, hostArray } from 'lethe/data';
 *
 * const examples = [{ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }];
 * const batches = fixedBatches(examples, {
 *   batchSize: 2,
 *   seed: 1,
 *   collate: (batch) => ({ x: hostArray(batch.map(({ x }) => x), 'f32', [batch.length, 1]) }),
 * });
 * console.log(batches.perEpoch, batches.batch(0, 0).x.shape); // 2 [ 2, 1 ]
 * ```
 */
export function fixedBatches<E, B extends Batch>(
  examples: readonly E[],
  options: FixedBatchesOptions<E, B>,
): ExampleBatches<E, B> {
  checkOptions('fixedBatches', options, FIXED_OPTIONS);
  const order = epochOptions('fixedBatches', examples, options);
  const members = Int32Array.from(examples, (_, i) => i);
  return batchesOf(
    'fixedBatches',
    examples,
    new Epochs([{ members, lengths: [] }], order),
    options,
  );
}

/**
 * Batches of examples of similar lengths, so that little is padded, in few distinct shapes, as a training
 * step is compiled and recorded once a shape. Examples are sorted by length and cut at multiples of
 * `batchSize` into groups; each epoch shuffles within the groups, and the order of all batches, by
 * (seed, epoch). So every epoch has the same shapes as often, and every example comes once an epoch.
 *
 * All batches are full but at most one, the last of one group, which has fewer examples: examples made up
 * to fill it would have to be kept out of every mean, softmax and metric.
 *
 * @throws DataError when there are no examples, when `dropLast` leaves none, and for an example without
 *   steps or with more than `maxLength`; the message gives its number.
 * @throws ArgumentError for an option out of range.
 * @example
 * ```ts
 * import { bucketBatches, padSequences } from 'lethe/data';
 *
 * const rows = [[1, 2], [3], [4, 5, 6], [7]];
 * const batches = bucketBatches(rows, {
 *   batchSize: 2,
 *   lengthOf: (row) => row.length,
 *   collate: (some, [time]) => ({ ...padSequences(some, { padding: 0, time }) }),
 * });
 * console.log(batches.perEpoch, batches.batch(0, 0).ids.shape[1]); // 2 2
 * ```
 */
export function bucketBatches<E, B extends Batch>(
  examples: readonly E[],
  options: BucketBatchesOptions<E, B>,
): BucketBatches<E, B> {
  const owner = 'bucketBatches';
  checkOptions(owner, options, BUCKET_OPTIONS);
  const order = epochOptions(owner, examples, options);
  const { maxShapes = 16 } = options;
  requireCount(owner, 'maxShapes', maxShapes);
  const { batchSize, dropLast } = order;
  const lengths = lengthsOf(examples, options);
  const short = examples.length % batchSize > 0 && !dropLast && examples.length > batchSize;
  const groups = divideByLength(lengths, order, Math.max(1, maxShapes - Number(short)));
  const padded = groups.reduce((total, group) => total + paddedSteps(group), 0);
  const steps = lengths.values.reduce((total, length) => total + length, 0);
  return {
    ...batchesOf(owner, examples, new Epochs(groups, order), options),
    shapes: groups.flatMap((group) => shapesOf(group, order)),
    waste: 1 - steps / padded,
  };
}

function shapesOf(
  { members, lengths }: Group,
  { batchSize, dropLast }: EpochOptions,
): readonly BatchShape[] {
  const batches = Math.floor(members.length / batchSize);
  const rest = members.length % batchSize;
  return [
    { lengths, size: batchSize, batches },
    { lengths, size: rest, batches: Number(rest > 0 && !dropLast) },
  ].filter((shape) => shape.batches > 0);
}

function batchesOf<E, B extends Batch>(
  owner: string,
  all: readonly E[],
  epochs: Epochs,
  { collate }: { collate: (examples: readonly E[], lengths: readonly number[]) => B },
): ExampleBatches<E, B> {
  const pick = (members: Int32Array): E[] => Array.from(members, (i) => all[i]);
  return {
    perEpoch: epochs.perEpoch,
    examples: (epoch, index) => pick(epochs.at(owner, epoch, index).members),
    batch: (epoch, index) => {
      const { members, lengths } = epochs.at(owner, epoch, index);
      return collate(pick(members), lengths);
    },
  };
}

function epochOptions(
  owner: string,
  examples: readonly unknown[],
  { batchSize, seed = 0, shuffle = true, dropLast = false }: BatchOptions,
): EpochOptions {
  requireSome(owner, 'examples', examples);
  requireCount(owner, 'batchSize', batchSize);
  requireCount(owner, 'seed', seed, 0);
  if (dropLast && examples.length < batchSize) {
    throw new DataError(
      `${owner}: ${examples.length} examples fill no batch of ${batchSize}, and dropLast leaves out ` +
        'others; use a smaller batchSize',
    );
  }
  return { batchSize, seed, shuffle, dropLast };
}

function lengthsOf<E>(
  examples: readonly E[],
  { lengthOf, maxLength = Infinity }: BucketBatchesOptions<E, Batch>,
): Lengths {
  const all = examples.map((example) => [lengthOf(example)].flat());
  const dims = all[0].length;
  if (dims === 0) throw new ArgumentError('bucketBatches: lengthOf gives no length; one is needed');
  for (const [i, lengths] of all.entries()) {
    if (lengths.length !== dims) {
      throw new ArgumentError(
        `bucketBatches: lengthOf gives ${lengths.length} lengths for example ${i}, and ${dims} for the first`,
      );
    }
    for (const length of lengths) {
      if (Number.isSafeInteger(length) && length >= 1 && length <= maxLength) continue;
      const most = maxLength === Infinity ? '' : ` to maxLength = ${maxLength}`;
      throw new DataError(
        `bucketBatches: example ${i} has length ${length}; lengths go from 1${most}: cut the example, ` +
          'or leave it out',
      );
    }
  }
  return { values: Int32Array.from(all.flat()), dims };
}
