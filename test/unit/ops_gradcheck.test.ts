import { beforeEach, describe, expect, test } from 'vitest';
import {
  backward,
  dispose,
  Generator,
  gradcheck,
  openDevice,
  Random,
  Tensor,
  tensor,
} from '../../src/index';
import * as ops from '../../src/ops/index';
import { expectClose } from '../setup/fixtures';
import { CELLS } from '../setup/cells';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
let random = new Random(0);
beforeEach(() => {
  random = new Random(1);
});

type Input = () => Tensor;

function input(shape: number[], value: (index: number) => number): Input {
  const size = shape.reduce((product, n) => product * n, 1);
  return () =>
    tensor(
      device,
      Float64Array.from({ length: size }, (_, i) => value(i)),
      shape,
      {
        dtype: 'f64',
        requiresGrad: true,
      },
    );
}

const normal = (...shape: number[]): Input => input(shape, () => random.normal());
const positive = (...shape: number[]): Input => input(shape, () => 0.5 + random.uniform());
/** Distinct values, none near 0, 0.5 or another: no kink of abs, relu, clamp or a maximum. */
const apart = (...shape: number[]): Input => {
  const flip = (i: number): number => (i % 2 ? -1 : 1);
  return input(shape, (i) => flip(i) * (0.13 + 0.2 * ((i * 7) % 11) + 0.001 * i));
};
/** 1 and 0 in turn, without a gradient. */
const mask =
  (...shape: number[]): Input =>
  () => {
    const result = input(shape, (i) => i % 2)();
    result.requiresGrad = false;
    return result;
  };
const ids =
  (shape: number[], values: number[]): Input =>
  () =>
    tensor(device, values, shape, { dtype: 'i32' });

type Body = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
interface Row {
  name: string;
  body: Body;
  inputs: readonly Input[];
}

const matmul = (a: Tensor, b: Tensor): Tensor => ops.matmul(a, b);

