/** Lengths, directions, projection and single sequences of recurrent layers, beside PyTorch's numbers. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

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
  slice,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { Device, LetheError, Tensor } from '../../src/index';
import {
  CELLS,
  defineCell,
  Embedding,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  Recurrent,
  RNN,
} from '../../src/nn/index';
import { expectClose } from '../setup/fixtures';
import { normalTensors, ROWS, thrown } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const [TIME, BATCH, INPUT, HIDDEN] = [5, 4, 3, 4];
const LENGTHS = [2, 5, 0, 3];
const f64 = { dtype: 'f64' } as const;

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});
afterEach(() => {
  vi.restoreAllMocks();
});

const indrnn = defineCell({
  name: 'indrnn',
  gates: ['h'],
  state: ['h'],
  vectors: { u: [0.25, 0.75], v: 2 },
  recurrence: 'none',
  biases: { h: 3 },
  step: (m, z, s, v) => ({ h: m.tanh(m.add(z.h, m.mul(v.v, m.mul(v.u, s.h)))) }),
});

/** x of [time, batch, input], or batch first; `padding` behind the end of each sequence. */
function padded(padding: number, batchFirst = false): Tensor {
  const random = new Random(6);
  const shape = [TIME, BATCH, INPUT];
  const values = new Float64Array(TIME * BATCH * INPUT);
  for (let t = 0; t < TIME; t++) {
    for (let b = 0; b < BATCH; b++) {
      for (let i = 0; i < INPUT; i++) {
        const value = random.normal();
        const at = batchFirst ? (b * TIME + t) * INPUT + i : (t * BATCH + b) * INPUT + i;
        values[at] = t < LENGTHS[b] ? value : padding;
      }
    }
  }
  const ordered = batchFirst ? [BATCH, TIME, INPUT] : shape;
  return tensor(device, values, ordered, { ...f64, requiresGrad: true });
}

/** Values of the outputs, and gradients of the leaves, of a loss that weights every element. */
async function pass(outputs: readonly Tensor[], leaves: readonly Tensor[]): Promise<number[][]> {
  const normal = normalTensors(device, 'f64', 8);
  const values = await Promise.all(outputs.map((output) => output.data()));
  const loss = outputs
    .map((output) => sum(mul(output, normal([...output.shape]))))
    .reduce((total, part) => add(total, part));
  backward(loss);
  const gradients = await Promise.all(leaves.map(({ grad }) => grad!.data()));
  for (const leaf of leaves) leaf.grad = undefined;
  return [...values, ...gradients].map((list) => [...list]);
}

function expectAlike(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((values, i) => expectClose(values, expected[i], { atol: 1e-12, rtol: 1e-10 }));
}

