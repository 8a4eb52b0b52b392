/** How modules behave: sequences, bad input, state dicts, initial values, memory. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  add,
  ArgumentError,
  backward,
  CheckpointError,
  DeviceError,
  DisposedError,
  dispose,
  DTypeError,
  Generator,
  IndexError,
  noGrad,
  openDevice,
  Random,
  scope,
  ShapeError,
  sum,
  slice,
  tensor,
  transpose,
} from '../../src/index';
import type { Device, Shape, Tensor } from '../../src/index';
import {
  Activation,
  Cell,
  Dropout,
  Embedding,
  GRU,
  GRUCell,
  Linear,
  LSTM,
  LSTMCell,
  manualSeed,
  MLP,
  Module,
  OneHot,
  orthogonal,
  RNN,
  Recurrent,
  RNNCell,
  Sequential,
} from '../../src/nn/index';
import { expectClose } from '../setup/fixtures';
import {
  ARCHITECTURES,
  distance,
  normalTensors,
  ROWS,
  thrown,
  valuesOf,
} from '../setup/nn_helpers';
import { cpuGrowth } from '../setup/cpu_time';

const [TIME, BATCH, INPUT, HIDDEN] = [5, 2, 3, 4];

let device: Device;
let other: Device;
const f64 = { dtype: 'f64' } as const;

beforeEach(async () => {
  device = await openDevice('cpu');
  other = await openDevice('cpu');
});
/** Every test frees what it makes, so a tensor left over is a leak of the library. */
afterEach(() => {
  vi.restoreAllMocks();
  expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  expect(other.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
});

/** Calls `body`, which must throw before anything has run, been written or been left over. */
function refused<E extends Error>(type: new (...args: never[]) => E, body: () => unknown): string {
  const run = vi.spyOn(device.backend, 'run');
  const write = vi.spyOn(device.backend, 'write');
  const before = device.memory().liveTensors;
  const message = thrown(type, body);
  expect(run).not.toHaveBeenCalled();
  expect(write).not.toHaveBeenCalled();
  expect(device.memory().liveTensors).toBe(before);
  vi.restoreAllMocks();
  return message;
}

const bytes = (values: ArrayLike<number>): number[] => [
  ...new Uint8Array(Float64Array.from(values).buffer),
];

describe.each(ROWS)('$name, a sequence', ({ cell, layer, parts }) => {
  const states = (make: (shape: Shape, grad?: boolean) => Tensor, shape: Shape): Tensor[] =>
    Array.from({ length: parts }, () => make(shape, true));

  test.each([1, 3])('of %i layers is the cell unrolled, gradients too', async (numLayers) => {
    const whole = layer(device, INPUT, HIDDEN, { ...f64, numLayers });
    const cells = Array.from({ length: numLayers }, (_, l) => {
      const one = cell(device, l === 0 ? INPUT : HIDDEN, HIDDEN, f64);
      const own = [...whole.module.stateDict()].filter(([name]) => name.endsWith(`_l${l}`));
      one.module.loadStateDict(new Map(own.map(([name, value]) => [name.slice(0, -3), value])));
      return one;
    });
    const normal = normalTensors(device);
    const steps = Array.from({ length: TIME }, () => normal([BATCH, INPUT], true));
    const initial = cells.map(() => states(normal, [BATCH, HIDDEN]));
    const values = async (list: Tensor[]): Promise<number[]> =>
      (await Promise.all(list.map(async (value) => [...(await value.data())]))).flat();
    const x = tensor(device, await values(steps), [TIME, BATCH, INPUT], {
      ...f64,
      requiresGrad: true,
    });
    const state = await Promise.all(
      Array.from({ length: parts }, async (_, part) => {
        const layers = await values(initial.map((list) => list[part]));
        return tensor(device, layers, [numLayers, BATCH, HIDDEN], { ...f64, requiresGrad: true });
      }),
    );

    const [y, ...last] = whole.forward(x, state);
    const current = [...initial];
    const outputs = steps.map((step) => {
      let value = step;
      for (const [l, { forward }] of cells.entries()) {
        current[l] = forward(value, current[l]);
        [value] = current[l];
      }
      return value;
    });
    expect(distance(await y.data(), await values(outputs))).toBeLessThan(1e-12);
    for (const [part, value] of last.entries()) {
      const expected = await values(current.map((list) => list[part]));
      expect(distance(await value.data(), expected)).toBeLessThan(1e-12);
    }

    const losses = [sum(y), outputs.map((output) => sum(output)).reduce((a, b) => add(a, b))];
    for (const loss of losses) backward(loss);
    const grads = (list: Tensor[]): Promise<number[]> => values(list.map((value) => value.grad!));
    expect(distance(await x.grad!.data(), await grads(steps))).toBeLessThan(1e-12);
    for (const [part, value] of state.entries()) {
      const expected = await grads(initial.map((list) => list[part]));
      expect(distance(await value.grad!.data(), expected)).toBeLessThan(1e-12);
    }
    const unrolled = cells.flatMap(({ module }) => module.parameters());
    const own = await grads(whole.module.parameters());
    expect(distance(own, await grads(unrolled))).toBeLessThan(1e-12);
    dispose([losses, last, x, state, steps, initial, whole.module, unrolled]);
  });

  test('batchFirst is the same, transposed', async () => {
    const a = layer(device, INPUT, HIDDEN, { ...f64, numLayers: 2 });
    const b = layer(device, INPUT, HIDDEN, { ...f64, numLayers: 2, batchFirst: true });
    b.module.loadStateDict(a.module.stateDict());
    const normal = normalTensors(device);
    const x = normal([TIME, BATCH, INPUT]);
    const state = states(normal, [2, BATCH, HIDDEN]);
    const turned = transpose(x, 0, 1);
    const [y, ...last] = noGrad(() => a.forward(x, state));
    const [z, ...lastToo] = noGrad(() => b.forward(turned, state));
    const back = transpose(z, 0, 1);
    expect(z.shape).toEqual([BATCH, TIME, HIDDEN]);
    expect(await back.data()).toEqual(await y.data());
    for (const [i, value] of last.entries()) {
      expect(lastToo[i].shape).toEqual([2, BATCH, HIDDEN]);
      expect(await lastToo[i].data()).toEqual(await value.data());
    }
    dispose([x, state, turned, y, z, back, last, lastToo, a.module, b.module]);
  });

  test('without a state starts from zeros', async () => {
    const { module, forward } = layer(device, INPUT, HIDDEN, { ...f64, numLayers: 2 });
    const x = normalTensors(device)([TIME, BATCH, INPUT]);
    const zero = module.zeroState(BATCH);
    expect(zero.map(({ shape }) => shape)).toEqual(zero.map(() => [2, BATCH, HIDDEN]));
    const results = noGrad(() => [forward(x), forward(x, zero)]);
    for (const [i, value] of results[0].entries()) {
      expect(await value.data()).toEqual(await results[1][i].data());
    }
    dispose([x, zero, results, module]);
  });

  test.each([false, true])(
    'of no steps, batchFirst %s, gives the state back',
    async (batchFirst) => {
      const { module, forward } = layer(device, INPUT, HIDDEN, {
        ...f64,
        numLayers: 3,
        batchFirst,
      });
      const normal = normalTensors(device);
      const x = normal(batchFirst ? [BATCH, 0, INPUT] : [0, BATCH, INPUT]);
      const state = states(normal, [3, BATCH, HIDDEN]);
      const [y, ...last] = forward(x, state);
      expect(y.shape).toEqual(batchFirst ? [BATCH, 0, HIDDEN] : [0, BATCH, HIDDEN]);
      expect(await y.data()).toEqual(new Float64Array(0));
      for (const [i, value] of last.entries()) {
        expect(value.shape).toEqual([3, BATCH, HIDDEN]);
        expect(await value.data()).toEqual(await state[i].data());
      }
      // They are tensors of their own: freeing one leaves the other.
      dispose(last);
      expect(state.some(({ disposed }) => disposed)).toBe(false);
      dispose([x, y, state, module]);
    },
  );

  test('of no steps passes the gradient of the state on', async () => {
    const { module, forward } = layer(device, INPUT, HIDDEN, f64);
    const normal = normalTensors(device);
    const x = normal([0, BATCH, INPUT]);
    const state = states(normal, [1, BATCH, HIDDEN]);
    const [y, h, ...rest] = forward(x, state);
    try {
      expect(h.requiresGrad).toBe(true);
      const loss = sum(h);
      backward(loss);
      dispose(loss);
      expect([...(await state[0].grad!.data())]).toEqual(new Array(BATCH * HIDDEN).fill(1));
    } finally {
      dispose([x, y, h, rest, state, module]);
    }
  });

  test.each([
    ['one step', [1, BATCH, INPUT], HIDDEN],
    ['a batch of one', [TIME, 1, INPUT], HIDDEN],
    ['one input', [TIME, BATCH, 1], HIDDEN],
    ['one unit', [TIME, BATCH, INPUT], 1],
    ['all of size one', [1, 1, 1], 1],
    ['an empty batch', [TIME, 0, INPUT], HIDDEN],
  ])('%s', async (_, shape, hidden) => {
    const { module, forward } = layer(device, shape[2], hidden, { ...f64, numLayers: 3 });
    const normal = normalTensors(device);
    const x = normal(shape, true);
    const state = states(normal, [3, shape[1], hidden]);
    const [y, ...last] = forward(x, state);
    expect(y.shape).toEqual([shape[0], shape[1], hidden]);
    for (const value of last) expect(value.shape).toEqual([3, shape[1], hidden]);
    expect((await y.data()).every(Number.isFinite)).toBe(true);
    const loss = sum(y);
    backward(loss);
    expect(x.grad!.shape).toEqual(shape);
    for (const parameter of module.parameters()) {
      expect((await parameter.grad!.data()).every(Number.isFinite)).toBe(true);
    }
    dispose([loss, x, state, last, module]);
  });

  test('pre-activations of 1e3 and 1e30 saturate; outputs and gradients stay finite', async () => {
    const { module, forward } = layer(device, 2, HIDDEN);
    const x = tensor(device, [1e3, -1e3, 1e30, -1e30], [2, 1, 2], { requiresGrad: true });
    const [y, ...last] = forward(x);
    expect((await y.data()).every((value) => Math.abs(value) <= 1)).toBe(true);
    const loss = sum(y);
    backward(loss);
    expect((await x.grad!.data()).every(Number.isFinite)).toBe(true);
    dispose([loss, x, last, module]);
  });
});

describe.each(ROWS)('$name, bad input', ({ name, cell, layer, parts }) => {
  const normal = (shape: Shape): Tensor => normalTensors(device, 'f32')(shape);
  const far = (shape: Shape): Tensor => normalTensors(other, 'f32')(shape);

  /** Refused with `made` in place of x, or of a part of the state. */
  function sequenceRefused(
    type: new (...args: never[]) => Error,
    replace: { x?: Tensor; part?: number; with?: Tensor },
    options = {},
  ): string {
    const { module, forward } = layer(device, INPUT, HIDDEN, { numLayers: 2, ...options });
    const state = Array.from({ length: parts }, () => normal([2, BATCH, HIDDEN]));
    const good = normal([TIME, BATCH, INPUT]);
    const all = state.map((value, i) => (i === replace.part ? replace.with! : value));
    const message = refused(type, () => forward(replace.x ?? good, all));
    expect(message).toContain(name);
    dispose([module, state, good, replace.x, replace.with]);
    return message;
  }

  test.each([[1, TIME, BATCH, INPUT], [INPUT], [], [TIME, BATCH, INPUT + 1], [TIME, BATCH, 1]])(
    'x of shape %#',
    (...shape) => {
      const message = sequenceRefused(ShapeError, { x: normal(shape) });
      expect(message).toContain(`x has shape [${shape.join(', ')}]`);
      expect(message).toContain(`[time, batch, ${INPUT}], or [time, ${INPUT}] of one sequence,`);
      expect(sequenceRefused(ShapeError, { x: normal([INPUT]) }, { batchFirst: true })).toContain(
        `[batch, time, ${INPUT}]`,
      );
    },
  );

  test('one sequence takes a state without a batch', () => {
    const message = sequenceRefused(ShapeError, { x: normal([TIME, INPUT]) });
    expect(message).toContain(
      `h0 has shape [2, ${BATCH}, ${HIDDEN}]; [2, ${HIDDEN}] is needed, for x of shape ` +
        `[${TIME}, ${INPUT}] is one sequence`,
    );
  });

  const partNames = ['h0', 'c0'].slice(0, parts);
  test.each(partNames.map((title, part) => ({ title, part })))('$title', ({ title, part }) => {
    for (const shape of [
      [1, BATCH, HIDDEN],
      [3, BATCH, HIDDEN],
      [2, BATCH + 1, HIDDEN],
      [2, 1, HIDDEN],
      [2, BATCH, HIDDEN + 1],
      [BATCH, HIDDEN],
      [BATCH, 2, HIDDEN + 1],
    ]) {
      const message = sequenceRefused(ShapeError, { part, with: normal(shape) });
      expect(message).toContain(`${title} has shape [${shape.join(', ')}]`);
      expect(message).toContain(`[2, ${BATCH}, ${HIDDEN}]`);
    }
    const shape = [2, BATCH, HIDDEN];
    expect(sequenceRefused(DeviceError, { part, with: far(shape) })).toContain(title);
    const double = normalTensors(device, 'f64')(shape);
    expect(sequenceRefused(DTypeError, { part, with: double })).toContain(title);
  });

  test('a disposed state, or x', () => {
    const { module, forward } = layer(device, INPUT, HIDDEN);
    const x = normal([TIME, BATCH, INPUT]);
    const state = Array.from({ length: parts }, () => normal([1, BATCH, HIDDEN]));
    state[parts - 1].dispose();
    expect(refused(DisposedError, () => forward(x, state))).toContain(`[1, ${BATCH}, ${HIDDEN}]`);
    dispose(state);
    x.dispose();
    expect(refused(DisposedError, () => forward(x))).toContain(`[${TIME}, ${BATCH}, ${INPUT}]`);
    dispose(module);
  });

  test('x on another device, or of another type', () => {
    const x = [TIME, BATCH, INPUT];
    expect(sequenceRefused(DeviceError, { x: far(x) })).toContain('x');
    expect(sequenceRefused(DTypeError, { x: normalTensors(device, 'f64')(x) })).toContain('x');
    const ids = tensor(device, new Array<number>(30).fill(0), x, { dtype: 'i32' });
    expect(sequenceRefused(DTypeError, { x: ids })).toContain('x is i32');
  });

  test('a cell takes [batch, input] and states of [batch, hidden]', () => {
    const { module, forward } = cell(device, INPUT, HIDDEN);
    const good = normal([BATCH, INPUT]);
    const state = Array.from({ length: parts }, () => normal([BATCH, HIDDEN]));
    for (const shape of [[INPUT], [BATCH, INPUT + 1], [1, BATCH, INPUT]]) {
      const x = normal(shape);
      const message = refused(ShapeError, () => forward(x, state));
      expect(message).toContain(`x has shape [${shape.join(', ')}]`);
      dispose(x);
    }
    for (const shape of [[HIDDEN], [BATCH + 1, HIDDEN], [BATCH, HIDDEN + 1], [1, BATCH, HIDDEN]]) {
      for (const [part, partName] of ['h', 'c'].slice(0, parts).entries()) {
        const bad = normal(shape);
        const message = refused(ShapeError, () => forward(good, state.with(part, bad)));
        expect(message).toContain(`${partName} has shape [${shape.join(', ')}]`);
        dispose(bad);
      }
    }
    dispose([module, good, state]);
  });

  test.each(Array.from({ length: parts }, (_, part) => part))(
    'a cell refuses part %i of a state on another device, or disposed',
    (part) => {
      const { module, forward } = cell(device, INPUT, HIDDEN);
      const x = normal([BATCH, INPUT]);
      const state = Array.from({ length: parts }, () => normal([BATCH, HIDDEN]));
      const away = far([BATCH, HIDDEN]);
      const gone = normal([BATCH, HIDDEN]);
      gone.dispose();
      try {
        refused(DeviceError, () => forward(x, state.with(part, away)));
        refused(DisposedError, () => forward(x, state.with(part, gone)));
      } finally {
        dispose([module, x, state, away]);
      }
    },
  );

  test('sizes, layers and probabilities out of range', () => {
    const make = (input: number, hidden: number, options = {}): string =>
      refused(ArgumentError, () => layer(device, input, hidden, options));
    for (const bad of [0, -1, 1.5, NaN]) {
      expect(make(bad, 4)).toContain(`inputSize = ${bad}`);
      expect(make(3, bad)).toContain(`hiddenSize = ${bad}`);
      expect(make(3, 4, { numLayers: bad })).toContain(`numLayers = ${bad}`);
    }
    for (const bad of [-0.1, 1.1, NaN]) {
      expect(make(3, 4, { numLayers: 2, dropout: bad })).toContain('dropout');
    }
  });

  test('dropout of one layer is a warning', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { module } = layer(device, 3, 4, { dropout: 0.5 });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      `${name}: dropout = 0.5 acts between layers, and numLayers is 1: nothing is dropped`,
    );
    dispose(module);
  });
});