/** The first word of a name is the op. */
const TABLE: readonly (readonly [name: string, body: Body, ...inputs: Input[]])[] = [
  ['neg', ops.neg, normal(2, 3)],
  ['abs', ops.abs, apart(2, 3)],
  ['exp', ops.exp, normal(2, 3)],
  ['log', ops.log, positive(2, 3)],
  ['sqrt', ops.sqrt, positive(2, 3)],
  ['square', ops.square, normal(2, 3)],
  ['reciprocal', ops.reciprocal, positive(2, 3)],
  ['tanh', ops.tanh, normal(2, 3)],
  ['sigmoid', ops.sigmoid, normal(2, 3)],
  ['relu', ops.relu, apart(2, 3)],
  ['sin', ops.sin, normal(2, 3)],
  ['cos', ops.cos, normal(2, 3)],
  ['softplus', ops.softplus, normal(2, 3)],

  ['add', ops.add, normal(2, 3), normal(2, 3)],
  ['add broadcast', ops.add, normal(2, 1, 3), normal(4, 1)],
  ['add number', (x) => ops.add(x, 2.5), normal(2, 3)],
  ['sub', ops.sub, normal(2, 3), normal(3)],
  ['sub number', (x) => ops.sub(x, 2.5), normal(2, 3)],
  ['mul', ops.mul, normal(2, 3), normal(2, 1)],
  ['mul number', (x) => ops.mul(x, -2.5), normal(2, 3)],
  ['mul with itself', (x) => ops.mul(x, x), normal(2, 3)],
  ['div', ops.div, normal(2, 3), positive(3)],
  ['div number', (x) => ops.div(x, 2.5), normal(2, 3)],
  ['maximum', ops.maximum, apart(2, 3), normal(3)],
  ['maximum number', (x) => ops.maximum(x, 0.5), apart(2, 3)],
  ['minimum', ops.minimum, apart(2, 3), normal(3)],
  ['minimum number', (x) => ops.minimum(x, 0.5), apart(2, 3)],
  ['pow', ops.pow, positive(2, 3), normal(3)],
  ['pow number', (x) => ops.pow(x, 3), normal(2, 3)],
  ['where', ops.where, mask(2, 3), normal(2, 3), normal(2, 3)],
  ['where broadcast', ops.where, mask(2, 1), normal(3), normal(4, 1, 1)],
  ['clamp', (x) => ops.clamp(x, { min: -0.5, max: 0.5 }), apart(3, 4)],
  ['clamp from below', (x) => ops.clamp(x, { min: 0.5 }), apart(3, 4)],
  ['clamp from above', (x) => ops.clamp(x, { max: 0.5 }), apart(3, 4)],

  ['matmul', matmul, normal(2, 3), normal(3, 4)],
  ['matmul batch by matrix', matmul, normal(2, 3, 4), normal(4, 2)],
  ['matmul matrix by batch', matmul, normal(3, 4), normal(2, 4, 2)],
  ['matmul broadcast', matmul, normal(2, 1, 2, 3), normal(2, 3, 2)],
  ['matmul a^T', (a, b) => ops.matmul(a, b, { transposeA: true }), normal(3, 2), normal(3, 4)],
  ['matmul b^T', (a, b) => ops.matmul(a, b, { transposeB: true }), normal(2, 3), normal(4, 3)],
  ['matmul vectors', matmul, normal(3), normal(3)],
  ['matmul matrix by vector', matmul, normal(2, 3), normal(3)],
  ['matmul vector by matrix', matmul, normal(3), normal(3, 2)],
  ['linear', (x, w, b) => ops.linear(x, w, b), normal(2, 3), normal(4, 3), normal(4)],
  ...(['tanh', 'relu', 'sigmoid'] as const).flatMap((activation): [string, Body, ...Input[]][] => [
    [
      `linear ${activation}`,
      (x, w, b) => ops.linear(x, w, b, { activation }),
      ...[normal(2, 3), normal(4, 3), normal(4)],
    ],
    [
      `linear ${activation} 3d without bias`,
      (x, w) => ops.linear(x, w, undefined, { activation }),
      ...[normal(2, 2, 3), normal(4, 3)],
    ],
  ]),
  ['linear 3d without bias', (x, w) => ops.linear(x, w), normal(2, 2, 3), normal(4, 3)],

  ['sum', (x) => ops.sum(x), normal(2, 3)],
  ['sum dim 1', (x) => ops.sum(x, { dim: 1 }), normal(2, 3, 2)],
  ['sum dims apart', (x) => ops.sum(x, { dim: [0, 2], keepdim: true }), normal(2, 3, 2)],
  ['mean', (x) => ops.mean(x), normal(2, 3)],
  ['mean dim 0', (x) => ops.mean(x, { dim: 0 }), normal(2, 3)],
  ['amax', (x) => ops.amax(x), apart(2, 3)],
  ['amax dim -1', (x) => ops.amax(x, { dim: -1 }), apart(2, 3)],
  ['softmax', (x) => ops.softmax(x, -1), normal(2, 3)],
  ['softmax dim 0', (x) => ops.softmax(x, 0), normal(2, 3)],
  ['logSoftmax', (x) => ops.logSoftmax(x, -1), normal(2, 3)],
  ['logSoftmax dim 0', (x) => ops.logSoftmax(x, 0), normal(2, 3)],
  ['crossEntropy', (x, t) => ops.crossEntropy(x, t), normal(3, 4), ids([3], [0, -100, 3])],
  [
    'crossEntropy classes in the middle',
    (x, t) => ops.crossEntropy(x, t, { reduction: 'none' }),
    normal(2, 4, 3),
    ids([2, 3], [0, 1, 2, 3, 0, 1]),
  ],
  [
    'crossEntropy of weighted classes, smoothed',
    (x, t, weight) => ops.crossEntropy(x, t, { weight, labelSmoothing: 0.2 }),
    ...[normal(3, 4), ids([3], [0, -100, 3]), mask(4)],
  ],

  [
    'ctcLoss',
    (x, t) => ops.ctcLoss(x, t, { inputLengths: [4, 3], targetLengths: [2, 1] }),
    ...[normal(4, 2, 3), ids([2, 2], [1, 1, 2, -1])],
  ],
  [
    'ctcLoss from log-probabilities',
    (x, t) =>
      ops.ctcLoss(x, t, {
        ...{ inputLengths: [4, 3], targetLengths: [2, 1] },
        ...{ fromLogProbs: true, reduction: 'none', blank: 1 },
      }),
    ...[normal(4, 2, 3), ids([3], [0, 2, 2])],
  ],

  ['mseLoss', (x, t) => ops.mseLoss(x, t), normal(2, 3), normal(2, 3)],
  [
    'mseLoss of a mask that broadcasts',
    (x, t, m) => ops.mseLoss(x, t, { mask: m }),
    ...[normal(4, 2, 3), normal(4, 2, 3), mask(2, 1)],
  ],
  ['l1Loss', (x, t) => ops.l1Loss(x, t, { reduction: 'sum' }), apart(2, 3), normal(2, 3)],
  [
    'binaryCrossEntropyWithLogits',
    (x, t) => ops.binaryCrossEntropyWithLogits(x, t),
    ...[normal(2, 3), positive(2, 3)],
  ],
  [
    'binaryCrossEntropyWithLogits of a mask',
    (x, t, m) => ops.binaryCrossEntropyWithLogits(x, t, { mask: m, reduction: 'none' }),
    ...[normal(2, 3), positive(2, 3), mask(2, 3)],
  ],
  ['maskedMean', (x, m) => ops.maskedMean(x, m), normal(3, 2, 2), mask(3, 2)],
  ['maskedMax', (x, m) => ops.maskedMax(x, m), apart(3, 3, 2), mask(3, 3)],
  ['lastStep', (x, l) => ops.lastStep(x, l), normal(3, 3, 2), ids([3], [3, 0, 1])],

  ['reshape', (x) => ops.reshape(x, [3, -1]), normal(2, 3)],
  ['permute', (x) => ops.permute(x, [2, 0, 1]), normal(2, 3, 2)],
  ['transpose', (x) => ops.transpose(x, 0, 2), normal(2, 3, 2)],
  ['expand', (x) => ops.expand(x, [2, 3, 4]), normal(3, 1)],
  ['slice', (x) => ops.slice(x, 1, { start: 1, end: 5, step: 2 }), normal(2, 5)],
  ['slice from the end', (x) => ops.slice(x, -1, { start: -2 }), normal(2, 5)],
  ['cat', (...xs) => ops.cat(xs, 1), normal(2, 3), normal(2, 1), normal(2, 2)],
  ['concat', (...xs) => ops.concat(xs), normal(2, 3), normal(1, 3)],
  ['stack', (...xs) => ops.stack(xs, 1), normal(2, 3), normal(2, 3)],
  ['unbind', (x) => ops.unbind(x, 1), normal(2, 3)],
  ['split', (x) => ops.split(x, [3, 0, 1], 1), normal(2, 4)],
  ['split by one size, not all used', (x) => ops.split(x, 2)[1], normal(5, 2)],
  ['unbind, not all used', (x) => ops.unbind(x)[1], normal(3, 2)],
  ['embedding', (x, i) => ops.embedding(i, x), normal(4, 3), ids([2, 2], [1, 3, 1, 0])],
  ['gather', (x, i) => ops.gather(x, 1, i), normal(2, 3), ids([2, 4], [0, 2, 2, 1, 1, 1, 0, 2])],
  [
    'scatterAdd',
    (x, source, i) => ops.scatterAdd(x, 0, i, source),
    normal(2, 3),
    normal(3, 3),
    ids([3, 3], [0, 1, 0, 1, 1, 0, 0, 0, 1]),
  ],

  // The same generator at each evaluation: the same mask.
  [
    'dropout',
    (x) => {
      const generator = new Generator(device, 7);
      const y = ops.dropout(x, 0.4, generator);
      generator.dispose();
      return y;
    },
    normal(3, 4),
  ],
  [
    'linearCrossEntropy',
    (x, weight, bias, targets) => ops.linearCrossEntropy(x, weight, bias, targets),
    ...[normal(4, 3), normal(5, 3), normal(5), ids([4], [4, -100, 0, 2])],
  ],
  [
    'linearCrossEntropy without bias',
    (x, weight, targets) =>
      ops.linearCrossEntropy(x, weight, undefined, targets, { ignoreIndex: 0 }),
    ...[normal(4, 3), normal(5, 3), ids([4], [4, 1, 0, 2])],
  ],
  [
    'linearCrossEntropy of weighted classes, smoothed',
    (x, weight, bias, targets, classes) =>
      ops.linearCrossEntropy(x, weight, bias, targets, { weight: classes, labelSmoothing: 0.3 }),
    ...[normal(4, 3), normal(5, 3), normal(5), ids([4], [1, -100, 2, 3]), mask(5)],
  ],
  [
    'linearCrossEntropy of targets that all count',
    (x, weight, bias, targets) =>
      ops.linearCrossEntropy(x, weight, bias, targets, { ignoreIndex: null }),
    ...[normal(4, 3), normal(5, 3), normal(5), ids([4], [4, 1, 0, 2])],
  ],
  ['scan', ...lstmRow((x, w, state) => ops.scan(CELLS.lstm, x, w, state))],
  [
    'scan in reverse, y alone',
    ...lstmRow((x, w, state) => ops.scan(CELLS.lstm, x, w, state, { reverse: true }).output),
  ],
  [
    'scan, the last c alone',
    ...lstmRow((x, w, state) => ops.scan(CELLS.lstm, x, w, state).state[1]),
  ],
  [
    'scan by ids, y alone',
    (rows, ids, ...rest) => ops.scan(CELLS.gru, { ids, rows }, weights(rest), [rest[4]]).output,
    normal(5, 4),
    ids([3, 2], [4, 0, 1, 1, 4, 3]),
    ...[normal(9, 4), normal(9, 3), normal(9), normal(9), normal(2, 3)],
  ],
  [
    'scan of a plain cell without biases, one step',
    (x, weight_ih, weight_hh, h0) => all(ops.scan(CELLS.rnn, x, { weight_ih, weight_hh }, [h0])),
    ...[normal(1, 2, 4), normal(3, 4), normal(3, 3), normal(2, 3)],
  ],
  [
    'scan of three layers',
    (x, h0, c0, ...rest) => all(ops.scan(CELLS.lstm, x, stackOf(rest), [h0, c0])),
    normal(3, 2, 4),
    ...[normal(3, 2, 2), normal(3, 2, 2)],
    ...[normal(8, 4), normal(8, 2), normal(8), normal(8)],
    ...[normal(8, 2), normal(8, 2), normal(8), normal(8)],
    ...[normal(8, 2), normal(8, 2), normal(8), normal(8)],
  ],
  [
    'scan of two layers by ids',
    (rows, ids, h0, ...rest) => all(ops.scan(CELLS.gru, { ids, rows }, stackOf(rest), [h0])),
    normal(5, 4),
    ids([3, 2], [4, 0, 1, 1, 4, 3]),
    normal(2, 2, 3),
    ...[normal(9, 4), normal(9, 3), normal(9), normal(9)],
    ...[normal(9, 3), normal(9, 3), normal(9), normal(9)],
  ],
];

