import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  bucketBatches,
  fixedBatches,
  hostArray,
  padSequences,
  padTargets,
  padVectors,
} from '../../src/data/index';
import type { Batches, HostArray } from '../../src/data/index';
import { ArgumentError, DataError, Random, ShapeError } from '../../src/index';

const values = ({ data }: HostArray): number[] => [...data];

describe('padSequences', () => {
  test('rows side by side, time-major', () => {
    const { ids, lengths, mask } = padSequences([[5, 6, 7], [8]], { padding: -100 });
    expect(ids.shape).toEqual([3, 2]);
    expect(ids.data).toBeInstanceOf(Int32Array);
    expect(values(ids)).toEqual([5, 8, 6, -100, 7, -100]);
    expect(lengths).toEqual({ shape: [2], data: Int32Array.of(3, 1) });
    expect(mask).toEqual({ shape: [3, 2], data: Float32Array.of(1, 1, 1, 0, 1, 0) });
  });

  test('time and minLength', () => {
    const { ids, lengths } = padSequences([[1], []], { padding: 0, time: 2, minLength: 0 });
    expect(ids.shape).toEqual([2, 2]);
    expect(values(ids)).toEqual([1, 0, 0, 0]);
    expect(values(lengths)).toEqual([1, 0]);
  });

  test.each<[RegExp, typeof DataError | typeof ArgumentError, () => unknown]>([
    [/rows is empty; give one/, DataError, () => padSequences([], { padding: 0 })],
    [
      /row 1 has 0 steps of at least 1; leave it out/,
      DataError,
      () => padSequences([[1], []], { padding: 0 }),
    ],
    [
      /row 1 has 3 steps, more than time = 2; cut it/,
      DataError,
      () => padSequences([[1], [1, 2, 3]], { padding: 0, time: 2 }),
    ],
    [
      /row 0 holds 1.5 at position 1; an id is an integer/,
      DataError,
      () => padSequences([[1, 1.5]], { padding: 0 }),
    ],
    [/padding = 0.5; an i32/, ArgumentError, () => padSequences([[1]], { padding: 0.5 })],
    [/time = -1; an integer/, ArgumentError, () => padSequences([[1]], { padding: 0, time: -1 })],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});

describe('padTargets', () => {
  const marks = { begin: 2, end: 3, padding: 0 };

  test('what a decoder is given, and what it is to say, a step apart', () => {
    const { target, labels } = padTargets([[5, 6, 7], [8], []], marks);
    expect(target.shape).toEqual([4, 3]);
    expect(values(target)).toEqual([2, 2, 2, 5, 8, 0, 6, 0, 0, 7, 0, 0]);
    expect(labels.shape).toEqual([4, 3]);
    expect(values(labels)).toEqual([5, 8, 3, 6, 3, -100, 7, -100, -100, 3, -100, -100]);
    expect(padTargets([[5]], { ...marks, time: 4 }).target.shape).toEqual([4, 1]);
  });

  test.each<[RegExp, typeof DataError | typeof ArgumentError, () => unknown]>([
    [/padTargets: rows is empty; give one/, DataError, () => padTargets([], marks)],
    [
      /padTargets: rows = undefined; a list is needed/,
      ArgumentError,
      () => padTargets(undefined as unknown as number[][], marks),
    ],
    [
      /padTargets: row 1 has 2 steps and an end mark, 3 in all, more than time = 2; cut it/,
      DataError,
      () => padTargets([[5], [5, 6]], { ...marks, time: 2 }),
    ],
    [/padTargets: row 0 holds 1.5 at position 1/, DataError, () => padTargets([[5, 1.5]], marks)],
    [
      /padTargets: end = undefined; an i32/,
      ArgumentError,
      () => padTargets([[5]], { begin: 2, padding: 0 } as never),
    ],
    [/padTargets: begin = 0.5/, ArgumentError, () => padTargets([[5]], { ...marks, begin: 0.5 })],
    [
      /padTargets: padding = NaN/,
      ArgumentError,
      () => padTargets([[5]], { ...marks, padding: NaN }),
    ],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});

describe('padVectors', () => {
  test('rows side by side, time-major', () => {
    const rows = [[[1, 2]], [[3, 4], Float32Array.of(5, 6)]];
    const { values: made, lengths, mask } = padVectors(rows);
    expect(made).toEqual({ shape: [2, 2, 2], data: Float32Array.of(1, 2, 3, 4, 0, 0, 5, 6) });
    expect(values(lengths)).toEqual([1, 2]);
    expect(values(mask)).toEqual([1, 1, 0, 1]);
    expect(values(padVectors(rows, { padding: -1, time: 3 }).values).slice(8)).toEqual([
      -1, -1, -1, -1,
    ]);
  });

  test('refuses ragged vectors and NaN', () => {
    expect(() => padVectors([[[1, 2]], [[3, 4], [5]]])).toThrow(
      /row 1 has 1 numbers at step 1, where the first vector has 2/,
    );
    expect(() => padVectors([[[1, NaN]]])).toThrow(/row 0 holds NaN at step 0/);
  });
});

test('hostArray', () => {
  expect(hostArray([1, 2], 'i32')).toEqual({ shape: [2], data: Int32Array.of(1, 2) });
  expect(hostArray([1, 2], 'f32', [2, 1])).toEqual({ shape: [2, 1], data: Float32Array.of(1, 2) });
  expect(() => hostArray([1, 2], 'f32', [3])).toThrow(ShapeError);
  expect(() => hostArray([1, 0.5], 'i32')).toThrow(/0.5 at position 1 is no i32/);
});

/** The examples of each batch of an epoch. */
function numbersOf(batches: Batches, epoch: number): number[][] {
  return Array.from({ length: batches.perEpoch }, (_, i) => values(batches.batch(epoch, i).number));
}

describe('fixedBatches', () => {
  const examples = Array.from({ length: 10 }, (_, i) => i);
  const collate = (some: readonly number[]) => ({ number: hostArray(some, 'i32') });

  test('every example once an epoch, in another order each time', () => {
    const batches = fixedBatches(examples, { batchSize: 4, seed: 3, collate });
    expect(batches.perEpoch).toBe(3);
    const epochs = [0, 1, 2].map((epoch) => numbersOf(batches, epoch));
    for (const epoch of epochs) {
      expect(epoch.flat().sort((a, b) => a - b)).toEqual(examples);
      expect(epoch.map(({ length }) => length).sort()).toEqual([2, 4, 4]);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
    expect(numbersOf(fixedBatches(examples, { batchSize: 4, seed: 4, collate }), 0)).not.toEqual(
      epochs[0],
    );
    expect(batches.examples(1, 2)).toEqual(values(batches.batch(1, 2).number));
  });

  test('in order, and full batches alone', () => {
    const options = { batchSize: 4, shuffle: false, collate };
    const inOrder = [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ];
    expect(numbersOf(fixedBatches(examples, options), 5)).toEqual([...inOrder, [8, 9]]);
    expect(numbersOf(fixedBatches(examples, { ...options, dropLast: true }), 0)).toEqual(inOrder);
  });

  test('dropLast leaves out others in each epoch', () => {
    const batches = fixedBatches(examples, { batchSize: 4, dropLast: true, collate });
    const seen = new Set([0, 1, 2, 3, 4].flatMap((epoch) => numbersOf(batches, epoch).flat()));
    expect(seen.size).toBe(10);
  });

  test.each<[RegExp, typeof DataError | typeof ArgumentError, () => unknown]>([
    [/examples is empty/, DataError, () => fixedBatches([], { batchSize: 1, collate })],
    [
      /batchSize = 0; an integer/,
      ArgumentError,
      () => fixedBatches([1], { batchSize: 0, collate }),
    ],
    [
      /3 examples fill no batch of 4/,
      DataError,
      () => fixedBatches([1, 2, 3], { batchSize: 4, dropLast: true, collate }),
    ],
    [
      /index = 1; an epoch has 1 batches/,
      ArgumentError,
      () => fixedBatches([1], { batchSize: 1, collate }).batch(0, 1),
    ],
    [
      /epoch = -1; an integer from 0/,
      ArgumentError,
      () => fixedBatches([1], { batchSize: 1, collate }).batch(-1, 0),
    ],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});

interface Pair {
  readonly number: number;
  readonly lengths: readonly number[];
}

/** Batches that hold the numbers of their examples, and what they are padded to. */
function bucketed(all: readonly (readonly number[])[], batchSize: number, maxShapes: number) {
  return bucketBatches<Pair, { number: HostArray; padded: HostArray }>(
    all.map((lengths, number) => ({ number, lengths })),
    {
      batchSize,
      maxShapes,
      seed: 7,
      lengthOf: ({ lengths }) => lengths,
      collate: (examples, lengths) => ({
        number: hostArray(
          examples.map(({ number }) => number),
          'i32',
        ),
        padded: hostArray(lengths, 'i32'),
      }),
    },
  );
}

/** The shapes of an epoch's batches, sorted. */
function shapesOf(batches: ReturnType<typeof bucketed>, epoch: number): string[] {
  return Array.from({ length: batches.perEpoch }, (_, i) => {
    const { number, padded } = batches.batch(epoch, i);
    return [...padded.data, ...number.shape].join();
  }).sort();
}

describe('bucketBatches', () => {
  const length = fc.integer({ min: 1, max: 30 });
  const rows = fc.integer({ min: 1, max: 2 }).chain((dims) =>
    fc.array(fc.array(length, { minLength: dims, maxLength: dims }), {
      minLength: 1,
      maxLength: 80,
    }),
  );
  const sizes = [fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 6 })] as const;

  test('every example once an epoch, padded enough, in the same few shapes', () => {
    fc.assert(
      fc.property(rows, ...sizes, fc.nat(50), (all, batchSize, maxShapes, epoch) => {
        const batches = bucketed(all, batchSize, maxShapes);
        expect(batches.perEpoch).toBe(Math.ceil(all.length / batchSize));
        const seen: number[] = [];
        for (let i = 0; i < batches.perEpoch; i++) {
          const { number, padded } = batches.batch(epoch, i);
          seen.push(...number.data);
          for (const n of number.data) {
            for (const [d, l] of all[n].entries()) expect(padded.data[d]).toBeGreaterThanOrEqual(l);
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual([...all.keys()]);
        const shapes = shapesOf(batches, epoch);
        expect(shapes).toEqual(shapesOf(batches, epoch + 1));
        const short = all.length % batchSize > 0 && all.length > batchSize;
        expect(new Set(shapes).size).toBeLessThanOrEqual(Math.max(maxShapes, 1 + Number(short)));
      }),
    );
  });

  test('a batch is found without those before it', () => {
    fc.assert(
      fc.property(rows, ...sizes, (all, batchSize, maxShapes) => {
        const batches = bucketed(all, batchSize, maxShapes);
        const goingOn = [0, 1, 2].map((epoch) => numbersOf(batches, epoch));
        const resumed = bucketed(all, batchSize, maxShapes);
        for (const [epoch, index] of [
          [2, batches.perEpoch - 1],
          [0, 0],
          [1, Math.floor(batches.perEpoch / 2)],
        ]) {
          expect(values(resumed.batch(epoch, index).number)).toEqual(goingOn[epoch][index]);
        }
      }),
    );
  });

  test('dropLast leaves out others in each epoch', () => {
    const batches = bucketBatches([1, 2, 3, 4, 5, 6, 7, 8, 9], {
      batchSize: 4,
      dropLast: true,
      lengthOf: (length) => length,
      collate: (lengths) => ({ number: hostArray(lengths, 'i32') }),
    });
    expect(batches.shapes).toEqual([
      { lengths: [4], size: 4, batches: 1 },
      { lengths: [9], size: 4, batches: 1 },
    ]);
    const seen = Array.from({ length: 20 }, (_, epoch) => numbersOf(batches, epoch).flat());
    expect(new Set(seen.map(({ length }) => length))).toEqual(new Set([8]));
    expect(new Set(seen.flat()).size).toBe(9);
  });

  test('shapes and waste tell of an epoch', () => {
    const batches = bucketed([[1], [9], [2], [10], [1]], 2, 3);
    expect(batches.shapes).toEqual([
      { lengths: [1], size: 2, batches: 1 },
      { lengths: [10], size: 2, batches: 1 },
      { lengths: [10], size: 1, batches: 1 },
    ]);
    // Sorted: 1 1 | 2 9 10; the second group in batches of two and one.
    expect(batches.waste).toBeCloseTo(1 - 23 / 32, 12);
  });

  test('words and their sounds waste at most 15 % of their steps', () => {
    // Lengths as those of an English pronouncing dictionary: letters 7.7, sounds 6.4, about.
    const random = new Random(11);
    const all = Array.from({ length: 20_000 }, () => {
      const letters = Math.max(2, Math.round(7.7 + 2.4 * random.normal()));
      return [letters, Math.max(1, Math.round(0.84 * letters + random.normal()))];
    });
    const batches = bucketed(all, 256, 16);
    expect(batches.waste).toBeLessThan(0.15);
    let [steps, padded] = [0, 0];
    for (let i = 0; i < batches.perEpoch; i++) {
      const { number, padded: lengths } = batches.batch(0, i);
      for (const n of number.data) steps += all[n][0] + all[n][1];
      padded += number.data.length * (lengths.data[0] + lengths.data[1]);
    }
    expect(batches.waste).toBeCloseTo(1 - steps / padded, 12);
    expect(bucketed(all, 256, 1).waste).toBeGreaterThan(0.5);
  });

  test.each<[RegExp, typeof DataError | typeof ArgumentError, () => unknown]>([
    [/examples is empty/, DataError, () => bucketed([], 2, 2)],
    [/example 1 has length 0; lengths go from 1:/, DataError, () => bucketed([[1], [0]], 2, 2)],
    [/lengthOf gives 2 lengths for example 1/, ArgumentError, () => bucketed([[1], [1, 2]], 2, 2)],
    [/lengthOf gives no length/, ArgumentError, () => bucketed([[]], 2, 2)],
    [/maxShapes = 0; an integer from 1/, ArgumentError, () => bucketed([[1]], 2, 0)],
    [
      /example 0 has length 5; lengths go from 1 to maxLength = 4/,
      DataError,
      () =>
        bucketBatches(['abcde'], {
          batchSize: 1,
          lengthOf: (text) => text.length,
          maxLength: 4,
          collate: () => ({}),
        }),
    ],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