test('an LSTM needs both parts of its state', () => {
  const lstm = new LSTM(device, INPUT, HIDDEN);
  const normal = normalTensors(device, 'f32');
  const [x, h] = [normal([TIME, BATCH, INPUT]), normal([1, BATCH, HIDDEN])];
  try {
    // `run` takes any list.
    refused(ArgumentError, () => lstm.run(x, [h]));
  } finally {
    dispose([lstm, x, h]);
  }
  const [cell, gru] = [new LSTMCell(device, INPUT, HIDDEN), new GRUCell(device, INPUT, HIDDEN)];
  const [step, part] = [normal([BATCH, INPUT]), normal([BATCH, HIDDEN])];
  const one = part as never;
  expect(refused(ArgumentError, () => cell.forward(step, one))).toMatch(
    /LSTMCell: state = an object of Tensor; a list, \[h, c\], is needed/,
  );
  expect(refused(ArgumentError, () => gru.forward(step, 1 as never))).toMatch(
    /GRUCell: state = 1; h is needed/,
  );
  dispose([cell, gru, step, part]);
});

test.each<[what: string, step: (gx: Tensor) => unknown, message: RegExp]>([
  ['no list', (gx) => gx, /Own: step returns an object of Tensor; a list .*\[h\]/],
  ['an empty list', () => [], /Own: step returns a list of 0; a list of the new state is needed/],
  ['no tensor', () => [1], /the new h of step = 1; a tensor is needed/],
  [
    'another shape',
    (gx) => [slice(gx, 1, { end: 2 })],
    /Own: step returns h of shape \[2, 2\]; \[2, 5\]/,
  ],
])('a step written by hand that gives %s is refused', (_, given, message) => {
  class Own extends Cell {
    constructor(options = {}) {
      super(device, { gates: ['h'], state: ['h'] }, INPUT, 5, options);
    }
    project(x: Tensor): Tensor {
      return this.fromInput(x, 'both');
    }
    step(gx: Tensor): Tensor[] {
      return given(gx) as Tensor[];
    }
  }
  const kind = {
    name: 'own',
    create: (_d: Device, _i: number, _h: number, o: object) => new Own(o),
  };
  const layer = new Recurrent(device, kind, INPUT, 5);
  const normal = normalTensors(device, 'f32');
  const [x, step] = [normal([TIME, 2, INPUT]), normal([2, INPUT])];
  expect(() => layer.forward(x)).toThrow(message);
  expect(() => layer.cells[0].forward(step)).toThrow(message);
  dispose([layer, x, step]);
});

