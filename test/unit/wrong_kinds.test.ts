/** What plain JavaScript gives in place of a tensor, a device or a list is refused, by name. */
import { describe, expect, test } from 'vitest';

import * as lethe from '../../src/index';
import * as nn from '../../src/nn/index';
import * as optim from '../../src/optim/index';
import { CELLS } from '../setup/cells';

const device = await lethe.openDevice('cpu');
const matrix = lethe.ones(device, [2, 2]);
const ids = lethe.tensor(device, [0, 1], [2], { dtype: 'i32' });
const state = lethe.zeros(device, [1, 2]);
const sequence = lethe.ones(device, [1, 1, 2]);
const generator = new lethe.Generator(device, 1);
const weights = { weight_ih: lethe.ones(device, [8, 2]), weight_hh: lethe.ones(device, [8, 2]) };
const untyped = (value: unknown): never => value as never;

async function refusal(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
}

const { neg, exp, log, sqrt, square, abs, reciprocal, sin, cos, tanh, relu, sigmoid, softplus } =
  lethe;
const { add, sub, mul, div, maximum, minimum, gt, ge, lt, le, eq, ne } = lethe;
const unary = {
  neg,
  exp,
  log,
  sqrt,
  square,
  abs,
  reciprocal,
  sin,
  cos,
  tanh,
  relu,
  sigmoid,
  softplus,
};
const binary = { add, sub, mul, div, maximum, minimum, gt, ge, lt, le, eq, ne };

const sentences = lethe.reshape(ids, [2, 1]);
const translator = new nn.EncoderDecoder(
  new nn.Encoder(device, 2, 2, 2),
  new nn.Decoder(device, 2, 2, 2),
);
const ATTENDING = { kind: 'dot', querySize: 2, keySize: 2 } as const;

/** Every operation with its tensors; each in turn is replaced by what is none. */
const OPERATIONS: Readonly<
  Record<string, readonly [(...tensors: never[]) => unknown, ...unknown[]]>
> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, f]) => [name, [f, matrix]])),
  ...Object.fromEntries(Object.entries(binary).map(([name, f]) => [name, [f, matrix, matrix]])),
  where: [lethe.where, matrix, matrix, matrix],
  clamp: [(x) => lethe.clamp(x, { min: 0 }), matrix],
  matmul: [lethe.matmul, matrix, matrix],
  linear: [lethe.linear, matrix, matrix],
  sum: [(x) => lethe.sum(x), matrix],
  mean: [(x) => lethe.mean(x), matrix],
  amax: [(x) => lethe.amax(x), matrix],
  argmax: [(x) => lethe.argmax(x, 0), matrix],
  softmax: [(x) => lethe.softmax(x, 0), matrix],
  logSoftmax: [(x) => lethe.logSoftmax(x, 0), matrix],
  reshape: [(x) => lethe.reshape(x, [4]), matrix],
  permute: [(x) => lethe.permute(x, [1, 0]), matrix],
  transpose: [(x) => lethe.transpose(x, 0, 1), matrix],
  expand: [(x) => lethe.expand(x, [2, 2]), matrix],
  slice: [(x) => lethe.slice(x, 0), matrix],
  split: [(x) => lethe.split(x, 1), matrix],
  unbind: [(x) => lethe.unbind(x), matrix],
  cat: [(a, b) => lethe.cat([a, b]), matrix, matrix],
  stack: [(a, b) => lethe.stack([a, b]), matrix, matrix],
  assign: [lethe.assign, matrix, matrix],
  detach: [lethe.detach, matrix],
  embedding: [lethe.embedding, ids, matrix],
  oneHot: [(x) => lethe.oneHot(x, 2), ids],
  sequenceMask: [(x) => lethe.sequenceMask(x, 2), ids],
  gather: [(x, at) => lethe.gather(x, 0, at), matrix, lethe.reshape(ids, [1, 2])],
  scatterAdd: [
    (x, at, from) => lethe.scatterAdd(x, 0, at, from),
    ...[matrix, lethe.reshape(ids, [1, 2]), lethe.ones(device, [1, 2])],
  ],
  dropout: [(x) => lethe.dropout(x, 0.5, generator), matrix],
  crossEntropy: [lethe.crossEntropy, matrix, ids],
  linearCrossEntropy: [
    (x, w, targets) => lethe.linearCrossEntropy(x, w, undefined, targets),
    ...[matrix, matrix, ids],
  ],
  ctcLoss: [
    (x, targets) => lethe.ctcLoss(x, targets, { inputLengths: [1], targetLengths: [1] }),
    ...[sequence, lethe.tensor(device, [1], [1, 1], { dtype: 'i32' })],
  ],
  mseLoss: [lethe.mseLoss, matrix, matrix],
  l1Loss: [lethe.l1Loss, matrix, matrix],
  binaryCrossEntropyWithLogits: [lethe.binaryCrossEntropyWithLogits, matrix, matrix],
  maskedMean: [lethe.maskedMean, sequence, lethe.ones(device, [1, 1])],
  maskedMax: [lethe.maskedMax, sequence, lethe.ones(device, [1, 1])],
  lastStep: [lethe.lastStep, sequence, lethe.tensor(device, [1], [1], { dtype: 'i32' })],
  backward: [(root) => lethe.backward(root), lethe.ones(device, [], { requiresGrad: true })],
  scan: [(x, h, c) => lethe.scan(CELLS.lstm, x, weights, [h, c]), ...[sequence, state, state]],
  'Linear.forward': [(x) => new nn.Linear(device, 2, 2).forward(x), matrix],
  'Embedding.forward': [(x) => new nn.Embedding(device, 2, 2).forward(x), ids],
  'OneHot.forward': [(x) => new nn.OneHot(2).forward(x), ids],
  'Dropout.forward': [(x) => new nn.Dropout(0.5, generator).forward(x), matrix],
  'LSTM.forward': [
    (x, h, c) => new nn.LSTM(device, 2, 2).forward(x, [h, c]),
    ...[sequence, lethe.zeros(device, [1, 1, 2]), lethe.zeros(device, [1, 1, 2])],
  ],
  'CRF.loss': [
    (x, tags, lengths) => new nn.CRF(device, 2).loss(x, tags, lengths),
    ...[sequence, lethe.zeros(device, [1, 1], { dtype: 'i32' })],
    lethe.tensor(device, [1], [1], { dtype: 'i32' }),
  ],
  'CRF.decode': [
    (x, lengths) => new nn.CRF(device, 2).decode(x, lengths),
    ...[sequence, lethe.tensor(device, [1], [1], { dtype: 'i32' })],
  ],
  'GRU.forward': [(x) => new nn.GRU(device, 2, 2).forward(x), sequence],
  'RNN.forward': [(x) => new nn.RNN(device, 2, 2).forward(x), sequence],
  'LSTMCell.forward': [(x) => new nn.LSTMCell(device, 2, 2).forward(x), state],
  'Attention.forward': [
    (q, k) => new nn.Attention(device, ATTENDING).forward(q, k),
    ...[matrix, lethe.ones(device, [3, 2, 2])],
  ],
  'Attention.project': [
    (k) => new nn.Attention(device, ATTENDING).project(k),
    lethe.ones(device, [3, 2, 2]),
  ],
  'Encoder.forward': [(x) => new nn.Encoder(device, 2, 2, 2).forward(x), sentences],
  'Decoder.forward': [(x) => new nn.Decoder(device, 2, 2, 2).forward(x), sentences],
  'Decoder.step': [
    (x, h) => new nn.Decoder(device, 2, 2, 2).step(x, [h]),
    ...[ids, lethe.zeros(device, [1, 2, 2])],
  ],
  'EncoderDecoder.forward': [(x, y) => translator.forward(x, y), ...[sentences, sentences]],
  'EncoderDecoder.loss': [
    (x, y, labels) => translator.loss(x, y, labels),
    ...[sentences, sentences, sentences],
  ],
  'MLP.forward': [(x) => new nn.MLP(device, [2, 2]).forward(x), matrix],
};

