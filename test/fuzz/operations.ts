/** How the arguments of each operation are drawn. */
import type { Drawing, Sizes } from './drawing';
import { numel } from './drawing';
import { LAYERS } from './layer_calls';
import type { Arg } from './program';

export type Draw = (d: Drawing) => readonly Arg[];

const unary: Draw = (d) => [d.any()];
const ofPositive: Draw = (d) => [d.any('positive')];
const binary: Draw = (d) => {
  const a = d.any();
  return [a, d.chance(0.15) ? d.random.normal() : d.partner(d.shapeOf(a))];
};
const pointwiseLoss: Draw = (d) => {
  const input = d.any();
  const shape = d.shapeOf(input);
  const reduction = d.pick(['mean', 'sum', 'none']);
  return [
    input,
    d.like(shape),
    d.chance(0.5) ? { reduction, mask: d.maskFor(shape) } : { reduction },
  ];
};
const reduction: Draw = (d) => {
  const x = d.any();
  const rank = d.shapeOf(x).length;
  if (rank === 0 || d.chance(0.2)) return [x];
  const keepdim = d.chance(0.4);
  if (d.chance(0.7)) return [x, { dim: d.dim(rank), keepdim }];
  return [x, { dim: d.shuffled(rank).slice(0, d.int(1, rank)), keepdim }];
};
const alongRows: Draw = (d) => {
  const x = d.someDim();
  return [x, d.dim(d.shapeOf(x).length)];
};

/** Batch dimensions that broadcast to the same. */
function batches(d: Drawing): [number[], number[]] {
  const common = d.shape(d.pick([0, 0, 1, 2])).map((n) => Math.min(n, 3));
  const own = (): number[] =>
    common.map((n) => (d.chance(0.25) ? 1 : n)).slice(d.chance(0.3) ? d.int(0, common.length) : 0);
  return [own(), own()];
}

const matmul: Draw = (d) => {
  const [m, k, n] = [d.size(), d.size(), d.size()];
  const kind = d.int(0, 9);
  if (kind === 0) return [d.like([k]), d.like([k])];
  if (kind === 1) return [d.like([k]), d.like([k, n])];
  if (kind === 2) return [d.like([m, k]), d.like([k])];
  const [batchA, batchB] = batches(d);
  const [transposeA, transposeB] = [d.chance(0.3), d.chance(0.3)];
  const a = [...batchA, ...(transposeA ? [k, m] : [m, k])];
  const b = [...batchB, ...(transposeB ? [n, k] : [k, n])];
  return [d.like(a), d.like(b), { transposeA, transposeB }];
};

const linear: Draw = (d) => {
  const x = d.someDim();
  const outputs = d.size();
  const weight = d.like([outputs, d.shapeOf(x).at(-1)!]);
  const bias = d.chance(0.6) ? d.like([outputs]) : undefined;
  // The kink of a relu inside is not seen from here.
  return [x, weight, bias, d.chance(0.5) ? { activation: d.pick(['tanh', 'sigmoid']) } : {}];
};

/** Class ids, some of which count nothing. */
function targets(d: Drawing, shape: Sizes, classes: number): Arg {
  if (d.chance(0.2)) return d.integers(shape, -100, -100);
  return d.integers(shape, 0, Math.max(classes - 1, 0));
}

const crossEntropy: Draw = (d) => {
  const logits = d.value(
    (shape) => shape.length >= 2 && shape[1] > 0,
    () => d.shape(d.int(2, 4)).with(1, d.int(1, 5)),
  );
  const shape = d.shapeOf(logits);
  const reduction = d.pick(['mean', 'sum', 'none']);
  const labelSmoothing = d.pick([0, 0.1, 1]);
  const weighs = d.chance(0.5);
  const options = { reduction, labelSmoothing, ...(weighs && { weight: d.mask([shape[1]]) }) };
  return [logits, targets(d, shape.toSpliced(1, 1), shape[1]), options];
};

const linearCrossEntropy: Draw = (d) => {
  const x = d.ofRank(2);
  const [n, inputs] = d.shapeOf(x);
  const classes = d.int(1, 6);
  const given = [d.like([classes, inputs]), d.like([classes]), targets(d, [n], classes)];
  const weight = d.chance(0.3) && { weight: d.mask([classes]) };
  return [x, ...given, { labelSmoothing: d.pick([0, 0.1, 1]), ...weight }];
};