describe.each(ROWS)('$name', ({ layer, parts }) => {
  const options = { ...f64, numLayers: 2, bidirectional: true };
  const rows = 4;

  describe.each([
    ['forward', { ...f64, numLayers: 2 }, 2],
    ['in both directions', options, 4],
    ['batch first', { ...options, batchFirst: true }, 4],
    ['unrolled', { ...options, fused: false }, 4],
  ])('lengths, %s', (_, given, rows) => {
    const batchFirst = 'batchFirst' in given;
    const make = (padding: number) => {
      const { module, forward } = layer(device, INPUT, HIDDEN, { ...given, random: new Random(3) });
      const x = padded(padding, batchFirst);
      const normal = normalTensors(device);
      const state = Array.from({ length: parts }, () => normal([rows, BATCH, HIDDEN], true));
      return { module, forward, x, state };
    };

    test('padding changes no value and gets no gradient, though it holds NaN', async () => {
      const results: number[][][] = [];
      for (const padding of [0, NaN, Infinity]) {
        const { module, forward, x, state } = make(padding);
        const outputs = forward(x, state, { lengths: LENGTHS });
        results.push(await pass(outputs, [x, ...state, ...module.parameters()]));
      }
      expect(results[0].flat().every(Number.isFinite)).toBe(true);
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      const [y, dx] = [results[0][0], results[0][1 + parts]];
      const behind = (width: number) =>
        Array.from({ length: TIME * BATCH * width }, (_, i) => {
          const place = Math.floor(i / width);
          const [t, b] = batchFirst
            ? [place % TIME, Math.floor(place / TIME)]
            : [Math.floor(place / BATCH), place % BATCH];
          return t >= LENGTHS[b];
        });
      for (const [values, width] of [
        [y, y.length / (TIME * BATCH)],
        [dx, INPUT],
      ] as const) {
        const padding = behind(width);
        expect(values.filter((_, i) => padding[i]).every((value) => value === 0)).toBe(true);
        expect(values.filter((_, i) => !padding[i]).every((value) => value !== 0)).toBe(true);
      }
    });

    test('each sequence is what it is by itself; one of no step keeps its state', async () => {
      const { forward, x, state } = make(0);
      const [y, ...last] = noGrad(() => forward(x, state, { lengths: LENGTHS }));
      for (const [b, length] of LENGTHS.entries()) {
        const alone = noGrad(() => {
          const own = slice(x, batchFirst ? 0 : 1, { start: b, end: b + 1 });
          const begin = slice(own, batchFirst ? 1 : 0, { end: length });
          const before = state.map((part) => slice(part, 1, { start: b, end: b + 1 }));
          const result = forward(begin, before);
          const of = (part: Tensor, dim: number) => slice(part, dim, { start: b, end: b + 1 });
          const whole = of(y, batchFirst ? 0 : 1);
          return [
            [slice(whole, batchFirst ? 1 : 0, { end: length }), result[0]],
            ...last.map((part, i) => [of(part, 1), result[1 + i]]),
            ...(length === 0 ? last.map((part, i) => [of(part, 1), before[i]]) : []),
          ];
        });
        for (const [inBatch, expected] of alone) {
          expectClose(await inBatch.data(), await expected.data(), { atol: 1e-12, rtol: 1e-10 });
        }
      }
    });
  });

  test.each([
    ['sorted', [4, 2, 1]],
    ['not sorted, shorter than x, an empty one among them', [1, 3, 0]],
  ])('gradients of lengths that are %s', async (_, lengths) => {
    const { module, forward } = layer(device, 2, 3, { ...options, random: new Random(3) });
    const normal = normalTensors(device);
    const x = normal([4, 3, 2], true);
    const state = Array.from({ length: parts }, () => normal([rows, 3, 3], true));
    await expectGradients(
      (value, ...rest) => forward(value, rest.slice(0, parts), { lengths }),
      [x, ...state, ...module.parameters()],
    );
    dispose([x, state, module]);
    expect(device.memory().liveTensors).toBe(0);
  });

  test('sequences of no step alone', async () => {
    const { forward } = layer(device, INPUT, HIDDEN, options);
    const normal = normalTensors(device);
    const state = Array.from({ length: parts }, () => normal([rows, 2, HIDDEN]));
    const [y, ...last] = forward(normal([3, 2, INPUT]), state, { lengths: [0, 0] });
    expect(y.shape).toEqual([3, 2, 2 * HIDDEN]);
    expect((await y.data()).every((value) => value === 0)).toBe(true);
    for (const [i, part] of last.entries()) {
      expect(await part.data()).toEqual(await state[i].data());
    }
    const [nothing, ...zero] = forward(normal([0, INPUT]));
    expect(nothing.shape).toEqual([0, 2 * HIDDEN]);
    expect(zero.map(({ shape }) => shape)).toEqual(zero.map(() => [rows, HIDDEN]));
    const [none] = forward(normal([3, 0, INPUT]), undefined, { lengths: [] });
    expect(none.shape).toEqual([3, 0, 2 * HIDDEN]);
  });

  test('whole lengths, and those of a typed array, cost nothing', async () => {
    const { forward } = layer(device, INPUT, HIDDEN, options);
    const x = normalTensors(device)([TIME, BATCH, INPUT]);
    const counts: number[] = [];
    const values: unknown[] = [];
    for (const lengths of [undefined, new Int32Array(BATCH).fill(TIME)]) {
      const before = device.backend.dispatches;
      const [y] = noGrad(() => forward(x, undefined, { lengths }));
      counts.push(device.backend.dispatches - before);
      values.push(await y.data());
    }
    expect(counts[1]).toBe(counts[0]);
    expect(values[1]).toEqual(values[0]);
  });

  test.each([false, true])('one sequence is a batch of one, batchFirst %s', async (batchFirst) => {
    const make = () =>
      layer(device, INPUT, HIDDEN, { ...options, batchFirst, random: new Random(3) });
    const normal = normalTensors(device);
    const x = normal([TIME, INPUT], true);
    const state = Array.from({ length: parts }, () => normal([rows, HIDDEN], true));
    const batched = tensor(
      device,
      await x.data(),
      batchFirst ? [1, TIME, INPUT] : [TIME, 1, INPUT],
      {
        ...f64,
        requiresGrad: true,
      },
    );
    const states = await Promise.all(
      state.map(async (part) =>
        tensor(device, await part.data(), [rows, 1, HIDDEN], { ...f64, requiresGrad: true }),
      ),
    );
    const one = make();
    const outputs = one.forward(x, state);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [TIME, 2 * HIDDEN],
      ...state.map(({ shape }) => shape),
    ]);
    const other = make();
    expectAlike(
      await pass(outputs, [x, ...state, ...one.module.parameters()]),
      await pass(other.forward(batched, states), [
        batched,
        ...states,
        ...other.module.parameters(),
      ]),
    );
    const [none, ...last] = one.forward(normal([0, INPUT]), state);
    expect([none, ...last].map(({ shape }) => shape)).toEqual([
      [0, 2 * HIDDEN],
      ...state.map(({ shape }) => shape),
    ]);
  });

  test('lengths in a step that is recorded', async () => {
    const { module, forward } = layer(device, INPUT, HIDDEN, { ...options, random: new Random(3) });
    const x = padded(0);
    const other = normalTensors(device)([TIME, BATCH, INPUT]);
    const step = () => {
      const [y, last] = forward(x, undefined, { lengths: LENGTHS });
      const loss = add(sum(mul(y, y)), sum(last));
      backward(loss);
      module.zeroGrad();
      x.grad?.dispose();
      x.grad = undefined;
      return loss;
    };
    scope(step).dispose();
    const live = device.memory().liveTensors;
    const recorded = device.record(step, [x]);
    recorded.replay(other);
    const again = scope(step);
    expect(await recorded.result.item()).toBe(await again.item());
    dispose([recorded.result, again]);
    recorded.dispose();
    expect(device.memory().liveTensors).toBe(live);
  });
});