const NO_TENSORS: readonly unknown[] = [
  undefined,
  null,
  [
    [1, 2],
    [3, 4],
  ],
  new Float32Array(4),
  Promise.resolve(matrix),
  {},
  'x',
];

describe('no tensor', () => {
  test.each(Object.entries(OPERATIONS))('%s', async (_, [operation, ...tensors]) => {
    for (const at of tensors.keys()) {
      for (const value of NO_TENSORS) {
        const error = await refusal(() => operation(...(tensors.with(at, value) as never[])));
        expect(error, `argument ${at}, ${typeof value}: ${error.stack}`).toBeInstanceOf(
          lethe.LetheError,
        );
      }
    }
  });

  test('the message names operation and argument, and says what was given', async () => {
    expect((await refusal(() => lethe.backward(untyped(undefined)))).message).toBe(
      'backward: root = undefined; a tensor is needed, such as tensor(device, values, shape) makes',
    );
    const pending = matrix.data();
    const { message } = await refusal(() => lethe.matmul(matrix, untyped(pending)));
    expect(message).toMatch(/^matmul: b = a promise \(await it\); a tensor is needed/);
    const { message: ofLayer } = await refusal(() =>
      new nn.LSTM(device, 2, 2).forward(untyped([1])),
    );
    expect(ofLayer).toMatch(/^LSTM: x = a list; a tensor is needed/);
  });

  test('every operation is in the table', () => {
    const creation = ['tensor', 'zeros', 'ones', 'full', 'scalar', 'dispose', 'scope', 'noGrad'];
    const others = [
      'openDevice',
      'gradcheck',
      'exportTuning',
      'listAdapters',
      'importTuning',
      'concat',
      'pow',
    ];
    const operations = Object.entries(lethe).filter(
      ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
    );
    const missing = operations
      .map(([name]) => name)
      .filter((name) => !(name in OPERATIONS) && ![...creation, ...others].includes(name));
    expect(missing).toEqual([]);
  });
});

describe('no device', () => {
  const makers: Readonly<Record<string, (device: never) => unknown>> = {
    tensor: (device) => lethe.tensor(device, [1]),
    zeros: (device) => lethe.zeros(device, [1]),
    ones: (device) => lethe.ones(device, [1]),
    full: (device) => lethe.full(device, [1], 2),
    Generator: (device) => new lethe.Generator(device, 1),
    Linear: (device) => new nn.Linear(device, 2, 2),
    CRF: (device) => new nn.CRF(device, 2),
    Embedding: (device) => new nn.Embedding(device, 2, 2),
    Encoder: (device) => new nn.Encoder(device, 2, 2, 2),
    Decoder: (device) => new nn.Decoder(device, 2, 2, 2),
    Attention: (device) => new nn.Attention(device, ATTENDING),
    MLP: (device) => new nn.MLP(device, [2, 2]),
    LSTM: (device) => new nn.LSTM(device, 2, 2),
    GRU: (device) => new nn.GRU(device, 2, 2),
    RNN: (device) => new nn.RNN(device, 2, 2),
    LSTMCell: (device) => new nn.LSTMCell(device, 2, 2),
  };

  test.each(Object.entries(makers))('%s', async (name, make) => {
    const opening = lethe.openDevice('cpu');
    for (const [value, given] of [
      [undefined, 'undefined'],
      [128, '128'],
      [[1, 2], 'a list'],
      [opening, 'a promise (await it)'],
      ['cpu', 'cpu'],
    ] as const) {
      const error = await refusal(() => make(untyped(value)));
      expect(error).toBeInstanceOf(lethe.ArgumentError);
      expect(error.message).toBe(
        `${name}: device = ${given}; give first what await openDevice() gives`,
      );
    }
  });
});

