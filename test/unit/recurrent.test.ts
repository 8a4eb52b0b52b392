/** Layers that are scanned against the same cells unrolled, their reference; and which way they go. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Autotuner } from '../../src/autotune/autotuner';
import {
  backward,
  Generator,
  mul,
  openDevice,
  OutOfMemoryError,
  Random,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { Nonlinearity, Tensor } from '../../src/index';
import {
  Embedding,
  GRU,
  LSTM,
  LSTMCell,
  OneHot,
  Recurrent,
  RNN,
  RNNCell,
} from '../../src/nn/index';
import type { Cell, CellKind, CellOptions, RecurrentOptions } from '../../src/nn/index';
import type { InitOptions } from '../../src/nn/init';
import { Device } from '../../src/tensor/device';
import { expectClose } from '../setup/fixtures';

const { backend } = await openDevice('cpu', { reference: true });
const select = vi.fn<Autotuner['select']>();
/** Which takes what `select` says, as a device does that has an autotuner. */
const device = new Device(backend, 'a test', {
  configFor: () => undefined,
  select,
} as unknown as Autotuner);
beforeEach(() => select.mockReset().mockReturnValue('layers'));

type Make = (options: RecurrentOptions & InitOptions & { bias?: boolean }) => LSTM | GRU | RNN;
const LAYERS: [string, Make][] = [
  ['LSTM', (options) => new LSTM(device, 3, 5, options)],
  ['GRU', (options) => new GRU(device, 3, 5, options)],
  ['RNN', (options) => new RNN(device, 3, 5, options)],
  ['RNN relu', (options) => new RNN(device, 3, 5, { ...options, nonlinearity: 'relu' })],
];

function normal(shape: number[], random: Random): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: size }, () => random.normal());
  return tensor(device, values, shape, { dtype: 'f64', requiresGrad: true });
}

/** Output, state and all gradients of a pass over x, each element of them weighted differently. */
async function pass(
  layer: LSTM | GRU | RNN,
  x: Tensor,
  state: Tensor[],
  lengths?: readonly number[],
): Promise<number[][]> {
  const { output, state: after } = layer.run(x, state, { lengths });
  const values = [...(await Promise.all([output, ...after].map((part) => part.data())))];
  const random = new Random(9);
  const weighted = [output, ...after].map((part) =>
    sum(mul(part, normal([...part.shape], random))),
  );
  for (const part of weighted) backward(part, { retainGraph: part !== weighted.at(-1) });
  const leaves = [x, ...state, ...layer.parameters()];
  const gradients = await Promise.all(leaves.map((leaf) => leaf.grad!.data()));
  for (const leaf of leaves) {
    leaf.grad!.dispose();
    leaf.grad = undefined;
  }
  return [...values, ...gradients].map((array) => Array.from(array));
}

describe.each(LAYERS)('%s', (_, make) => {
  test.each([
    [4, 2, {}],
    [4, 2, { bias: false }],
    [1, 1, {}],
    [3, 2, { numLayers: 3 }],
    [3, 2, { numLayers: 2, batchFirst: true }],
    [3, 2, { numLayers: 2, bidirectional: true }],
    [3, 2, { numLayers: 2, dropout: 0.3, bidirectional: true }],
  ])(
    'time %i, batch %i, %o: the numbers and gradients of the unrolled cell',
    async (time, batch, options) => {
      const lists = [undefined, Array.from({ length: batch }, (_, i) => time - batch + 1 + i)];
      for (const lengths of lists) {
        const results: number[][][] = [];
        for (const fused of [true, false]) {
          const random = new Random(4);
          const generator = new Generator(device, 7);
          const layer = make({ ...options, fused, random, generator, dtype: 'f64' });
          const x = normal(layer.batchFirst ? [batch, time, 3] : [time, batch, 3], random);
          const state = layer.zeroState(batch).map(({ shape }) => normal([...shape], random));
          results.push(await pass(layer, x, state, lengths));
        }
        results[0].forEach((values, i) =>
          expectClose(values, results[1][i], { rtol: 1e-9, atol: 1e-12 }),
        );
      }
    },
  );

  test.each([{}, { bias: false }])(
    'three layers as a wavefront, %o: the numbers and gradients of layer after layer',
    async (options) => {
      const results: number[][][] = [];
      for (const way of ['wavefront', 'layers']) {
        select.mockReturnValue(way);
        const random = new Random(4);
        const layer = make({ ...options, numLayers: 3, random, dtype: 'f64' });
        const x = normal([4, 2, 3], random);
        const state = layer.stateNames.map(() => normal([3, 2, 5], random));
        results.push(await pass(layer, x, state));
      }
      expect(select).toHaveBeenCalledTimes(2);
      results[0].forEach((values, i) =>
        expectClose(values, results[1][i], { rtol: 1e-9, atol: 1e-12 }),
      );
    },
  );
});

test.each([
  ['an embedding', () => new Embedding(device, 4, 3, { dtype: 'f64', random: new Random(3) })],
  ['one-hot vectors', () => new OneHot(3, 'f64')],
])('%s is read as a table where there are few ids, with the same gradients', async (_, make) => {
  const results: number[][][] = [];
  for (const dense of [true, false]) {
    const source = make();
    const layer = new LSTM(device, 3, 5, { dtype: 'f64', random: new Random(5) });
    const ids = tensor(device, [2, 0, 1, 1, 2, 2], [3, 2], { dtype: 'i32' });
    const input = dense ? source.forward(ids) : source.asInput(ids);
    expect('rows' in input).toBe(!dense);
    const { output } = layer.run(input);
    results.push([Array.from(await output.data())]);
    backward(sum(mul(output, normal([...output.shape], new Random(2)))));
    for (const parameter of [...source.parameters(), ...layer.parameters()]) {
      results.at(-1)!.push(Array.from(await parameter.grad!.data()));
    }
  }
  results[0].forEach((values, i) =>
    expectClose(values, results[1][i], { rtol: 1e-9, atol: 1e-12 }),
  );
});

