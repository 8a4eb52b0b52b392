/** Optimisers, clipping and schedules: PyTorch's trajectories, skipped steps, saved state. */
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  backward,
  CheckpointError,
  detach,
  DeviceError,
  dispose,
  DTypeError,
  GraphError,
  openDevice,
  reshape,
  scope,
  square,
  sum,
  tensor,
} from '../../src/index';
import type { Device, DType, Shape, Tensor } from '../../src/index';
import { LSTM } from '../../src/nn/index';
import {
  Adagrad,
  Adam,
  AdamW,
  clipGradNorm,
  clipGradValue,
  constant,
  cosine,
  exponentialDecay,
  findNonFinite,
  linearRamp,
  RMSprop,
  SGD,
  stepDecay,
  warmup,
} from '../../src/optim/index';
import type { NamedParameters, Optimizer, Schedule } from '../../src/optim/index';
import { tanhOfSum } from '../setup/one_gradient';
import { expectClose, fixtures, OPTIM_LEFT_OUT } from '../setup/fixtures';
import type { FixtureCase } from '../setup/fixtures';
import { normalTensors, thrown, valuesOf } from '../setup/nn_helpers';

const cases = fixtures('optim');

type Make = (parameters: NamedParameters, options?: FixtureCase['options']) => Optimizer;

const OPTIMIZERS: Readonly<Record<string, Make>> = {
  SGD: (parameters, options) => new SGD(parameters, options),
  Adagrad: (parameters, options) => new Adagrad(parameters, options),
  RMSprop: (parameters, options) => new RMSprop(parameters, options),
  Adam: (parameters, options) => new Adam(parameters, options),
  AdamW: (parameters, options) => new AdamW(parameters, options),
};
const makers = Object.entries(OPTIMIZERS).map(([name, make]) => ({ name, make }));

type Numbers = Record<string, number>;

/** The factor of the base rate for the options of PyTorch's schedulers. */
const SCHEDULES: Readonly<Record<string, (options: Numbers) => Schedule>> = {
  StepLR: ({ stepSize, gamma }) => stepDecay(stepSize, gamma),
  ExponentialLR: ({ gamma }) => exponentialDecay(gamma),
  CosineAnnealingLR: ({ tMax, etaMin, lr }) => cosine(tMax, etaMin / lr),
  LinearLR: ({ startFactor, endFactor, totalIters }) =>
    linearRamp(totalIters, startFactor, endFactor),
};

const isClip = ({ op }: FixtureCase): boolean => op.startsWith('clip');
const trajectories = cases.filter(({ op, name }) => op in OPTIMIZERS && !(name in OPTIM_LEFT_OUT));

test('every case of the fixtures is run, but for those left out with a reason', () => {
  const known = cases.filter((one) => one.op in OPTIMIZERS || one.op in SCHEDULES || isClip(one));
  expect(known).toEqual(cases);
  expect(cases.length - trajectories.length - Object.keys(OPTIM_LEFT_OUT).length).toBe(
    cases.filter((one) => isClip(one) || one.op in SCHEDULES).length,
  );
  for (const name of Object.keys(OPTIM_LEFT_OUT)) {
    expect(cases.find((one) => one.name === name)?.options.dampening).not.toBe(0);
  }
});

/** A parameter, with a gradient where values for one are given. */
function parameter(
  device: Device,
  shape: Shape,
  values: ArrayLike<number>,
  { dtype, grad }: { dtype?: DType; grad?: ArrayLike<number> } = {},
): Tensor {
  const result = tensor(device, Float32Array.from(values), shape, { dtype, requiresGrad: true });
  if (grad) result.grad = tensor(device, Float32Array.from(grad), shape, { dtype });
  return result;
}

const runs = [
  { title: 'f64', reference: false, dtype: 'f64', atol: 1e-9, rtol: 2e-7 },
  { title: 'f32', reference: false, dtype: 'f32', atol: 1e-6, rtol: 1e-5 },
  { title: 'f32, reference kernels', reference: true, dtype: 'f32', atol: 1e-6, rtol: 1e-5 },
] satisfies { title: string; reference: boolean; dtype: DType; atol: number; rtol: number }[];