/** Layers of four parameters each. */
function stackOf(parameters: readonly Tensor[]): ops.LayerWeights[] {
  return Array.from({ length: parameters.length / 4 }, (_, layer) =>
    weights(parameters.slice(4 * layer, 4 * layer + 4)),
  );
}

function weights([weight_ih, weight_hh, bias_ih, bias_hh]: readonly Tensor[]): ops.LayerWeights {
  return { weight_ih, weight_hh, bias_ih, bias_hh };
}

function all({ output, state }: { output: Tensor; state: Tensor[] }): Tensor[] {
  return [output, ...state];
}

/** Of an LSTM over [3, 2, 4]: its body, and all that it takes. */
function lstmRow(
  body: (
    x: Tensor,
    w: ops.LayerWeights,
    state: Tensor[],
  ) => Tensor | { output: Tensor; state: Tensor[] },
) {
  return [
    (x: Tensor, ...rest: Tensor[]) => {
      const made = body(x, weights(rest), rest.slice(4));
      return 'output' in made ? all(made) : made;
    },
    normal(3, 2, 4),
    ...[normal(12, 4), normal(12, 3), normal(12), normal(12)],
    ...[normal(2, 3), normal(2, 3)],
  ] as const;
}

const ROWS = TABLE.map(([name, body, ...inputs]): Row => ({ name, body, inputs }));