test('Linear, Embedding and OneHot refuse what does not fit', () => {
  const linear = new Linear(device, 3, 2);
  const embedding = new Embedding(device, 5, 2);
  const oneHot = new OneHot(5);
  const floats = normalTensors(device, 'f32')([2, 4]);
  const away = normalTensors(other, 'f32')([2, 3]);
  const ids = tensor(device, [0, 4, 5], [3], { dtype: 'i32' });
  expect(refused(ShapeError, () => linear.forward(floats))).toContain('x has shape [2, 4]');
  expect(refused(DeviceError, () => linear.forward(away))).toContain('x');
  expect(refused(IndexError, () => embedding.forward(ids))).toMatch(/5 at position 2/);
  expect(refused(IndexError, () => oneHot.forward(ids))).toMatch(/5 at position 2/);
  refused(DTypeError, () => embedding.forward(floats));
  refused(DTypeError, () => oneHot.forward(floats));
  refused(ArgumentError, () => new Linear(device, 0, 2));
  const gelu = 'gelu' as never;
  expect(refused(ArgumentError, () => new Linear(device, 3, 2, { activation: gelu }))).toMatch(
    /Linear: activation = gelu/,
  );
  expect(refused(ArgumentError, () => new MLP(device, [3, 2], { nonlinearity: gelu }))).toMatch(
    /MLP: nonlinearity = gelu/,
  );
  refused(ArgumentError, () => new Embedding(device, 5, 0.5));
  refused(ArgumentError, () => new OneHot(0));
  refused(ArgumentError, () => new MLP(device, [3]));
  for (const p of [-1, 2, NaN]) {
    const generator = new Generator(device, 1);
    refused(ArgumentError, () => new Dropout(p, generator));
    generator.dispose();
  }
  dispose([linear, embedding, oneHot, floats, away, ids]);
});