test.each<[string, RegExp, () => unknown]>([
  [
    'nested values',
    /^tensor: a list at position 0 is no number; give a flat list, and its shape after it/,
    () => lethe.tensor(device, untyped([[1, 2]]), [1, 2]),
  ],
  ['no values', /^tensor: values = 5; a list of numbers/, () => lethe.tensor(device, untyped(5))],
  ['texts', /^tensor: a at position 1 is no number/, () => lethe.tensor(device, untyped([1, 'a']))],
  [
    'integers of 64 bits',
    /^tensor: 1 at position 0 is no number/,
    () => lethe.tensor(device, untyped(new BigInt64Array([1n]))),
  ],
  ['a hole', /^write: undefined at position 1/, () => matrix.write(untyped([1, , 3, 4]))],
  ['a number for a shape', /^shape = 4; a list of sizes/, () => lethe.zeros(device, untyped(4))],
  ['the same, to reshape', /^shape = 4; a list of sizes/, () => lethe.reshape(matrix, untyped(4))],
  [
    'options in place of a kind',
    /^device = a plain object; choose one of auto, webgpu, cpu; options come second/,
    () => lethe.openDevice(untyped({ threads: 2 })),
  ],
  [
    'layers by position',
    /^LSTM: options = 2; an object is needed, with numLayers/,
    () => new nn.LSTM(device, 2, 2, untyped(2)),
  ],
  [
    'a missing size',
    /^LSTMCell: hiddenSize = undefined; an integer from 1/,
    () => new nn.LSTM(device, 2, untyped(undefined)),
  ],
  [
    'a dropout without generator',
    /^Dropout: generator = undefined; give new Generator\(device, seed\)/,
    () => new nn.Dropout(0.5, untyped(undefined)),
  ],
  [
    'a list of layers',
    /^Sequential: layer 0 = a list; .*new Sequential\(a, b\)/,
    () => new nn.Sequential(untyped([])),
  ],
  ['no list of sizes', /^MLP: sizes = 3; a list/, () => new nn.MLP(device, untyped(3))],
  [
    'an unknown activation',
    /^Activation: nonlinearity = gelu; choose one of tanh, relu, sigmoid/,
    () => new nn.Activation(untyped('gelu')),
  ],
  [
    'nothing to learn',
    /^Adam: parameters = undefined; give a module, or its namedParameters\(\)/,
    () => new optim.Adam(untyped(undefined)),
  ],
  [
    'parameters without names',
    /^Adam: parameter 0 is an object of Tensor, and no \[name, tensor\]; give a module/,
    () => new optim.Adam(untyped([matrix])),
  ],
  [
    'a module to clip, by halves',
    /^clipGradNorm: parameters = a plain object; give a module, or its parameters\(\)/,
    () => optim.clipGradNorm(untyped({ module: 1 }), 1),
  ],
  [
    'one beta',
    /^Adam: betas = 0\.9; a list of two/,
    () => new optim.Adam([], untyped({ betas: 0.9 })),
  ],
])('%s', async (_, message, call) => {
  const error = await refusal(call);
  expect(error).toBeInstanceOf(lethe.LetheError);
  expect(error.message).toMatch(message);
});

test('an optimiser takes a module, and clipping too', async () => {
  const linear = new nn.Linear(device, 2, 2);
  const twin = new nn.Linear(device, 2, 2);
  twin.loadStateDict(linear.stateDict());
  const step = async (module: nn.Linear, parameters: optim.Parameters) => {
    const optimizer = new optim.Adam(parameters, { lr: 0.1 });
    lethe.backward(lethe.sum(module.forward(matrix)));
    const norm = await optim.clipGradNorm(module, 1).item();
    optimizer.step();
    return [norm, ...(await module.weight.data()), ...(await module.bias!.data())];
  };
  expect(await step(linear, linear)).toEqual(await step(twin, twin.namedParameters()));
  expect(await optim.findNonFinite(linear)).toEqual([]);
});