test.each([false, true])('ids and a table, with lengths, batchFirst %s', async (batchFirst) => {
  const results: number[][][] = [];
  for (const byIds of [true, false]) {
    const source = new Embedding(device, 5, INPUT, { ...f64, random: new Random(2) });
    const random = new Random(3);
    const gru = new GRU(device, INPUT, HIDDEN, { ...f64, batchFirst, random });
    const shape = batchFirst ? [BATCH, TIME] : [TIME, BATCH];
    const list = Int32Array.from({ length: TIME * BATCH }, (_, i) => (i * i) % 5);
    const ids = tensor(device, list, shape, { dtype: 'i32' });
    const x = byIds ? source.asInput(ids) : source.forward(ids);
    expect('rows' in x).toBe(byIds);
    const { output, state } = gru.run(x, undefined, { lengths: LENGTHS });
    results.push(await pass([output, ...state], [...source.parameters(), ...gru.parameters()]));
  }
  expectAlike(results[0], results[1]);
});

describe('projection', () => {
  test.each([
    ['two layers', { numLayers: 2 }, 2],
    ['both directions', { bidirectional: true }, 2],
    ['unrolled', { fused: false, bidirectional: true }, 2],
    ['without bias', { bias: false }, 1],
  ])('gradients, %s, with lengths and without', async (_, options, rows) => {
    for (const lengths of [undefined, [1, 4, 0]]) {
      const random = new Random(3);
      const lstm = new LSTM(device, 2, 3, { ...f64, ...options, projSize: 2, random });
      const normal = normalTensors(device);
      const x = normal([4, 3, 2], true);
      const [h0, c0] = [normal([rows, 3, 2], true), normal([rows, 3, 3], true)];
      await expectGradients(
        (x, h, c) => lstm.forward(x, [h, c], { lengths }).flat(),
        [x, h0, c0, ...lstm.parameters()],
      );
    }
  });

  test('of a cell: a step at a time is the layer', async () => {
    const random = () => new Random(3);
    const lstm = new LSTM(device, INPUT, HIDDEN, { ...f64, projSize: 3, random: random() });
    const cell = new LSTMCell(device, INPUT, HIDDEN, { ...f64, projSize: 3, random: random() });
    expect([...cell.stateDict()].map(([name, { shape }]) => [name, shape])).toEqual([
      ['weight_ih', [16, INPUT]],
      ['weight_hh', [16, 3]],
      ['bias_ih', [16]],
      ['bias_hh', [16]],
      ['weight_hr', [3, HIDDEN]],
    ]);
    const x = normalTensors(device)([2, BATCH, INPUT]);
    const [y] = lstm.forward(x);
    let state: [Tensor, Tensor] | undefined;
    for (const t of [0, 1]) {
      const step = slice(x, 0, { start: t, end: t + 1 });
      state = cell.forward(tensor(device, await step.data(), [BATCH, INPUT], f64), state);
      const expected = slice(y, 0, { start: t, end: t + 1 });
      expectClose(await state[0].data(), await expected.data(), { atol: 1e-12, rtol: 1e-10 });
    }
  });
});

