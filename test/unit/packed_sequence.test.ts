/** Sequences without padding, as PyTorch packs them. */
import { describe, expect, test, vi } from 'vitest';

import {
  add,
  ArgumentError,
  backward,
  dispose,
  DTypeError,
  mul,
  noGrad,
  openDevice,
  Random,
  scope,
  ShapeError,
  sum,
  tensor,
  transpose,
} from '../../src/index';
import type { LetheError, Tensor } from '../../src/index';
import {
  LSTM,
  PackedSequence,
  packPaddedSequence,
  padPackedSequence,
  padSequence,
} from '../../src/nn/index';
import { expectClose } from '../setup/fixtures';
import { ARCHITECTURES, normalTensors, ROWS, thrown } from '../setup/nn_helpers';
import { RECURRENT_CASES } from '../setup/recurrent_fixtures';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
const f64 = { dtype: 'f64' } as const;
const normal = normalTensors(device);
const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];

/** x of [time, batch], each element 10 t + b. */
const numbered = (time: number, batch: number): Tensor =>
  tensor(
    device,
    Array.from({ length: time * batch }, (_, i) => 10 * Math.floor(i / batch) + (i % batch)),
    [time, batch],
    f64,
  );

describe('packPaddedSequence', () => {
  const packed = RECURRENT_CASES.filter(({ title }) =>
    title.startsWith('GRU numLayers=1 bias=true'),
  );

  test.each(packed.filter(({ lengths }) => lengths))(
    "$lengths: PyTorch's batch sizes and orders",
    async ({ lengths, packed, inputs }) => {
      const x = normal(inputs.x);
      const own = packPaddedSequence(x, lengths!, { enforceSorted: false });
      const { batchSizes, sortedIndices, unsortedIndices } = own;
      expect({ batchSizes, sortedIndices, unsortedIndices }).toEqual(packed);
      const rows = await values(x);
      const expected = batchSizes.flatMap((size, t) =>
        sortedIndices!.slice(0, size).flatMap((b) => {
          const at = (t * lengths!.length + b) * inputs.x[2];
          return rows.slice(at, at + inputs.x[2]);
        }),
      );
      expect(await values(own.data)).toEqual(expected);
    },
  );

  test('lengths that fall are the default, and leave the orders out', async () => {
    const packed = packPaddedSequence(numbered(3, 3), [3, 2, 2]);
    expect(await values(packed.data)).toEqual([0, 1, 2, 10, 11, 12, 20]);
    expect(packed.batchSizes).toEqual([3, 3, 1]);
    expect(packed.sortedIndices).toBeUndefined();
    expect(packed.unsortedIndices).toBeUndefined();
  });

  test('batch first, with further dimensions', async () => {
    const x = normal([3, 4, 2, 2]);
    const turned = scope(() => transpose(x, 0, 1));
    const options = { enforceSorted: false };
    const a = packPaddedSequence(x, [1, 4, 2], { batchFirst: true, ...options });
    const b = packPaddedSequence(turned, new Uint8Array([1, 4, 2]), options);
    expect(a.data.shape).toEqual([7, 2, 2]);
    expect(await values(a.data)).toEqual(await values(b.data));
  });
});

describe('padPackedSequence', () => {
  test.each([
    [[3, 2, 2], true],
    [[1, 3, 2], false],
    [[2, 1, 3], false],
  ])('of lengths %j gives back what was packed', async (lengths, enforceSorted) => {
    const x = numbered(4, 3);
    const packed = packPaddedSequence(x, lengths, { enforceSorted });
    const [padded, back] = padPackedSequence(packed);
    expect(back).toEqual(lengths);
    expect(padded.shape).toEqual([3, 3]);
    const expected = (time: number, padding: number) =>
      Array.from({ length: time * 3 }, (_, i) => {
        const [t, b] = [Math.floor(i / 3), i % 3];
        return t < lengths[b] ? 10 * t + b : padding;
      });
    expect(await values(padded)).toEqual(expected(3, 0));
    const [longer] = padPackedSequence(packed, { totalLength: 5, paddingValue: -1 });
    expect(await values(longer)).toEqual(expected(5, -1));
    const [endless] = padPackedSequence(packed, { paddingValue: -Infinity });
    expect(await values(endless)).toEqual(expected(3, -Infinity));
    const [first] = padPackedSequence(packed, { batchFirst: true, paddingValue: 7 });
    expect(await values(transpose(first, 0, 1))).toEqual(expected(3, 7));
  });

  test('the way there and back has a gradient', async () => {
    const before = device.memory().liveTensors;
    const x = normal([4, 3, 2], true);
    await expectGradients(
      (x) => {
        const packed = packPaddedSequence(x, [2, 4, 1], { enforceSorted: false });
        return padPackedSequence(packed, { paddingValue: 3 })[0];
      },
      [x],
    );
    dispose(x);
    expect(device.memory().liveTensors).toBe(before);
  });
});