const WITHOUT_GRADIENT = ['gt', 'ge', 'lt', 'le', 'eq', 'ne', 'argmax', 'oneHot', 'sequenceMask'];

test('every exported op has a row, and every row an op', () => {
  const rows = new Set(ROWS.map(({ name }) => name.split(/[ ,]/)[0]));
  expect([...rows, ...WITHOUT_GRADIENT].sort()).toEqual(Object.keys(ops).sort());
});

describe('analytic and numeric gradients agree', () => {
  test.each(ROWS)('$name', async ({ body, inputs }) => {
    const tensors = inputs.map((make) => make());
    await expectGradients(body, tensors);
    // A gradient of zeros agrees with a body that ignores its inputs; none of these may.
    for (const x of tensors) {
      if (x.requiresGrad) expect((await x.grad!.data()).some((value) => value !== 0)).toBe(true);
    }
    dispose(tensors);
  });
});

describe('backward leaves nothing behind', () => {
  test.each(ROWS)('$name', ({ body, inputs }) => {
    const before = device.memory().liveTensors;
    const tensors = inputs.map((make) => make());
    const result = body(...tensors);
    const outputs = result instanceof Tensor ? [result] : result;
    outputs.forEach((y, i) => {
      const gradient = tensor(device, new Float64Array(y.size), y.shape, { dtype: 'f64' });
      backward(y, { gradient, retainGraph: i + 1 < outputs.length });
      gradient.dispose();
    });
    dispose([outputs, tensors]);
    expect(device.memory().liveTensors - before).toBe(0);
  });
});