const slice: Draw = (d) => {
  const x = d.someDim();
  const shape = d.shapeOf(x);
  const dim = d.dim(shape.length);
  const n = shape.at(dim)!;
  return [x, dim, { start: d.int(-n - 1, n), end: d.int(-n, n + 1), step: d.int(1, 3) }];
};

const cat: Draw = (d) => {
  const first = d.someDim();
  const shape = d.shapeOf(first);
  const dim = d.dim(shape.length);
  const axis = dim < 0 ? dim + shape.length : dim;
  const more = Array.from({ length: d.int(0, 2) }, () => d.like(shape.with(axis, d.int(0, 4))));
  return [[first, ...more], dim];
};

const stack: Draw = (d) => {
  const first = d.value(
    (shape) => shape.length < 5,
    () => d.shape(),
  );
  const shape = d.shapeOf(first);
  const more = Array.from({ length: d.int(0, 2) }, () => d.like(shape));
  return [[first, ...more], d.dim(shape.length + 1)];
};

const expand: Draw = (d) => {
  const shape = d.shape(d.int(1, 4));
  return [d.repeating(shape), shape];
};

const reshape: Draw = (d) => {
  const x = d.any();
  const shape = d.sameSize(numel(d.shapeOf(x)));
  const infer = shape.length > 0 && numel(shape) > 0 && d.chance(0.3);
  return [x, infer ? shape.with(d.int(0, shape.length - 1), -1) : shape];
};

/** x of a dimension that has something to pick, and ids along it. */
const gather: Draw = (d) => {
  const x = d.value(
    (shape) => shape.length > 0 && numel(shape) > 0,
    () => d.shape(d.int(1, 3)).map((n) => Math.max(n, 1)),
  );
  const shape = d.shapeOf(x);
  const dim = d.dim(shape.length);
  const axis = dim < 0 ? dim + shape.length : dim;
  return [x, dim, d.integers(shape.with(axis, d.int(0, 4)), 0, shape[axis] - 1)];
};

const lastStep: Draw = (d) => {
  const x = d.ofRank(3);
  const [time, batch] = d.shapeOf(x);
  return [x, d.integers([batch], 0, time)];
};

const masked: Draw = (d) => {
  const x = d.ofRank(3);
  return [x, d.mask(d.shapeOf(x).slice(0, 2))];
};

const where: Draw = (d) => {
  const a = d.any();
  const b = d.partner(d.shapeOf(a));
  return [d.maskFor(d.shapeOf(a)), a, b];
};

const ctcLoss: Draw = (d) => {
  const [batch, labels, classes] = [d.int(1, 3), d.int(0, 3), d.int(2, 5)];
  // Room for a blank between all labels: a loss that is infinite says nothing.
  const time = 2 * labels + d.int(1, 4);
  const lengths = (least: number, most: number): Arg => {
    if (d.chance(0.4)) return d.integers([batch], least, most);
    return Array.from({ length: batch }, () => d.int(least, most));
  };
  const options = {
    inputLengths: lengths(2 * labels + 1, time),
    targetLengths: lengths(0, labels),
  };
  const reduction = d.pick(['mean', 'sum', 'none']);
  return [
    d.like([time, batch, classes]),
    d.integers([batch, labels], 1, classes - 1),
    { ...options, reduction },
  ];
};