describe('padSequence', () => {
  test.each([false, true])('batchFirst %s', async (batchFirst) => {
    const [a, b, c] = [[1, 2], [3], [4, 5, 6]].map((list) =>
      tensor(device, list, [list.length], f64),
    );
    const padded = padSequence([a, b, c], { batchFirst, paddingValue: 9 });
    const expected = [
      [1, 2, 9],
      [3, 9, 9],
      [4, 5, 6],
    ];
    expect(await values(padded)).toEqual(
      batchFirst ? expected.flat() : [0, 1, 2].flatMap((t) => expected.map((row) => row[t])),
    );
  });

  test('gradients, with further dimensions and one that is empty', async () => {
    const sequences = [normal([2, 3], true), normal([0, 3], true), normal([1, 3], true)];
    const y = padSequence(sequences);
    expect(y.shape).toEqual([2, 3, 3]);
    await expectGradients((...list) => padSequence(list), sequences);
  });
});

describe.each(ROWS)('$name takes packed sequences', ({ name, parts }) => {
  test.each([
    [[5, 3, 3, 1], true],
    [[2, 5, 1, 3], false],
  ])('%j: the numbers and gradients of the same by lengths', async (lengths, enforceSorted) => {
    const results: number[][][] = [];
    for (const packs of [true, false]) {
      const make = ARCHITECTURES[name].layer;
      const random = new Random(4);
      const options = { ...f64, numLayers: 2, bidirectional: true, random };
      const { module } = make(device, 3, 4, options);
      const make64 = normalTensors(device, 'f64', 5);
      const x = make64([5, 4, 3], true);
      const state = Array.from({ length: parts }, () => make64([4, 4, 4], true));
      const { output, state: last } = packs
        ? module.run(packPaddedSequence(x, lengths, { enforceSorted }), state)
        : module.run(x, state, { lengths });
      if (output instanceof PackedSequence) {
        expect(output.batchSizes).toEqual(
          packPaddedSequence(x, lengths, { enforceSorted }).batchSizes,
        );
      }
      const y = output instanceof PackedSequence ? padPackedSequence(output)[0] : output;
      const weights = normalTensors(device, 'f64', 6);
      const all = [y, ...last];
      const numbers = await Promise.all(all.map(values));
      const loss = all
        .map((part) => sum(mul(part, weights([...part.shape]))))
        .reduce((total, part) => add(total, part));
      backward(loss);
      const leaves = [x, ...state, ...module.parameters()];
      results.push([...numbers, ...(await Promise.all(leaves.map(({ grad }) => values(grad!))))]);
    }
    results[0].forEach((list, i) => expectClose(list, results[1][i], { atol: 1e-12, rtol: 1e-10 }));
  });
});

test('an LSTM gives packed sequences for packed ones; scopes and dispose know their data', async () => {
  const before = device.memory().liveTensors;
  const lstm = new LSTM(device, 3, 4, { ...f64, projSize: 2 });
  const parameters = device.memory().liveTensors - before;
  const x = normal([5, 2, 3]);
  const result = noGrad(() =>
    scope(() => {
      const packed = packPaddedSequence(x, [2, 5], { enforceSorted: false });
      const [y, [h, c]] = lstm.forward(packed);
      return { y, state: [h, c] };
    }),
  );
  expect(result.y).toBeInstanceOf(PackedSequence);
  expect(result.y.data.shape).toEqual([7, 2]);
  expect(result.y.sortedIndices).toEqual([1, 0]);
  expect(result.state.map(({ shape }) => shape)).toEqual([
    [1, 2, 2],
    [1, 2, 4],
  ]);
  expect(device.memory().liveTensors).toBe(before + parameters + 1 + 3);
  expect((await result.y.data.data()).every(Number.isFinite)).toBe(true);
  dispose([result, x, lstm]);
  expect(result.y.data.disposed).toBe(true);
  expect(device.memory().liveTensors).toBe(before);
});