test('more rows than ids are not all projected', () => {
  const ids = tensor(device, [2, 0], [2, 1], { dtype: 'i32' });
  expect('rows' in new Embedding(device, 3, 3).asInput(ids)).toBe(false);
  expect('rows' in new OneHot(3).asInput(ids)).toBe(false);
});

describe('layers are scanned at once where the adapter is faster so', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  class Below extends LSTMCell {}
  class Own extends LSTMCell {
    override project(x: Tensor): Tensor {
      return super.project(x);
    }
  }
  const random = new Random(3);
  const rnn = (nonlinearity: Nonlinearity) => (size: number) =>
    new RNNCell(device, size, 2, { nonlinearity, random });
  const lstm = (options: CellOptions) => (size: number) =>
    new LSTMCell(device, size, 2, { ...options, random });

  /** A layer by each of the makers, the input of 3, others of 2. */
  function stackOf(options: RecurrentOptions, ...makers: ((size: number) => Cell)[]) {
    const left = [...makers];
    const kind: CellKind = { name: 'any', create: (_, size) => left.shift()!(size) };
    return new Recurrent(device, kind, 3, 2, { ...options, numLayers: makers.length });
  }
  type Stack = ReturnType<typeof stackOf>;

  test.each<[string, boolean, () => Stack]>([
    ['cells alike', true, () => stackOf({}, lstm({}), lstm({}))],
    ['RNNs alike', true, () => stackOf({}, rnn('relu'), rnn('relu'))],
    [
      'a subclass with the same step',
      true,
      () => stackOf({}, lstm({}), (n) => new Below(device, n, 2)),
    ],
    ['other nonlinearities', false, () => stackOf({}, rnn('tanh'), rnn('relu'))],
    ['biases in one layer', false, () => stackOf({}, lstm({}), lstm({ bias: false }))],
    [
      'a subclass with its own projection',
      false,
      () => stackOf({}, lstm({}), (n) => new Own(device, n, 2)),
    ],
    ['dropout', false, () => stackOf({ dropout: 0.5 }, lstm({}), lstm({}))],
    ['unrolled layers', false, () => stackOf({ fused: false }, lstm({}), lstm({}))],
    ['one layer', false, () => stackOf({}, lstm({}))],
  ])('%s: %s', (_, asked, make) => {
    select.mockReturnValue('wavefront');
    const { output } = make().run(zeros(device, [4, 2, 3]));
    expect(output.shape).toEqual([4, 2, 2]);
    expect(select).toHaveBeenCalledTimes(asked ? 1 : 0);
  });

  test('a single step, and a stack that does not fit in one buffer, go layer after layer', () => {
    select.mockReturnValue('wavefront');
    const layers = stackOf({}, lstm({}), lstm({}));
    layers.run(zeros(device, [1, 2, 3]));
    // Gates of a layer: 4 bytes x 4 x 2 x 4 x 2.
    const most = vi.spyOn(device.backend, 'maxBufferBytes', 'get').mockReturnValue(256);
    layers.run(zeros(device, [4, 2, 3]));
    expect(select).not.toHaveBeenCalled();
    most.mockReturnValue(512);
    layers.run(zeros(device, [4, 2, 3]));
    expect(select).toHaveBeenCalledTimes(1);
  });
});

test('a cell that changes a step is not scanned by the equations of the cell that it extends', async () => {
  class Leaky extends LSTMCell {
    override step(gx: Tensor, state: readonly Tensor[]): Tensor[] {
      const [h, c] = super.step(gx, state);
      return [mul(h, 0.5), c];
    }
  }
  const random = () => new Random(1);
  const kind: CellKind = {
    name: 'leaky',
    create: (at, size, hidden) => new Leaky(at, size, hidden, { random: random() }),
  };
  const leaky = new Recurrent(device, kind, 3, 5);
  const plain = new LSTM(device, 3, 5, { random: random() });
  const x = normal([1, 1, 3], random());
  const single = tensor(device, await x.data(), [1, 1, 3]);
  const [y] = plain.forward(single);
  expectClose(
    await leaky.run(single).output.data(),
    Array.from(await y.data(), (value) => value / 2),
    { rtol: 1e-6, atol: 1e-7 },
  );
});

test('a sequence too large for one buffer is refused, with the batch that fits', async () => {
  const device = await openDevice('cpu');
  const layer = new LSTM(device, 1, 512);
  const [time, batch] = [200, 3000];
  const ids = zeros(device, [time, batch], { dtype: 'i32' });
  const run = () => layer.run({ ids, rows: zeros(device, [2, 1]) });
  const fits = Math.floor(device.backend.maxBufferBytes / (4 * time * 4 * 512));
  expect(run).toThrow(OutOfMemoryError);
  expect(run).toThrow(`a batch of ${fits} fits`);
});

test('a long sequence: T = 10,000, its graph one node a layer', async () => {
  const layer = new LSTM(device, 1, 1, { random: new Random(2) });
  const x = zeros(device, [10_000, 1, 1]);
  const { output } = layer.run(x);
  backward(sum(output));
  const gradient = await layer.parameters()[0].grad!.data();
  expect(gradient.every(Number.isFinite)).toBe(true);
});