/** By the name of the operation. */
export const OPERATIONS: Readonly<Record<string, Draw>> = {
  ...Object.fromEntries(
    [
      ...['neg', 'abs', 'exp', 'square', 'tanh', 'sigmoid', 'relu', 'sin', 'cos', 'softplus'],
      'detach',
    ].map((op) => [op, unary]),
  ),
  ...Object.fromEntries(['log', 'sqrt', 'reciprocal'].map((op) => [op, ofPositive])),
  ...Object.fromEntries(
    ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'gt', 'ge', 'lt', 'le', 'eq', 'ne'].map(
      (op) => [op, binary],
    ),
  ),
  pow: (d) => {
    const a = d.any('positive');
    return [a, d.chance(0.3) ? d.int(-2, 3) : d.partner(d.shapeOf(a))];
  },
  clamp: (d) => [d.any(), d.pick([{ min: -0.5 }, { max: 0.5 }, { min: -0.5, max: 0.5 }])],
  where,
  matmul,
  linear,
  linearCrossEntropy,
  crossEntropy,
  ctcLoss,
  mseLoss: pointwiseLoss,
  l1Loss: pointwiseLoss,
  binaryCrossEntropyWithLogits: pointwiseLoss,
  sum: reduction,
  mean: reduction,
  amax: reduction,
  argmax: alongRows,
  softmax: alongRows,
  logSoftmax: alongRows,
  reshape,
  slice,
  cat,
  concat: cat,
  stack,
  expand,
  unbind: alongRows,
  split: (d) => {
    const x = d.someDim();
    const shape = d.shapeOf(x);
    const dim = d.dim(shape.length);
    return [x, d.chance(0.5) ? d.int(1, 3) : d.parts(shape.at(dim)!), dim];
  },
  permute: (d) => {
    const x = d.any();
    return [x, d.shuffled(d.shapeOf(x).length)];
  },
  transpose: (d) => {
    const x = d.someDim();
    const { length } = d.shapeOf(x);
    return [x, d.dim(length), d.dim(length)];
  },
  embedding: (d) => {
    const weight = d.value(
      (shape) => shape.length === 2 && shape[0] > 0,
      () => [d.int(1, 7), d.size()],
    );
    return [d.integers(d.shape(d.int(0, 3)), 0, d.shapeOf(weight)[0] - 1), weight];
  },
  gather,
  scatterAdd: (d) => {
    const [x, dim, ids] = gather(d);
    return [x, dim, ids, d.like(d.shapeOf(ids as { $: string }))];
  },
  oneHot: (d) => [d.integers(d.shape(d.int(0, 2)), 0, 3), d.int(4, 6)],
  sequenceMask: (d) => {
    const time = d.int(0, 6);
    return [d.integers([d.int(0, 4)], 0, time), time];
  },
  lastStep,
  maskedMean: masked,
  maskedMax: masked,
  dropout: (d) => [d.any(), d.pick([0, 0.3, 0.5, 1]), d.make('Generator')],
  ...LAYERS,
};

/** Arguments that most often fit nothing: what is refused on one device is to be on all. */
export const WILD: Readonly<Record<string, Draw>> = {
  add: (d) => [d.any(), d.any()],
  mul: (d) => [d.any(), d.any()],
  matmul: (d) => [d.any(), d.any()],
  linear: (d) => [d.any(), d.any(), d.any()],
  where: (d) => [d.any(), d.any(), d.any()],
  mseLoss: (d) => [d.any(), d.any()],
  cat: (d) => [[d.any(), d.any()], d.int(-3, 3)],
  stack: (d) => [[d.any(), d.any()], d.int(-3, 3)],
  reshape: (d) => [d.any(), Array.from({ length: d.int(0, 4) }, () => d.int(-1, 4))],
  slice: (d) => [d.any(), d.int(-4, 4), { start: d.pick([0.5, NaN, 1, -9]), step: d.int(-1, 2) }],
  split: (d) => [d.any(), d.pick([0, -1, 2, [1, 1], [-1, 3]]), d.int(-3, 3)],
  expand: (d) => [d.any(), d.shape()],
  permute: (d) => [d.any(), Array.from({ length: d.int(0, 4) }, () => d.int(-4, 4))],
  sum: (d) => [d.any(), { dim: [d.int(-4, 4), d.int(-4, 4)] }],
  amax: (d) => [d.any(), { dim: d.int(-4, 4) }],
  softmax: (d) => [d.any(), d.int(-4, 4)],
  gather: (d) => [d.any(), d.int(-3, 3), d.integers(d.shape(), -1, 5)],
  scatterAdd: (d) => [d.any(), d.int(-3, 3), d.integers(d.shape(), -1, 5), d.any()],
  embedding: (d) => [d.integers(d.shape(1), -2, 9), d.any()],
  oneHot: (d) => [d.integers(d.shape(1), -2, 9), d.int(-1, 4)],
  crossEntropy: (d) => [d.any(), d.integers(d.shape(1), -1, 9)],
  ctcLoss: (d) => [
    d.any(),
    d.integers(d.shape(), -1, 5),
    { inputLengths: d.parts(6), targetLengths: d.parts(3) },
  ],
  lastStep: (d) => [d.any(), d.integers(d.shape(1), -1, 9)],
  maskedMax: (d) => [d.any(), d.any()],
  dropout: (d) => [d.any(), d.pick([-0.1, 1.5, NaN]), d.make('Generator')],
};