describe('state dicts', () => {
  const shapes = (module: Module): Record<string, Shape> =>
    Object.fromEntries([...module.stateDict()].map(([name, { shape }]) => [name, shape]));

  test.each(ROWS)("$name: PyTorch's names, order and shapes", ({ gates, cell, layer }) => {
    const rows = gates * HIDDEN;
    const one = cell(device, INPUT, HIDDEN).module;
    expect(Object.entries(shapes(one))).toEqual([
      ['weight_ih', [rows, INPUT]],
      ['weight_hh', [rows, HIDDEN]],
      ['bias_ih', [rows]],
      ['bias_hh', [rows]],
    ]);
    const two = layer(device, INPUT, HIDDEN, { numLayers: 2 }).module;
    expect(Object.entries(shapes(two))).toEqual([
      ['weight_ih_l0', [rows, INPUT]],
      ['weight_hh_l0', [rows, HIDDEN]],
      ['bias_ih_l0', [rows]],
      ['bias_hh_l0', [rows]],
      ['weight_ih_l1', [rows, HIDDEN]],
      ['weight_hh_l1', [rows, HIDDEN]],
      ['bias_ih_l1', [rows]],
      ['bias_hh_l1', [rows]],
    ]);
    const bare = layer(device, INPUT, HIDDEN, { bias: false }).module;
    expect(Object.keys(shapes(bare))).toEqual(['weight_ih_l0', 'weight_hh_l0']);
    expect(two.parameterCount()).toBe(rows * (INPUT + HIDDEN + 2) + rows * (2 * HIDDEN + 2));
    dispose([one, two, bare]);
  });

  test('Linear, Embedding, Sequential, MLP, and modules made of modules', () => {
    class Pair extends Module {
      readonly first = new Linear(device, 3, 4);
      readonly layers = [new Linear(device, 4, 4, { bias: false }), new Activation('tanh')];
      readonly inner = new Sequential(new Activation('relu'), new Linear(device, 4, 2));
      readonly size = 3;
    }
    const pair = new Pair();
    expect(shapes(pair)).toEqual({
      'first.weight': [4, 3],
      'first.bias': [4],
      'layers.0.weight': [4, 4],
      'inner.1.weight': [2, 4],
      'inner.1.bias': [2],
    });
    expect(pair.parameterCount()).toBe(12 + 4 + 16 + 8 + 2);
    const mlp = new MLP(device, [3, 5, 4, 2], { nonlinearity: 'tanh' });
    expect(shapes(mlp)).toEqual({
      '0.weight': [5, 3],
      '0.bias': [5],
      '2.weight': [4, 5],
      '2.bias': [4],
      '4.weight': [2, 4],
      '4.bias': [2],
    });
    const embedding = new Embedding(device, 7, 2);
    expect(shapes(embedding)).toEqual({ weight: [7, 2] });
    expect(shapes(new OneHot(7))).toEqual({});
    dispose([pair, mlp, embedding]);
  });

  test('MLP and Sequential compute what their layers do', async () => {
    const mlp = new MLP(device, [3, 4, 2], { ...f64, nonlinearity: 'sigmoid' });
    const x = normalTensors(device)([5, 3]);
    const {
      '0.weight': w,
      '0.bias': b,
      '2.weight': v,
      '2.bias': c,
    } = await valuesOf(mlp.stateDict());
    const rows = [...(await x.data())];
    const expected = Array.from({ length: 5 }, (_, n) => {
      const hidden = b.map((bias, j) => {
        const z = [0, 1, 2].reduce((total, k) => total + w[3 * j + k] * rows[3 * n + k], bias);
        return 1 / (1 + Math.exp(-z));
      });
      return c.map((bias, j) => hidden.reduce((total, h, k) => total + v[4 * j + k] * h, bias));
    }).flat();
    const y = scope(() => mlp.forward(x));
    expectClose(await y.data(), expected, { atol: 1e-14, rtol: 1e-14 });
    const loss = sum(y);
    backward(loss);
    dispose([loss, x, mlp]);
  });

  test.each(['tanh', 'relu', 'sigmoid'] as const)(
    'MLP with %s is its layers one by one, in fewer dispatches',
    async (nonlinearity) => {
      const mlp = new MLP(device, [3, 4, 5, 2], { ...f64, nonlinearity });
      const layers = new Sequential(
        new Linear(device, 3, 4, f64),
        new Activation(nonlinearity),
        new Linear(device, 4, 5, f64),
        new Activation(nonlinearity),
        new Linear(device, 5, 2, f64),
      );
      layers.loadStateDict(mlp.stateDict());
      const x = normalTensors(device)([6, 3], true);
      const results = [];
      for (const model of [mlp, layers]) {
        const before = device.backend.dispatches;
        const y = model.forward(x);
        const forward = device.backend.dispatches - before;
        const values = [...(await y.data())];
        const loss = sum(y);
        backward(loss);
        const gradients = await Promise.all(
          [...model.parameters(), x].map(async ({ grad }) => [...(await grad!.data())]),
        );
        results.push({ forward, values, gradients });
        x.grad!.dispose();
        x.grad = undefined;
        model.zeroGrad();
        loss.dispose();
      }
      const [fused, apart] = results;
      expect(apart.forward - fused.forward).toBe(2);
      expectClose(fused.values, apart.values, { atol: 1e-14, rtol: 1e-14 });
      for (const [i, values] of apart.gradients.entries()) {
        expectClose(fused.gradients[i], values, { atol: 1e-14, rtol: 1e-14 });
      }
      dispose([mlp, layers, x]);
    },
  );

  test('loadStateDict takes tensors and host values, and copies', async () => {
    const a = new GRU(device, INPUT, HIDDEN, { numLayers: 2 });
    const b = new GRU(device, INPUT, HIDDEN, { numLayers: 2 });
    const own = b.parameters();
    b.loadStateDict(a.stateDict());
    const values = await valuesOf(a.stateDict());
    expect(await valuesOf(b.stateDict())).toEqual(values);
    expect(b.parameters()).toEqual(own);
    dispose(a);
    const doubled = Object.entries(values).map(([name, data]) => {
      const { shape } = b.stateDict().get(name)!;
      return [name, { shape, data: data.map((value) => 2 * value) }] as const;
    });
    b.loadStateDict(new Map(doubled));
    expect(await valuesOf(b.stateDict())).toEqual(
      Object.fromEntries(doubled.map(([name, { data }]) => [name, data])),
    );
    dispose(b);
  });

  test('every problem is named, and nothing is written', async () => {
    const lstm = new LSTM(device, INPUT, HIDDEN, { numLayers: 2 });
    const before = await valuesOf(lstm.stateDict());
    const zeros = (shape: Shape) => ({
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    });
    const state = new Map(
      [...lstm.stateDict()].map(([name, { shape }]) => [name, zeros(shape)] as const),
    );
    state.delete('bias_hh_l0');
    state.delete('weight_ih_l1');
    state.set('weight_hh_l0', zeros([16, 5]));
    state.set('bias_ih_l1', zeros([4, 4]));
    state.set('weight_ih_l2', zeros([16, 4]));
    state.set('rnn.weight_ih_l0', zeros([16, 3]));
    const message = refused(CheckpointError, () => lstm.loadStateDict(state));
    for (const part of [
      'bias_hh_l0 is missing',
      'weight_ih_l1 is missing',
      'weight_hh_l0 has shape [16, 5], the model [16, 4]',
      'bias_ih_l1 has shape [4, 4], the model [16]',
      'weight_ih_l2 is no parameter',
      'rnn.weight_ih_l0 is no parameter',
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain('weight_hh_l1');
    expect(await valuesOf(lstm.stateDict())).toEqual(before);
    dispose(lstm);
  });

  test.each([
    ['on another device', () => normalTensors(other, 'f32')([2])],
    ['of integers', () => tensor(device, [1, 2], [2], { dtype: 'i32' })],
    [
      'freed',
      () => {
        const value = normalTensors(device, 'f32')([2]);
        value.dispose();
        return value;
      },
    ],
    ['with too few values', () => ({ shape: [2], data: [1] })],
  ])('a value %s changes nothing', async (_, make) => {
    const linear = new Linear(device, 3, 2);
    const before = await valuesOf(linear.stateDict());
    const weight = { shape: [2, 3], data: new Float32Array(6) };
    const bias = make();
    try {
      expect(() =>
        linear.loadStateDict(new Map<string, never>(Object.entries({ weight, bias } as never))),
      ).toThrow();
      expect(await valuesOf(linear.stateDict())).toEqual(before);
    } finally {
      dispose([linear, bias]);
    }
  });
});

describe('train() and eval()', () => {
  test.each(ROWS)('$name drops between layers while training only', async ({ layer }) => {
    const generator = new Generator(device, 1);
    const make = (more = {}) =>
      layer(device, INPUT, HIDDEN, { ...f64, random: new Random(1), numLayers: 3, ...more });
    const plain = make();
    const dropping = make({ dropout: 0.5, generator });
    const x = normalTensors(device)([TIME, BATCH, INPUT]);
    const output = async ({ forward }: typeof plain): Promise<number[]> => {
      const result = forward(x);
      const values = [...(await result[0].data())];
      const loss = sum(result[0]);
      backward(loss);
      dispose([loss, result]);
      return values;
    };
    const expected = await output(plain);
    expect(dropping.module.training).toBe(true);
    const first = await output(dropping);
    expect(first).not.toEqual(expected);
    expect(generator.position.call).toBe(2);
    expect(await output(dropping)).not.toEqual(first);
    generator.position = { step: 0, call: 0 };
    expect(await output(dropping)).toEqual(first);
    expect(dropping.module.eval()).toBe(dropping.module);
    expect(await output(dropping)).toEqual(expected);
    generator.position = { step: 0, call: 0 };
    dropping.module.train();
    expect(await output(dropping)).toEqual(first);
    dispose([plain.module, dropping.module, x]);
    generator.dispose();
  });

  test('reach every module below', () => {
    const generator = new Generator(device, 1);
    const dropout = new Dropout(0.5, generator);
    const inner = new Sequential(new Activation('relu'), dropout);
    const outer = new Sequential(new Linear(device, 2, 2), inner);
    outer.eval();
    expect([outer, inner, dropout].map(({ training }) => training)).toEqual([false, false, false]);
    inner.train();
    expect([outer, inner, dropout].map(({ training }) => training)).toEqual([false, true, true]);
    outer.dispose();
    generator.dispose();
  });

  test('Dropout keeps the mean, and nothing at p = 1', async () => {
    const generator = new Generator(device, 1);
    const x = tensor(device, new Float32Array(10_000).fill(1));
    for (const p of [0, 0.3, 1]) {
      const layer = new Dropout(p, generator);
      const y = layer.forward(x);
      const values = await y.data();
      const kept = values.filter((value) => value !== 0);
      expect(Math.abs(kept.length / 10_000 - (1 - p))).toBeLessThan(0.02);
      expect(kept.every((value) => value === Math.fround(1 / (1 - p)))).toBe(true);
      expect(layer.eval().forward(x)).toBe(x);
      if (y !== x) y.dispose();
    }
    x.dispose();
    generator.dispose();
  });
});

describe('initial values', () => {
  /** Uniform in [-bound, bound]: within it, nearly reaching it, and centred. */
  function expectUniform(values: ArrayLike<number>, bound: number): void {
    const sizes = Array.from(values, Math.abs);
    const mean = Array.from(values).reduce((total, value) => total + value, 0) / values.length;
    const square = sizes.reduce((total, value) => total + value ** 2, 0) / values.length;
    expect(Math.max(...sizes)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(Math.max(...sizes)).toBeGreaterThan(bound * (1 - 12 / values.length));
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * values.length));
    expect(square / (bound ** 2 / 3)).toBeCloseTo(1, 0);
  }

  test.each(ROWS)('$name: uniform within 1 / sqrt(hidden)', async ({ cell, layer }) => {
    for (const { module } of [cell(device, 9, 64), layer(device, 9, 64, { numLayers: 2 })]) {
      for (const parameter of module.parameters()) {
        expectUniform(await parameter.data(), 1 / 8);
        expect(parameter.requiresGrad).toBe(true);
      }
      dispose(module);
    }
  });

  test('Linear: uniform within 1 / sqrt(in); Embedding: normal', async () => {
    const linear = new Linear(device, 25, 100);
    expectUniform(await linear.weight.data(), 1 / 5);
    expectUniform(await linear.bias!.data(), 1 / 5);
    const embedding = new Embedding(device, 100, 100);
    const values = [...(await embedding.weight.data())];
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const square = values.reduce((total, value) => total + value ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(square - 1)).toBeLessThan(0.06);
    const outside = values.filter((value) => Math.abs(value) > 2).length / values.length;
    expect(Math.abs(outside - 0.0455)).toBeLessThan(0.01);
    dispose([linear, embedding]);
  });

  test('the same seed gives the same weights, on its own and globally', async () => {
    const make = async (random?: Random) => {
      const lstm = new LSTM(device, 3, 4, {
        numLayers: 2,
        forgetBias: 1,
        ...(random && { random }),
      });
      const embedding = new Embedding(device, 5, 3, random && { random });
      const values = [await valuesOf(lstm.stateDict()), await valuesOf(embedding.stateDict())];
      dispose([lstm, embedding]);
      return values;
    };
    const first = await make(new Random(7));
    expect(await make(new Random(7))).toEqual(first);
    expect(await make(new Random(8))).not.toEqual(first);
    manualSeed(7);
    expect(await make()).toEqual(first);
    expect(await make()).not.toEqual(first);
    manualSeed(7);
    expect(await make()).toEqual(first);
  });

  test('the layers of a stack, and the biases of a cell, differ', async () => {
    const rnn = new RNN(device, 4, 4, { numLayers: 2 });
    const values = Object.values(await valuesOf(rnn.stateDict()));
    expect(new Set(values.map(([value]) => value)).size).toBe(values.length);
    dispose(rnn);
  });

  test.each([1, 0, 2.5])(
    'forgetBias %d: b_ih + b_hh is it exactly, elsewhere random',
    async (forgetBias) => {
      for (const module of [
        new LSTMCell(device, 3, 16, { forgetBias }),
        new LSTM(device, 3, 16, { numLayers: 2, forgetBias }),
      ]) {
        const values = await valuesOf(module.stateDict());
        const layers = Object.keys(values).filter((name) => name.startsWith('bias_ih'));
        for (const name of layers) {
          const both = [values[name], values[name.replace('ih', 'hh')]];
          const total = both[0].map((value, i) => value + both[1][i]);
          expect(total.slice(16, 32)).toEqual(new Array(16).fill(forgetBias));
          for (const bias of both) {
            const random = [...bias.slice(0, 16), ...bias.slice(32)];
            expect(new Set(random).size).toBeGreaterThan(40);
            expect(Math.max(...random.map(Math.abs))).toBeLessThanOrEqual(1 / 4);
          }
        }
        dispose(module);
      }
    },
  );

  /** The largest distance of A A^T (or A^T A, where there are more rows) from the identity. */
  function fromIdentity(values: ArrayLike<number>, rows: number, columns: number): number {
    const wide = rows <= columns;
    const n = wide ? rows : columns;
    const at = (i: number, k: number): number =>
      wide ? values[i * columns + k] : values[k * columns + i];
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let k = 0; k < (wide ? columns : rows); k++) dot += at(i, k) * at(j, k);
        worst = Math.max(worst, Math.abs(dot - (i === j ? 1 : 0)));
      }
    }
    return worst;
  }

  test.each(ROWS)('$name: orthogonal for each gate', async ({ gates, layer }) => {
    const { module } = layer(device, 3, 64, { numLayers: 2, recurrentInit: 'orthogonal' });
    for (const [name, parameter] of module.namedParameters()) {
      const values = await parameter.data();
      if (!name.startsWith('weight_hh')) expectUniform(values, 1 / 8);
      else {
        const blocks = Array.from({ length: gates }, (_, gate) =>
          values.slice(gate * 64 ** 2, (gate + 1) * 64 ** 2),
        );
        for (const block of blocks) {
          expect(fromIdentity(block, 64, 64)).toBeLessThan(1e-6);
          // Mixed all through: as large as entries of a random orthogonal matrix get.
          expect(Math.max(...block.map(Math.abs))).toBeLessThan(0.8);
        }
        expect(new Set(blocks.map(([value]) => value)).size).toBe(gates);
      }
    }
    dispose(module);
  });

  test.each([
    [1, 1],
    [1, 5],
    [5, 1],
    [3, 7],
    [7, 3],
    [2, 2],
    [65, 33],
  ])('orthogonal of [%i, %i]', (rows, columns) => {
    const values = orthogonal([rows, columns], new Random(4));
    expect(values.length).toBe(rows * columns);
    expect(fromIdentity(values, rows, columns)).toBeLessThan(1e-12);
    expect(bytes(orthogonal([rows, columns], new Random(4)))).toEqual(bytes(values));
  });

  test('the time of orthogonal weights grows with their number, not as a QR decomposition', () => {
    const growth = cpuGrowth(1024, (units) => orthogonal([units, units], new Random(4)));
    // Of 64 times as many weights; QR would take 512 times as long.
    expect(growth).toBeLessThan(200);
  });
});