describe.each(runs)('PyTorch, CPU, $title', ({ reference, dtype, atol, rtol }) => {
  test.each(trajectories)('$name', async ({ op, options, parameters, gradients, outputs }) => {
    const device = await openDevice('cpu', { reference });
    const named = Object.entries(parameters).map(
      ([name, { shape, data }]) => [name, parameter(device, shape, data, { dtype })] as const,
    );
    const { dampening, ...own } = options;
    expect(dampening ?? 0).toBe(0);
    const optimizer = OPTIMIZERS[op](named, own);
    expect(optimizer.lr).toBe(options.lr);
    const steps = gradients.w.shape[0];
    for (let step = 0; step < steps; step++) {
      const row = (all: readonly number[], size: number): number[] =>
        all.slice(step * size, (step + 1) * size);
      for (const [name, value] of named) {
        const grad = Float32Array.from(row(gradients[name].data, value.size));
        value.grad = tensor(device, grad, value.shape, { dtype });
      }
      optimizer.step();
      for (const [name, value] of named) {
        const expected = row(outputs[name].data, value.size);
        const what = `${name} after step ${step + 1}`;
        // In f32, 1 - beta2^t has three digits less than beta2^t, and a step is about as long as lr.
        const room = dtype === 'f32' ? 3e-5 * optimizer.lr : 0;
        expectClose(await value.data(), expected, { atol: atol + room, rtol, what });
      }
      optimizer.zeroGrad();
      expect(named.every(([, { grad }]) => grad === undefined)).toBe(true);
    }
    expect(await optimizer.counts()).toMatchObject({ steps, skipped: 0 });
    optimizer.dispose();
    for (const [, value] of named) value.dispose();
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test.each(cases.filter(isClip))('$name', async ({ op, options, gradients, outputs }) => {
    const device = await openDevice('cpu', { reference });
    const named = Object.entries(gradients).map(([name, { shape, data }]) => {
      const zeros = new Float32Array(data.length);
      return [name, parameter(device, shape, zeros, { dtype, grad: data })] as const;
    });
    const parameters = named.map(([, value]) => value);
    if (op === 'clipGradNorm') {
      const norm = clipGradNorm(parameters, options.maxNorm as number);
      expect(norm.shape).toEqual([]);
      expectClose([await norm.item()], outputs.norm.data, { atol, rtol, what: 'norm' });
      norm.dispose();
    } else {
      clipGradValue(parameters, options.clipValue as number);
    }
    for (const [name, { grad }] of named) {
      expectClose(await grad!.data(), outputs[name].data, { atol, rtol, what: name });
    }
    dispose(parameters);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });
});

describe('schedules', () => {
  test.each(cases.filter(({ op }) => op in SCHEDULES))('$name', ({ op, options, outputs }) => {
    const { lr } = options as Numbers;
    const schedule = SCHEDULES[op](options as Numbers);
    const rates = outputs.lr.data.map((_, step) => lr * schedule(step));
    expectClose(rates, outputs.lr.data, { atol: 1e-9, rtol: 1e-7 });
  });

  test('constant, and warm-up into another', () => {
    expect([0, 1, 1000].map(constant)).toEqual([1, 1, 1]);
    const schedule = warmup(4, stepDecay(2, 0.5));
    expect(Array.from({ length: 9 }, (_, step) => schedule(step))).toEqual([
      1 / 5,
      2 / 5,
      3 / 5,
      4 / 5,
      1,
      1,
      0.5,
      0.5,
      0.25,
    ]);
    expect([0, 1, 2].map(warmup(1))).toEqual([0.5, 1, 1]);
  });

  test('bad numbers of steps', () => {
    for (const bad of [0, -1, 1.5, NaN]) {
      expect(thrown(ArgumentError, () => stepDecay(bad))).toContain(`stepSize = ${bad}`);
      expect(thrown(ArgumentError, () => cosine(bad))).toContain(`total = ${bad}`);
      expect(thrown(ArgumentError, () => linearRamp(bad, 0, 1))).toContain(`total = ${bad}`);
      expect(thrown(ArgumentError, () => warmup(bad))).toContain(`steps = ${bad}`);
    }
  });
});

describe('gradients that backward left', () => {
  /** An LSTM's, whose two biases get the same gradient. */
  async function learned() {
    const device = await openDevice('cpu');
    const lstm = new LSTM(device, 3, 4, { dtype: 'f64', numLayers: 2 });
    const x = normalTensors(device)([5, 2, 3]);
    scope(() => backward(sum(square(lstm.forward(x)[0]))));
    const read = () => valuesOf([...lstm.namedParameters()].map(([name, p]) => [name, p.grad!]));
    return { device, lstm, read, before: await read() };
  }
  const normOf = (values: Record<string, number[]>): number =>
    Math.hypot(...Object.values(values).flat());

  test('clipGradNorm scales each once', async () => {
    const { lstm, read, before } = await learned();
    expect(before.bias_ih_l0).toEqual(before.bias_hh_l0);
    const maxNorm = normOf(before) / 8;
    const norm = await clipGradNorm(lstm.parameters(), maxNorm).item();
    expect(norm).toBeCloseTo(normOf(before), 10);
    const after = await read();
    for (const [name, values] of Object.entries(before)) {
      const expected = values.map((value) => value / 8);
      expectClose(after[name], expected, { atol: 1e-12, rtol: 1e-5, what: name });
    }
    expect(normOf(after) / maxNorm).toBeCloseTo(1, 5);
  });

  test('clipGradNorm(Infinity) measures only', async () => {
    const { lstm, read, before } = await learned();
    const norm = await clipGradNorm(lstm.parameters(), Infinity).item();
    expect(norm).toBeCloseTo(normOf(before), 10);
    expect(await read()).toEqual(before);
  });

  test('a gradient can be written without changing another', async () => {
    const { lstm, read, before } = await learned();
    const { grad } = lstm.stateDict().get('bias_ih_l0')!;
    grad!.write(new Float64Array(grad!.size));
    expect((await read()).bias_hh_l0).toEqual(before.bias_hh_l0);
  });

  test('two that an operation got as one are scaled once each', async () => {
    const device = await openDevice('cpu');
    const normal = normalTensors(device);
    const [gx, gh] = [normal([2, 3], true), normal([2, 3], true)];
    scope(() => backward(sum(tanhOfSum(gx, gh))));
    const before = await gx.grad!.data();
    const maxNorm = Math.hypot(...before) / 4;
    clipGradNorm([gx, gh], maxNorm).dispose();
    const expected = before.map((value) => value / (4 * Math.SQRT2));
    for (const { grad } of [gx, gh]) {
      expectClose(await grad!.data(), expected, { atol: 1e-12, rtol: 1e-5 });
    }
  });

  test('parameters without one are left out', async () => {
    const device = await openDevice('cpu');
    const a = parameter(device, [2], [1, 2], { grad: [3, 4] });
    const b = parameter(device, [2], [1, 2]);
    expect(await clipGradNorm([a, b], 1).item()).toBe(5);
    clipGradValue([a, b], 0.1);
    const optimizer = new SGD(Object.entries({ a, b }), { lr: 1 });
    optimizer.step();
    expect((await a.data())[0]).toBeCloseTo(0.9, 6);
    expect(await b.data()).toEqual(Float32Array.of(1, 2));
    expect((await optimizer.stateDict()).get('momentum_buffer.b')?.data).toEqual(
      Float32Array.of(0, 0),
    );
  });

  test('none at all, and bad limits, are refused', async () => {
    const device = await openDevice('cpu');
    const a = parameter(device, [2], [1, 2]);
    expect(thrown(ArgumentError, () => clipGradNorm([a], 1))).toContain('backward');
    const optimizer = new SGD([['a', a]]);
    expect(thrown(GraphError, () => optimizer.step())).toContain('backward');
    expect(await optimizer.counts()).toMatchObject({ steps: 0, skipped: 0 });
    for (const bad of [0, -1, NaN]) {
      expect(thrown(ArgumentError, () => clipGradNorm([a], bad))).toContain(`maxNorm = ${bad}`);
      expect(thrown(ArgumentError, () => clipGradValue([a], bad))).toContain(`limit = ${bad}`);
    }
  });
});

describe.each(makers)('$name', ({ name, make }) => {
  const momentum = name === 'SGD' || name === 'RMSprop' ? { momentum: 0.9 } : {};
  const options = { lr: 0.1, weightDecay: 0.01, ...momentum };

  /** Two parameters, their optimiser, and steps with gradients that follow from the step. */
  async function setUp() {
    const device = await openDevice('cpu');
    const w = parameter(device, [3, 2], [1, -2, 3, -4, 5, -6]);
    const b = parameter(device, [4], [0.5, 0.25, -1, 0]);
    const optimizer = make(Object.entries({ w, b }), options);
    const step = async (k: number, broken?: number) => {
      for (const [i, value] of [w, b].entries()) {
        const grad = Float32Array.from({ length: value.size }, (_, j) => Math.sin(k + i + 3 * j));
        if (broken !== undefined && i === 1) grad[2] = broken;
        value.grad = tensor(device, grad, value.shape);
      }
      const norm = clipGradNorm([w, b], 1);
      optimizer.step();
      optimizer.zeroGrad();
      const result = await norm.item();
      norm.dispose();
      return result;
    };
    const snapshot = async () => {
      const state = await optimizer.stateDict();
      return {
        parameters: await valuesOf(Object.entries({ w, b })),
        state: [...state].filter(([name]) => name !== 'clock'),
        clock: [...Array.from(state.get('clock')!.data)],
      };
    };
    return { device, w, b, optimizer, step, snapshot };
  }

  test.each([NaN, Infinity, -Infinity])('a gradient of %d skips the step', async (broken) => {
    const { optimizer, step, snapshot } = await setUp();
    for (let k = 0; k < 3; k++) expect(await step(k)).toBeGreaterThan(1);
    const before = await snapshot();
    // The step sees what `clipGradNorm` left, which is 1.
    expect((await optimizer.counts()).gradNorm).toBeCloseTo(1, 5);
    expect(await step(3, broken)).toBe(Infinity);
    expect(await step(3, broken)).toBe(Infinity);
    const after = await snapshot();
    expect(after.parameters).toEqual(before.parameters);
    expect(after.state).toEqual(before.state);
    expect(await optimizer.counts()).toMatchObject({ steps: 3, skipped: 2 });

    // As if the skipped steps had never been.
    await step(3);
    const once = await setUp();
    for (let k = 0; k < 4; k++) await once.step(k);
    const [mine, other] = [await snapshot(), await once.snapshot()];
    expect(mine.parameters).toEqual(other.parameters);
    expect(mine.state).toEqual(other.state);
  });

  test('the first step may be the one that is skipped', async () => {
    const { optimizer, step, snapshot } = await setUp();
    const before = await snapshot();
    await step(0, NaN);
    expect((await snapshot()).parameters).toEqual(before.parameters);
    await step(0);
    const once = await setUp();
    await once.step(0);
    expect((await snapshot()).parameters).toEqual((await once.snapshot()).parameters);
    expect(await optimizer.counts()).toMatchObject({ steps: 1, skipped: 1 });
  });

  test('a saved state continues identically', async () => {
    const a = await setUp();
    for (let k = 0; k < 3; k++) await a.step(k);
    await a.step(9, NaN);
    const b = await setUp();
    b.w.write(await a.w.data());
    b.b.write(await a.b.data());
    b.optimizer.loadStateDict(await a.optimizer.stateDict());
    expect(await b.snapshot()).toEqual(await a.snapshot());
    expect(await b.optimizer.counts()).toMatchObject({ steps: 3, skipped: 1 });
    for (let k = 3; k < 6; k++) {
      await a.step(k);
      await b.step(k);
    }
    expect(await b.snapshot()).toEqual(await a.snapshot());
  });

  test('a saved state brings its rate, which can be set again', async () => {
    const { optimizer, step, snapshot } = await setUp();
    await step(0);
    const state = await optimizer.stateDict();
    optimizer.lr = 0.5;
    optimizer.loadStateDict(state);
    expect(optimizer.lr).toBeCloseTo(0.1, 7);
    expect((await snapshot()).clock[0]).toBeCloseTo(0.1, 7);
    optimizer.lr = 0.5;
    expect((await snapshot()).clock[0]).toBe(0.5);
  });

  test('a state from before the first step starts all over', async () => {
    const { w, b, optimizer, step, snapshot } = await setUp();
    const values = [await w.data(), await b.data()];
    const fresh = await optimizer.stateDict();
    await step(0);
    const first = await snapshot();
    await step(1);
    optimizer.loadStateDict(fresh);
    [w, b].forEach((value, i) => value.write(values[i]));
    await step(0);
    expect(await snapshot()).toEqual(first);
  });

  test('a state that does not fit changes nothing', async () => {
    const { optimizer, step, snapshot } = await setUp();
    await step(0);
    const good = await optimizer.stateDict();
    const slots = [...good.keys()].filter((name) => name.endsWith('.w'));
    const [slot] = slots;
    await step(1);
    const zeros = (shape: Shape) => ({
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
    });
    type Fault = [string, (state: typeof good) => unknown];
    const bad: Fault[] = [
      ['clock', (state) => state.delete('clock')],
      ['clock', (state) => state.set('clock', zeros([5]))],
      [slot, (state) => state.set(slot, zeros([2, 3]))],
      [slot, (state) => state.set(slot, zeros([6]))],
      [slot, (state) => state.set(slot, { shape: [3, 2], data: new Float32Array(5) })],
      // With one slot only, this is a parameter that never had a gradient.
      ...(slots.length > 1 ? [[slot, (state) => state.delete(slot)] as Fault] : []),
      ['other.w', (state) => state.set('other.w', zeros([3, 2]))],
      ['.v', (state) => state.set(slot.replace('.w', '.v'), zeros([3, 2]))],
      ['step', (state) => state.set('step', zeros([]))],
    ];
    for (const [i, [name, change]] of bad.entries()) {
      const state = new Map(good);
      change(state);
      const title = `case ${i}, ${name}`;
      const before = await snapshot();
      let error: unknown;
      try {
        optimizer.loadStateDict(state);
      } catch (reason) {
        error = reason;
      }
      expect.soft(error, title).toBeInstanceOf(CheckpointError);
      expect.soft(String(error), title).toContain(name);
      expect.soft(await snapshot(), title).toEqual(before);
    }
  });

  test('lr can be set, and is written to the device', async () => {
    const { w, optimizer, step, snapshot } = await setUp();
    await step(0);
    const before = await w.data();
    optimizer.lr = 0;
    expect(optimizer.lr).toBe(0);
    await step(1);
    expect(await w.data()).toEqual(before);
    optimizer.lr = 0.25;
    expect(optimizer.lr).toBe(0.25);
    expect((await snapshot()).clock[0]).toBe(0.25);
    await step(2);
    expect(await w.data()).not.toEqual(before);
    expect(await optimizer.counts()).toMatchObject({ steps: 3, skipped: 0 });
    for (const bad of [-1, NaN, Infinity]) {
      expect(thrown(ArgumentError, () => (optimizer.lr = bad))).toContain(`lr = ${bad}`);
      expect(optimizer.lr).toBe(0.25);
    }
  });

  test('memory is flat after the first step, and dispose frees the state', async () => {
    const { device, w, b, optimizer, step } = await setUp();
    await step(0);
    const after = device.memory();
    for (let k = 1; k < 50; k++) await step(k, k % 5 ? undefined : NaN);
    expect(device.memory().liveBytes).toBe(after.liveBytes);
    expect(device.memory().liveTensors).toBe(after.liveTensors);
    optimizer.dispose();
    expect(device.memory().liveTensors).toBe(2);
    dispose([w, b]);
  });

  test('no parameters, or a bad rate', async () => {
    const device = await openDevice('cpu');
    expect(thrown(ArgumentError, () => make([]))).toContain('empty');
    const w = parameter(device, [1], [1]);
    for (const lr of [-0.1, NaN, Infinity]) {
      expect(thrown(ArgumentError, () => make([['w', w]], { lr }))).toContain(`lr = ${lr}`);
    }
    expect(device.memory().liveTensors).toBe(1);
  });
});

describe('findNonFinite', () => {
  test('names the tensors with a NaN or an infinity', async () => {
    const device = await openDevice('cpu');
    const values: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries({ nan: NaN, plus: Infinity, minus: -Infinity })) {
      const data = new Float32Array(300);
      data[299] = value;
      values[`${name}.last`] = tensor(device, data, [3, 100]);
      values[`${name}.first`] = tensor(device, [value]);
    }
    values.good = tensor(device, [0, -0, 3.4e38, -3.4e38, 1e-45]);
    values.empty = tensor(device, []);
    const names = Object.keys(values).filter((name) => name !== 'good' && name !== 'empty');
    const before = device.memory().liveTensors;
    expect(await findNonFinite(Object.entries(values))).toEqual(names);
    expect(await findNonFinite([['good', values.good]])).toEqual([]);
    expect(await findNonFinite([])).toEqual([]);
    expect(device.memory().liveTensors).toBe(before);
  });
});

describe('where parameters live', () => {
  /** Three parameters of odd sizes, and their gradients. */
  async function start() {
    const device = await openDevice('cpu');
    const normal = normalTensors(device);
    const named = ['a', 'b', 'c'].map((name, i) => [name, normal([i + 3, 5], true)] as const);
    const grads = named.map(([, { shape }]) => normal(shape));
    const give = (): void => {
      for (const [i, [, parameter]] of named.entries()) {
        parameter.grad?.dispose();
        parameter.grad = detach(grads[i]);
      }
    };
    const values = async () => Object.values(await valuesOf(named)).flat();
    const flat = (await Promise.all(grads.map((grad) => grad.data()))).flatMap((x) => [...x]);
    return { device, named, give, values, flat };
  }

  test('an optimiser that comes later takes them; both update, and they outlive both', async () => {
    const { named, give, values, flat } = await start();
    const seen = detach(named[1][1]);
    const expected = await values();
    const all = new SGD(named, { lr: 0.5 });
    expect(await values()).toEqual(expected);
    const later = new SGD(named.slice(1), { lr: 0.25 });
    const few = named[0][1].size;
    for (const [optimizer, lr, from] of [
      [all, 0.5, 0],
      [later, 0.25, few],
      [all, 0.5, 0],
    ] as const) {
      give();
      optimizer.step();
      for (let i = from; i < flat.length; i++) expected[i] -= lr * flat[i];
    }
    all.dispose();
    later.dispose();
    expectClose(await values(), expected, { atol: 1e-12, rtol: 1e-12 });
    expect(await seen.data()).toEqual(await named[1][1].data());
  });

  test('writing one leaves what the graph saved of another', async () => {
    const { named } = await start();
    new SGD(named);
    const [[, a], [, b]] = named;
    const loss = scope(() => sum(square(a)));
    b.write(new Float64Array(b.size));
    backward(loss);
    const doubled = (await a.data()).map((value) => 2 * value);
    expectClose(await a.grad!.data(), doubled, { atol: 1e-12, rtol: 1e-12 });
    const again = scope(() => sum(square(a)));
    a.write(new Float64Array(a.size));
    expect(() => backward(again)).toThrow(GraphError);
  });

  test('a step that updates one is a change of what the graph saved of it', async () => {
    const { named, give } = await start();
    const optimizer = new SGD(named);
    const loss = scope(() => sum(square(named[0][1])));
    give();
    optimizer.step();
    expect(() => backward(loss)).toThrow(GraphError);
  });

  test('tensors of other dtypes or devices are refused by name', async () => {
    const { device, named } = await start();
    const message = (type: new (...args: never[]) => Error, odd: Tensor): string =>
      thrown(type, () => new Adam([...named, ['odd', odd]]));
    expect(message(DTypeError, tensor(device, [1], [1], { requiresGrad: true }))).toBe(
      'Adam: a is f64 and odd f32; make both of one dtype',
    );
    expect(message(DTypeError, tensor(device, [1], [1], { dtype: 'i32' }))).toBe(
      'Adam: odd is i32; f32 or f64 is needed',
    );
    const other = await openDevice('cpu');
    const odd = tensor(other, [1], [1], { dtype: 'f64', requiresGrad: true });
    expect(message(DeviceError, odd)).toMatch(/^Adam: a lives on CPU.*, odd on CPU/);
  });

  test('two tensors on one memory are refused by name; nothing has moved', async () => {
    const { device, named } = await start();
    const [[, a]] = named;
    const before = device.memory().liveTensors;
    const tied = reshape(a, [a.size]);
    const message = thrown(ArgumentError, () => new Adam([...named, ['tied', tied]]));
    expect(message).toContain('Adam: a and tied share one memory');
    tied.dispose();
    expect(device.memory().liveTensors).toBe(before);
    // Parts of the buffer of an optimiser are apart.
    new SGD(named);
    new SGD(named.toReversed());
  });

  test('memory: one copy of the parameters, given back', async () => {
    const { device, named } = await start();
    const before = device.memory();
    const optimizer = new SGD(named);
    // The clock, and the tensor of them all; a buffer for three.
    const clock = 8 * 8;
    expect(device.memory().liveBytes - before.liveBytes).toBe(clock);
    optimizer.dispose();
    const { liveBytes, liveTensors } = device.memory();
    expect({ liveBytes, liveTensors }).toEqual({
      liveBytes: before.liveBytes,
      liveTensors: before.liveTensors,
    });
  });
});