describe('a cell without weight_hh, with vectors', () => {
  test('its parameters: names, shapes, initial values', async () => {
    const layer = new Recurrent(device, indrnn, INPUT, 64, { numLayers: 2, bidirectional: true });
    const shapes = [...layer.stateDict()].map(([name, { shape }]) => [name, shape]);
    const own = (suffix: string, input: number) => [
      [`weight_ih_${suffix}`, [64, input]],
      [`bias_ih_${suffix}`, [64]],
      [`u_${suffix}`, [64]],
      [`v_${suffix}`, [64]],
    ];
    expect(shapes).toEqual([
      ...own('l0', INPUT),
      ...own('l0_reverse', INPUT),
      ...own('l1', 128),
      ...own('l1_reverse', 128),
    ]);
    const values = async (name: string) => [...(await layer.stateDict().get(name)!.data())];
    const u = await values('u_l1_reverse');
    expect([Math.min(...u) >= 0.25, Math.max(...u) < 0.75]).toEqual([true, true]);
    expect(new Set(u).size).toBeGreaterThan(60);
    expect(new Set(await values('v_l0'))).toEqual(new Set([2]));
    expect(new Set(await values('bias_ih_l0'))).toEqual(new Set([3]));
    expect(layer.cells[0].weights.weight_hh).toBeUndefined();
  });

  test.each([true, false])('gradients, fused %s', async (fused) => {
    const random = new Random(3);
    const options = { ...f64, fused, random, numLayers: 2, bidirectional: true };
    const layer = new Recurrent(device, indrnn, INPUT, HIDDEN, options);
    const normal = normalTensors(device);
    const [x, h0] = [normal([4, 3, INPUT], true), normal([4, 3, HIDDEN], true)];
    await expectGradients(
      (x, h) => layer.run(x, [h], { lengths: [2, 4, 1] }).output,
      [x, h0, ...layer.parameters()],
    );
  });

  test('its state is one tensor, given and taken', async () => {
    const layer = new Recurrent(device, indrnn, INPUT, HIDDEN);
    const x = normalTensors(device, 'f32')([2, 1, INPUT]);
    const [, h] = layer.forward(x);
    const [, next] = layer.forward(x, h);
    expect((next as Tensor).shape).toEqual([1, 1, HIDDEN]);
    const run = layer.run(x, [h as Tensor]);
    expect(await run.state[0].data()).toEqual(await (next as Tensor).data());
  });
});