describe('memory', () => {
  test.each(ROWS)('$name: parameters and gradients survive scopes', async ({ layer, parts }) => {
    const x = normalTensors(device)([TIME, BATCH, INPUT]);
    const keep: Module[] = [];
    const grads = scope(() => {
      const { module, forward } = layer(device, INPUT, HIDDEN, { ...f64, numLayers: 2 });
      keep.push(module);
      backward(sum(forward(x)[0]));
      return module.parameters().length;
    });
    const [module] = keep;
    expect(grads).toBe(8);
    expect(device.memory().liveTensors).toBe(1 + 2 * grads);
    for (const parameter of module.parameters()) {
      expect(parameter.disposed).toBe(false);
      expect((await parameter.grad!.data()).some((value) => value !== 0)).toBe(true);
    }
    module.zeroGrad();
    expect(device.memory().liveTensors).toBe(1 + grads);
    expect(module.parameters().every(({ grad }) => grad === undefined)).toBe(true);
    dispose([x, module]);
    expect(parts).toBeGreaterThan(0);
  });

  test.each(ROWS)('$name: a thousand steps hold no more than ten', ({ layer }) => {
    const { module, forward } = layer(device, INPUT, HIDDEN, { numLayers: 2 });
    const x = normalTensors(device, 'f32')([TIME, BATCH, INPUT]);
    let after10 = {};
    for (let step = 1; step <= 1000; step++) {
      scope(() => backward(sum(forward(x)[0])));
      module.zeroGrad();
      if (step === 10) after10 = device.memory();
    }
    expect(device.memory()).toEqual(after10);
    dispose([x, module]);
  });

  test('dispose frees parameters, gradients, and what a module made for itself', () => {
    const modules = [
      ...Object.values(ARCHITECTURES).flatMap(({ cell, layer }) => [
        cell(device, 3, 4).module,
        layer(device, 3, 4, { numLayers: 2, recurrentInit: 'orthogonal' }).module,
      ]),
      new Linear(device, 3, 4),
      new Embedding(device, 3, 4),
      new MLP(device, [3, 4, 5]),
      new RNNCell(device, 3, 4, { nonlinearity: 'relu' }),
    ];
    for (const module of modules) {
      module.dispose();
      module.dispose();
    }
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test('dispose frees the generator that dropout made for itself', () => {
    const before = device.memory();
    const lstm = new LSTM(device, 3, 4, { numLayers: 2, dropout: 0.5 });
    lstm.dispose();
    expect(device.memory().liveTensors).toBe(before.liveTensors);
  });
});