describe('a gradcheck that fails', () => {
  test('names input, element and both values', async () => {
    const x = apart(3)();
    // Its value depends on x twice, its gradient once.
    const wrong = (value: Tensor): Tensor => ops.add(value, tensorOf(value));
    const tensorOf = (value: Tensor): Tensor => {
      const copy = ops.mul(value, 1);
      copy.requiresGrad = false;
      copy.node = undefined;
      return copy;
    };
    await expect(gradcheck(wrong, [x])).rejects.toThrow(
      /gradcheck: input 0, element 0: analytic .+, numeric .+/,
    );
  });
});

// The fixtures of PyTorch hold no pointwise functions of one argument, and none of these.
describe.each(['f64', 'f32'] as const)('values, %s', (dtype) => {
  const at = [-2.5, -1, -0.3, 0, 0.3, 1, 2.5];
  const values = (list: number[], shape?: number[]): Tensor =>
    tensor(device, list, shape, { dtype });
  const tolerance = dtype === 'f64' ? { atol: 1e-14, rtol: 1e-14 } : { atol: 1e-6, rtol: 1e-6 };

  test.each<[string, (x: Tensor) => Tensor, (x: number) => number]>([
    ['neg', ops.neg, (x) => -x],
    ['abs', ops.abs, (x) => (x < 0 ? -x : x)],
    ['exp', ops.exp, Math.exp],
    ['square', ops.square, (x) => x * x],
    ['tanh', ops.tanh, (x) => (Math.exp(2 * x) - 1) / (Math.exp(2 * x) + 1)],
    ['sigmoid', ops.sigmoid, (x) => Math.exp(x) / (Math.exp(x) + 1)],
    ['relu', ops.relu, (x) => (x > 0 ? x : 0)],
    ['sin', ops.sin, Math.sin],
    ['cos', ops.cos, Math.cos],
    ['softplus', ops.softplus, (x) => Math.log(1 + Math.exp(x))],
    ['log', (x) => ops.log(ops.add(x, 3)), (x) => Math.log(x + 3)],
    ['sqrt', (x) => ops.sqrt(ops.add(x, 3)), (x) => Math.sqrt(x + 3)],
    ['reciprocal', (x) => ops.reciprocal(ops.add(x, 3)), (x) => 1 / (x + 3)],
    ['gt', (x) => ops.gt(x, 0.5), (x) => (x > 0.5 ? 1 : 0)],
    ['ge', (x) => ops.ge(x, 1), (x) => (x >= 1 ? 1 : 0)],
    ['lt', (x) => ops.lt(x, 1), (x) => (x < 1 ? 1 : 0)],
    ['le', (x) => ops.le(x, 1), (x) => (x <= 1 ? 1 : 0)],
    ['eq', (x) => ops.eq(x, 1), (x) => (x === 1 ? 1 : 0)],
    ['ne', (x) => ops.ne(x, 1), (x) => (x !== 1 ? 1 : 0)],
    ['maximum', (x) => ops.maximum(x, 0.5), (x) => (x > 0.5 ? x : 0.5)],
    ['minimum', (x) => ops.minimum(x, 0.5), (x) => (x < 0.5 ? x : 0.5)],
  ])('%s', async (what, op, expected) => {
    const inputs = [...Float32Array.from(at)];
    const y = op(values(inputs));
    expectClose(await y.data(), inputs.map(expected), { ...tolerance, what });
  });

  test('argmax takes the first of equals, along any dimension', async () => {
    const x = values([1, 5, 5, 9, -1, 2], [2, 3]);
    expect([...(await ops.argmax(x, 1).data())]).toEqual([1, 0]);
    const columns = ops.argmax(x, 0);
    expect([...(await columns.data())]).toEqual([1, 0, 0]);
    expect(columns.dtype).toBe('i32');
  });

  test('oneHot', async () => {
    const y = ops.oneHot(tensor(device, [2, 0], [2], { dtype: 'i32' }), 3, dtype);
    expect(y.shape).toEqual([2, 3]);
    expect(y.dtype).toBe(dtype);
    expect([...(await y.data())]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  test('movement keeps every element', async () => {
    const x = values([1, 2, 3, 4, 5, 6], [2, 3]);
    expect([...(await ops.transpose(x, 0, 1).data())]).toEqual([1, 4, 2, 5, 3, 6]);
    const expanded = ops.expand(values([1, 2], [2, 1]), [2, 2, 2]);
    expect([...(await expanded.data())]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    const reshaped = ops.reshape(x, [3, -1]);
    expect(reshaped.shape).toEqual([3, 2]);
    expect([...(await reshaped.data())]).toEqual([1, 2, 3, 4, 5, 6]);
    const parts = await Promise.all(ops.unbind(x, 1).map((part) => part.data()));
    expect(parts.map((part) => [...part])).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const halves = await Promise.all(ops.split(x, 2, 1).map((part) => part.data()));
    expect(halves.map((part) => [...part])).toEqual([
      [1, 2, 4, 5],
      [3, 6],
    ]);
  });
});