describe('refused before any kernel runs', () => {
  const lstm = (options = {}) =>
    new LSTM(device, INPUT, HIDDEN, { numLayers: 2, bidirectional: true, ...options });
  const x = () => zeros(device, [TIME, BATCH, INPUT]);
  const forward = (lengths: unknown, options = {}) =>
    lstm(options).forward(x(), undefined, { lengths: lengths as number[] });

  test.each<[string, new (...args: never[]) => LetheError, string, () => unknown]>([
    ['too few', ShapeError, '2 lengths for a batch of 4; one for each', () => forward([1, 2])],
    ['too many', ShapeError, '5 lengths for a batch of 4', () => forward([1, 2, 3, 4, 5])],
    [
      'beyond x',
      ArgumentError,
      'lengths[1] = 6; an integer from 0 to the 5',
      () => forward([1, 6, 1, 1]),
    ],
    [
      'beyond x, batch first',
      ArgumentError,
      'lengths[0] = 5; an integer from 0 to the 4',
      () => lstm({ batchFirst: true }).forward(x(), undefined, { lengths: [5, 1, 1, 1, 1] }),
    ],
    ['negative', ArgumentError, 'lengths[0] = -1;', () => forward([-1, 1, 1, 1])],
    ['fractional', ArgumentError, 'lengths[3] = 1.5;', () => forward([1, 1, 1, 1.5])],
    ['NaN', ArgumentError, 'lengths[2] = NaN;', () => forward([1, 1, NaN, 1])],
    ['a number', ArgumentError, 'lengths = 3; a list of numbers', () => forward(3)],
    ['a tensor of floats', DTypeError, 'lengths is f32; pass', () => forward(x())],
    ['texts', ArgumentError, 'lengths[0] = "1";', () => forward(['1', '1', '1', '1'])],
    [
      'of one sequence',
      ArgumentError,
      'LSTM: lengths are given, and x of shape [5, 3] is one sequence',
      () => lstm().forward(zeros(device, [TIME, INPUT]), undefined, { lengths: [5] }),
    ],
    [
      'a state of one direction',
      ShapeError,
      'LSTM: h0 has shape [2, 4, 4]; [4, 4, 4] is needed, for 2 layers in 2 directions',
      () => lstm().forward(x(), [zeros(device, [2, 4, 4]), zeros(device, [4, 4, 4])]),
    ],
    [
      'a state of two directions',
      ShapeError,
      'LSTM: c0 has shape [4, 4, 4]; [2, 4, 4] is needed',
      () =>
        lstm({ bidirectional: false }).forward(x(), [
          zeros(device, [2, 4, 4]),
          zeros(device, [4, 4, 4]),
        ]),
    ],
    [
      'a state that is not projected',
      ShapeError,
      'LSTM: h0 has shape [4, 4, 4]; [4, 4, 2] is needed',
      () =>
        lstm({ projSize: 2 }).forward(x(), [zeros(device, [4, 4, 4]), zeros(device, [4, 4, 4])]),
    ],
    [
      'a batch in the state of one sequence',
      ShapeError,
      'LSTM: h0 has shape [4, 1, 4]; [4, 4] is needed, for x of shape [5, 3] is one sequence',
      () =>
        lstm().forward(zeros(device, [TIME, INPUT]), [
          zeros(device, [4, 1, 4]),
          zeros(device, [4, 1, 4]),
        ]),
    ],
    [
      'projSize = hiddenSize',
      ArgumentError,
      'LSTMCell: projSize = 4; it must be below hiddenSize = 4',
      () => lstm({ projSize: 4 }),
    ],
    [
      'projSize above',
      ArgumentError,
      'projSize = 5; it must be below',
      () => lstm({ projSize: 5 }),
    ],
    [
      'projSize negative',
      ArgumentError,
      'projSize = -1; an integer from 0',
      () => lstm({ projSize: -1 }),
    ],
    [
      'projSize fractional',
      ArgumentError,
      'projSize = 1.5; an integer',
      () => lstm({ projSize: 1.5 }),
    ],
    [
      'projSize of a GRU',
      ArgumentError,
      'GRU: unknown option projSize',
      // @ts-expect-error -- It is none of its options.
      () => new GRU(device, 3, 4, { projSize: 2 }),
    ],
    [
      'projSize of an RNN',
      ArgumentError,
      'RNN: unknown option projSize',
      // @ts-expect-error -- It is none of its options.
      () => new RNN(device, 3, 4, { projSize: 2 }),
    ],
    [
      'projSize of a cell that reads its output',
      ArgumentError,
      'gru reads it itself',
      () => new Recurrent(device, CELLS.gru.kind, 3, 4, { projSize: 2 }),
    ],
    [
      'projSize without weight_hh',
      ArgumentError,
      'indrnn has no weight_hh',
      () => new Recurrent(device, indrnn, 3, 4, { projSize: 2 }),
    ],
    [
      'bidirectional = 2',
      ArgumentError,
      'LSTM: bidirectional = 2; true or false',
      () => lstm({ bidirectional: 2 }),
    ],
    [
      'no kind',
      ArgumentError,
      'Recurrent: kind = 3; give what defineCell gives',
      () => new Recurrent(device, 3 as never, 3, 4),
    ],
  ])('%s', (_, type, message, body) => {
    const run = vi.spyOn(device.backend, 'run');
    const calls = () => run.mock.calls.filter(([{ name }]) => name !== 'fill').length;
    expect(thrown(type, body)).toContain(message);
    expect(calls()).toBe(0);
  });
});

test('a cell by hand has directions and lengths too', async () => {
  class Halved extends GRUCell {
    override step(gx: Tensor, state: readonly Tensor[]): Tensor[] {
      return super.step(gx, state).map((part) => mul(part, 0.5));
    }
  }
  const random = new Random(3);
  const kind = {
    name: 'halved',
    create: (...[at, input, hidden]: ConstructorParameters<typeof GRUCell>) =>
      new Halved(at, input, hidden, { ...f64, random }),
  };
  const layer = new Recurrent<Halved, Tensor>(device, kind, INPUT, HIDDEN, { bidirectional: true });
  const normal = normalTensors(device);
  const [x, h0] = [normal([4, 3, INPUT], true), normal([2, 3, HIDDEN], true)];
  await expectGradients(
    (x, h) => layer.forward(x, h, { lengths: [2, 4, 0] }),
    [x, h0, ...layer.parameters()],
  );
});

test('a layer of two directions has its own weights in each', async () => {
  const rnn = new RNN(device, INPUT, HIDDEN, { bidirectional: true });
  expect(rnn.outputSize).toBe(2 * HIDDEN);
  expect(rnn.cells.length).toBe(2);
  expect(rnn.numLayers).toBe(1);
  const values = await Promise.all(rnn.parameters().map((parameter) => parameter.data()));
  expect(new Set(values.map(([value]) => value)).size).toBe(8);
});