describe('refused before any kernel runs', () => {
  const x = normal([4, 3, 2]);
  const packed = packPaddedSequence(x, [2, 4, 1], { enforceSorted: false });
  const lstm = new LSTM(device, 2, 4, f64);
  const ids = tensor(device, [1, 2], [2, 1], { dtype: 'i32' });
  const pack = (lengths: unknown, options = {}) =>
    packPaddedSequence(x, lengths as number[], options);
  const make = (...rest: unknown[]) =>
    new PackedSequence(x, ...(rest as [number[], number[]?, number[]?]));

  test.each<[string, new (...args: never[]) => LetheError, string, () => unknown]>([
    [
      'unsorted lengths',
      ArgumentError,
      'lengths = [2, 4, 1] do not fall; sort the sequences',
      () => pack([2, 4, 1]),
    ],
    [
      'an empty sequence',
      ArgumentError,
      'lengths[2] = 0; an integer from 1 to the 4 steps of x is needed; forward(x, state, { lengths })',
      () => pack([3, 2, 0]),
    ],
    ['too long', ArgumentError, 'lengths[0] = 5;', () => pack([5, 2, 1])],
    ['too few', ShapeError, '2 lengths for a batch of 3', () => pack([5, 2])],
    [
      'batch first',
      ShapeError,
      '3 lengths for a batch of 4',
      () => pack([2, 1, 1], { batchFirst: true }),
    ],
    ['no list', ArgumentError, 'lengths = undefined; a list', () => pack(undefined)],
    [
      'one dimension',
      ShapeError,
      'x has shape [2]; [time, batch, ...] is needed',
      () => packPaddedSequence(normal([2]), [1]),
    ],
    ['ids', DTypeError, 'x is i32', () => packPaddedSequence(ids, [1])],
    [
      'nothing to pack',
      ShapeError,
      'it has no sequence',
      () => packPaddedSequence(normal([3, 0, 1]), []),
    ],
    [
      'no tensor',
      ArgumentError,
      'packPaddedSequence: x = 3; a tensor',
      () => packPaddedSequence(3 as never, [1]),
    ],
    [
      'what is not packed',
      ArgumentError,
      'packed = an object of Tensor; what packPaddedSequence gives',
      () => padPackedSequence(x as never),
    ],
    [
      'totalLength too short',
      ArgumentError,
      'totalLength = 3; an integer from 4',
      () => padPackedSequence(packed, { totalLength: 3 }),
    ],
    [
      'paddingValue',
      ArgumentError,
      'paddingValue = zero; a number',
      () => padPackedSequence(packed, { paddingValue: 'zero' as never }),
    ],
    [
      'an empty list',
      ArgumentError,
      'padSequence: sequences = a list; a list of tensors is needed, one at least',
      () => padSequence([]),
    ],
    [
      'no list of tensors',
      ArgumentError,
      'padSequence: sequences = an object of Tensor; a list',
      () => padSequence(x as never),
    ],
    [
      'sequences of other widths',
      ShapeError,
      'sequences[1] has shape [4, 3], sequences[0] [4, 2]',
      () => padSequence([normal([4, 2]), normal([4, 3])]),
    ],
    [
      'sequences without a length',
      ShapeError,
      'sequences[0] has shape []',
      () => padSequence([normal([])]),
    ],
    [
      'batch sizes that grow',
      ArgumentError,
      'batchSizes = [1, 3]; a list of integers from 1 that do not grow',
      () => make([1, 3]),
    ],
    ['no batch sizes', ArgumentError, 'batchSizes = 4; a list', () => make(4)],
    ['other rows', ShapeError, 'data has shape [4, 3, 2]; [5, ...] is needed', () => make([3, 2])],
    [
      'no order',
      ArgumentError,
      'sortedIndices = [0, 0, 1]; an order of the 3',
      () => make([3, 1], [0, 0, 1]),
    ],
    [
      'no order back',
      ArgumentError,
      'unsortedIndices = [0, 1]; an order of the 3',
      () => make([3, 1], undefined, [0, 1]),
    ],
    [
      'lengths of what is packed',
      ArgumentError,
      'LSTM: lengths are given, and x is packed; leave them out',
      () => lstm.forward(packed as never, undefined, { lengths: [1, 2, 3] }),
    ],
    [
      'another width',
      ShapeError,
      'LSTM: the data of x has shape [7]; [rows, 2] is needed',
      () => lstm.forward(packed.withData(normal([7]))),
    ],
    [
      'a state of another batch',
      ShapeError,
      'LSTM: h0 has shape [1, 7, 4]; [1, 3, 4] is needed',
      () => lstm.forward(packed, [normal([1, 7, 4]), normal([1, 7, 4])]),
    ],
  ])('%s', (_, type, message, body) => {
    const run = vi.spyOn(device.backend, 'run');
    expect(thrown(type, body)).toContain(message);
    expect(run).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test('orders follow from each other', () => {
    const [a, b] = [make([3, 1], [1, 2, 0]), make([3, 1], undefined, [2, 0, 1])];
    expect([a.sortedIndices, a.unsortedIndices]).toEqual([b.sortedIndices, b.unsortedIndices]);
  });
});
