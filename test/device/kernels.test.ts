/**
 * Rung 2: every kernel on WebGPU against its CPU reference.
 */
import { describe, expect, test } from 'vitest';

import type { Kernel, ParamValues } from '../../src/backend/kernel';
import { adagrad } from '../../src/kernels/adagrad';
import { adam } from '../../src/kernels/adam';
import { argmax } from '../../src/kernels/argmax';
import { axpy } from '../../src/kernels/axpy';
import { BINARY, binary, binaryGradient } from '../../src/kernels/binary';
import { clipScale, INFINITY_BITS } from '../../src/kernels/clip_scale';
import { clearRows } from '../../src/kernels/clear_rows';
import { clipValue } from '../../src/kernels/clip_value';
import { copy } from '../../src/kernels/copy';
import { crf } from '../../src/kernels/crf';
import { ctc } from '../../src/kernels/ctc';
import { crossEntropy, crossEntropyGradient } from '../../src/kernels/cross_entropy';
import { drawToken } from '../../src/kernels/draw_token';
import { dropout } from '../../src/kernels/dropout';
import { fill } from '../../src/kernels/fill';
import { gather } from '../../src/kernels/gather';
import { ACTIVATIONS, matmul, matmulParams } from '../../src/kernels/matmul';
import { meanLoss } from '../../src/kernels/mean_loss';
import { oneHot } from '../../src/kernels/one_hot';
import { CLOCK, optimizerClock } from '../../src/kernels/optimizer_clock';
import { packSizes, packTensors } from '../../src/kernels/pack_tensors';
import { unpackTensors } from '../../src/kernels/unpack_tensors';
import { REDUCE, reduce } from '../../src/kernels/reduce';
import { ringPush } from '../../src/kernels/ring_push';
import { rmsprop } from '../../src/kernels/rmsprop';
import { scaleBy } from '../../src/kernels/scale_by';
import { scatterAdd } from '../../src/kernels/scatter_add';
import { sequenceMask } from '../../src/kernels/sequence_mask';
import { longestList, SEQUENCE_LISTS, sequenceOrder } from '../../src/kernels/sequence_order';
import { sgd } from '../../src/kernels/sgd';
import { softmax, softmaxGradient } from '../../src/kernels/softmax';
import { softmaxLoss } from '../../src/kernels/softmax_loss';
import { squareSum } from '../../src/kernels/square_sum';
import { UNARY, unary, unaryGradient } from '../../src/kernels/unary';
import { where } from '../../src/kernels/where';
import { contiguousStrides, words } from '../../src/tensor/shape';
import {
  check,
  CURVED,
  gpu,
  runOn,
  EXACT,
  LONG_SUM,
  numbers,
  ROUNDED,
  row,
  someIds,
  SUMMED,
  TRIGONOMETRIC,
} from '../setup/kernel_rows';
import type { Row, Tolerance } from '../setup/kernel_rows';

// --- the shapes

/** Around a workgroup of 64, and around none. */
const SIZES = [0, 1, 2, 63, 64, 65, 1000];
const ROWS = [
  { rows: 0, n: 5 },
  { rows: 1, n: 1 },
  { rows: 3, n: 63 },
  { rows: 1, n: 64 },
  { rows: 7, n: 65 },
  { rows: 2, n: 1000 },
  { rows: 130, n: 3 },
];
/** Past what one dimension of workgroups holds. */
const MANY = 65_537;
/** Draws: the number of ids, and temperature, top k and top p. */
const DRAWS = [
  [1, 1, 0, 1],
  [5, 1, 0, 1],
  [65, 0.7, 0, 1],
  [65, 0, 0, 1],
  [65, 1e-38, 0, 1],
  [65, 2, 3, 1],
  [65, 2, 1, 1],
  [65, 2, 0, 0.37],
  [200, 3, 20, 0.93],
  [200, 3, 1000, 0.01],
  [5000, 3, 0, 1],
] as const;

/** Every combination of two lists. */
function cross<A extends object, B extends object>(a: readonly A[], b: readonly B[]): (A & B)[] {
  return a.flatMap((left) => b.map((right) => ({ ...left, ...right })));
}

/** The values of a parameter. */
function each<K extends string>(name: K, values: Iterable<number>): Record<K, number>[] {
  return [...values].map((value) => ({ [name]: value }) as Record<K, number>);
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A shape, the part of it that each operand has (1: repeated), as parameters. */
function strided(shape: readonly number[], ...operands: (readonly number[])[]) {
  const strides = operands.map((own) =>
    contiguousStrides(own).map((stride, d) => (own[d] === 1 ? 0 : stride)),
  );
  return {
    n: size(shape),
    rank: shape.length,
    shape: words(shape, 1),
    strides: strides.map((values) => words(values, 0)),
  };
}

/** Shapes of up to eight dimensions, each with three operands to broadcast to it. */
const BROADCASTS = [
  [[], [], [], []],
  ...SIZES.map((n) => [[n], [n], [n], [n]]),
  [[65], [1], [65], [65]],
  [
    [3, 5],
    [3, 1],
    [1, 5],
    [3, 5],
  ],
  [
    [2, 63, 3],
    [2, 1, 3],
    [1, 63, 1],
    [1, 1, 3],
  ],
  [
    [3, 2, 5, 7],
    [3, 2, 5, 7],
    [1, 2, 1, 7],
    [3, 1, 5, 1],
  ],
  [
    [2, 3, 2, 5, 3],
    [1, 3, 1, 5, 1],
    [2, 1, 2, 1, 3],
    [2, 3, 2, 5, 3],
  ],
  [
    [2, 3, 1, 2, 2, 3, 2, 3],
    [2, 3, 1, 2, 2, 3, 2, 3],
    [1, 3, 1, 1, 2, 1, 2, 1],
    [2, 1, 1, 2, 1, 3, 1, 3],
  ],
] as const satisfies readonly (readonly (readonly number[])[])[];

/** The cases of `binary`: each function on one shape, and one function on every shape. */
const BINARY_CASES = [
  ...cross(
    Object.values(BINARY).map(({ code }) => ({ op: code, shapes: BROADCASTS[7] })),
    each('use_scalar', [0, 1]),
  ),
  ...BROADCASTS.map((shapes) => ({ op: BINARY.sub.code, use_scalar: 0, shapes })),
].map(({ op, use_scalar, shapes: [shape, a, b] }) => {
  const { strides, ...common } = strided(shape, a, b);
  const [stride_a, stride_b] = strides;
  const sizes = { a: size(a), b: use_scalar ? 1 : size(b) };
  return { ...common, op, use_scalar, stride_a, stride_b, scalar: 1.5, sizes };
});

/** Operands with ties and without zeros; a power's base is positive. */
function operands(op: number, sizes: { a: number; b: number }) {
  const lowest = op === BINARY.pow.code ? 0.5 : -2;
  const ofSize = (n: number): Float32Array =>
    numbers(n, lowest, 2, 0.5).map((value) => value || 0.25);
  return { a: ofSize(sizes.a), b: ofSize(sizes.b + 3).subarray(3) };
}

/** A matmul of row-major matrices; `options` transposes them or repeats one over the batches. */
function product(
  [m, k, n]: readonly [number, number, number],
  options: {
    batches?: number;
    ta?: boolean;
    tb?: boolean;
    repeat?: 'a' | 'b';
    has_bias?: 0 | 1;
  } = {},
) {
  const { batches = 1, ta = false, tb = false, repeat, has_bias = 0 } = options;
  return matmulParams({
    ...{ m, n, k, batches, has_bias },
    ...(ta ? { row_a: 1, column_a: m } : { row_a: k, column_a: 1 }),
    ...(tb ? { row_b: 1, column_b: k } : { row_b: n, column_b: 1 }),
    batch_a: repeat === 'a' ? 0 : m * k,
    batch_b: repeat === 'b' ? 0 : k * n,
  });
}

/** Elements from the first to the last, of so many each, so far apart. */
function spanned(...view: readonly (readonly [count: number, step: number])[]): number {
  if (view.some(([count]) => count === 0)) return 0;
  return view.reduce((sum, [count, step]) => sum + (count - 1) * step, 1);
}

/** Elements of an operand, up to the last that is read. */
function reachA(p: ReturnType<typeof matmulParams>): number {
  return p.offset_a + spanned([p.batches, p.batch_a], [p.m, p.row_a], [p.k, p.column_a]);
}

function reachB(p: ReturnType<typeof matmulParams>): number {
  return p.offset_b + spanned([p.batches, p.batch_b], [p.k, p.row_b], [p.n, p.column_b]);
}

/** Elements of the result, up to the last that is written. */
function reachOut(p: ReturnType<typeof matmulParams>): number {
  return p.offset_out + spanned([p.batches * p.m, p.row_out], [p.n, 1]);
}

/** Around tiles of 32 and 64, in blocks of 4, with depths in rounds of 8 and 16. */
const MATMULS = [
  ...[0, 1, 31, 32, 33].flatMap((m) =>
    [0, 1, 31, 32, 33].map((n) => product([m, (m + n) % 2 ? 1 : 17, n], { has_bias: 1 })),
  ),
  ...[0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33].map((k) => product([5, k, 7])),
  product([3, 0, 4], { has_bias: 1 }),
  { ...product([3, 0, 4], { has_bias: 1 }), accumulate: 1 },
  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb) => [
      product([65, 33, 130], { ta, tb, repeat: ta ? 'a' : 'b', batches: 3, has_bias: 1 }),
      product([65, 33, 66], { ta, tb, batches: 2 }),
      // Read in quads.
      ...([undefined, 'a', 'b'] as const).map((repeat) =>
        product([68, 20, 132], { ta, tb, repeat, batches: 2, has_bias: 1 }),
      ),
      // One of both is no multiple of four where that is allowed.
      product([68, 21, 64], { ta, tb }),
      product([65, 20, 63], { ta, tb }),
    ]),
  ),
  ...[4, 60, 64, 128].map((m) => product([m, 12, 128 - m])),
  product([65, 130, 33], { batches: 3, repeat: 'b', has_bias: 1 }),
  product([65, 130, 33], { batches: 0 }),
  {
    ...product([5, 33, 65], { has_bias: 1 }),
    accumulate: 1,
    offset_a: 3,
    offset_b: 2,
    offset_out: 7,
  },
  { ...product([33, 7, 5], { tb: true, batches: 2 }), accumulate: 1, offset_out: 1 },
  ...[3, 4].flatMap((offset) => [
    { ...product([8, 16, 12]), offset_a: offset, offset_b: 4, offset_out: 5 },
    { ...product([8, 16, 12]), offset_a: 8, offset_b: offset },
  ]),
  // Rows of a wider matrix.
  { ...product([9, 8, 9]), row_a: 12, row_b: 20, batch_a: 0, batch_b: 0 },
  { ...product([9, 6, 9]), row_a: 12, row_b: 20, batch_a: 0, batch_b: 0 },
  // Into rows of a wider matrix, the depth in one split and in several.
  { ...product([33, 12, 36], { batches: 2, has_bias: 1 }), row_out: 41, offset_out: 2 },
  { ...product([5, 516, 7], { has_bias: 1 }), row_out: 12, offset_out: 3, accumulate: 1 },
  // The depth in splits.
  ...[255, 256, 257, 260, 271, 272, 273, 1024, 1027].map((k) => product([5, k, 7])),
  ...[false, true].flatMap((ta) =>
    [false, true].map((tb) => ({
      ...product([36, 516, 68], { ta, tb, batches: 2, has_bias: 1 }),
      accumulate: 1,
      offset_out: 3,
    })),
  ),
  product([33, 1027, 65]),
  product([513, 40, 37], { ta: true }),
  product([516, 8, 520], { ta: true, has_bias: 1 }),
  // One large side, in every order.
  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb) =>
      (
        [
          [129, 7, 1023],
          [1023, 129, 7],
          [7, 1023, 129],
          [1, 129, 1023],
          [129, 1, 1023],
          [129, 1023, 1],
          [129, 1028, 67],
        ] as const
      ).map((sizes) => product(sizes, { ta, tb, has_bias: 1 })),
    ),
  ),
  // Read in quads, and written by itself.
  product([132, 20, 129], { tb: true, batches: 2 }),
  { ...product([132, 20, 132], { ta: true }), offset_out: 2 },
  { ...product([132, 20, 132]), row_out: 133 },
];

/** Each activation with and without bias and accumulation, the depth in one split and in several. */
const ACTIVATED = [...ACTIVATIONS.keys()]
  .slice(1)
  .flatMap((activation) =>
    ([0, 1] as const).flatMap((has_bias) =>
      [0, 1].flatMap((accumulate) =>
        (accumulate === has_bias
          ? [product([33, 17, 65], { has_bias }), product([5, 516, 68], { has_bias, batches: 2 })]
          : [
              product([36, 20, 68], { has_bias, tb: true, batches: 2 }),
              product([33, 1027, 5], { has_bias, tb: true }),
            ]
        ).map((p, i) => ({ ...p, accumulate, activation, offset_out: 3, row_out: p.n + 2 * i })),
      ),
    ),
  );

/** How ids index: an id for a whole row (an embedding), or one for each element. */
const INDEXINGS = [
  ...[
    { outer: 1, n: 10, count: 7, inner: 65 },
    { outer: 1, n: 3, count: 0, inner: 5 },
    { outer: 1, n: 0, count: 3, inner: 5 },
    { outer: 1, n: 1, count: 1, inner: 1 },
    { outer: 1, n: 65, count: 1000, inner: 3 },
    { outer: 1, n: 3, count: 257, inner: 258 },
    { outer: 1, n: 2, count: 255, inner: 513 },
    { outer: 3, n: 5, count: 4, inner: 1 },
  ].map((indexing) => ({ ...indexing, id_outer: 0, id_count: 1, id_inner: 0 })),
  ...[
    { outer: 3, n: 5, count: 4, inner: 6 },
    { outer: 2, n: 64, count: 63, inner: 1 },
    { outer: 5, n: 1, count: 1, inner: 13 },
  ].map((indexing) => ({
    ...indexing,
    ...{ id_outer: indexing.count * indexing.inner, id_count: indexing.inner, id_inner: 1 },
  })),
];

function indexedSizes({ outer, n, count, inner, id_inner }: (typeof INDEXINGS)[number]) {
  const ids = someIds(id_inner ? outer * count * inner : count, n);
  return { table: outer * n * inner, picked: outer * count * inner, ids };
}

/** A permutation, a slice with a step, a repeat, a part of a concatenation. */
const COPIES = [
  ...SIZES.map((n) => ({ shape: [n], from: [1], to: [1], offset_from: 0, offset_to: 0 })),
  { shape: [], from: [], to: [], offset_from: 2, offset_to: 3 },
  { shape: [5, 7], from: [1, 5], to: [7, 1], offset_from: 0, offset_to: 0 },
  { shape: [4, 3, 65], from: [65, 260, 1], to: [195, 65, 1], offset_from: 0, offset_to: 0 },
  { shape: [9, 5], from: [21, 2], to: [5, 1], offset_from: 3, offset_to: 0 },
  { shape: [6, 4], from: [0, 1], to: [4, 1], offset_from: 1, offset_to: 0 },
  { shape: [6, 4], from: [4, 1], to: [10, 1], offset_from: 0, offset_to: 5 },
  {
    shape: [2, 3, 2, 2, 3, 2],
    from: [1, 2, 6, 12, 24, 72],
    to: [72, 24, 12, 6, 2, 1],
    offset_from: 0,
    offset_to: 0,
  },
].map(({ shape, from, to, ...offsets }) => ({
  ...offsets,
  rank: shape.length,
  n: size(shape),
  shape: words(shape, 1),
  stride_from: words(from, 0),
  stride_to: words(to, 0),
}));

const PACKS = [
  {
    ...{ n0: 1, n1: 0, n2: 0, n3: 0, n4: 0, n5: 0, n6: 0 },
    ...{ at0: 0, at1: 0, at2: 0, at3: 0, at4: 0, at5: 0, at6: 0, pad: 1 },
  },
  {
    ...{ n0: 3, n1: 64, n2: 1, n3: 65, n4: 2, n5: 100, n6: 7 },
    ...{ at0: 97, at1: 5, at2: 0, at3: 100, at4: 290, at5: 180, at6: 293, pad: 1 },
  },
  {
    ...{ n0: 3, n1: 32, n2: 1, n3: 65, n4: 0, n5: 33, n6: 7 },
    ...{ at0: 32, at1: 64, at2: 0, at3: 192, at4: 100, at5: 128, at6: 96, pad: 32 },
  },
];

/** Seven tensors; what has no elements is bound all the same. */
function packed(p: ParamValues<typeof packTensors.params>) {
  const [x0, x1, x2, x3, x4, x5, x6] = packSizes(p).map((n) => Math.max(n, 1));
  return { x0, x1, x2, x3, x4, x5, x6 };
}

function clock(enabled: number): Float32Array {
  const values = new Float32Array(CLOCK.length);
  values[CLOCK.learningRate] = 0.05;
  values[CLOCK.steps] = 3;
  values[CLOCK.correction1] = 1 - 0.9 ** 3;
  values[CLOCK.correction2] = 1 - 0.99 ** 3;
  values[CLOCK.enabled] = enabled;
  values[CLOCK.scale] = 0.75;
  return values;
}

const POSITIVE = new Set<number>([UNARY.log.code, UNARY.sqrt.code, UNARY.reciprocal.code]);
const WAVES = cross(each('n', [0, 130]), each('op', [UNARY.sin.code, UNARY.cos.code]));
const UNARY_CASES = [
  ...Object.values(UNARY)
    .filter(({ code }) => !WAVES.some(({ op }) => op === code))
    .map(({ code }) => ({ n: 130, op: code })),
  ...cross(each('n', SIZES), each('op', [UNARY.square.code])),
];
/** Arguments that a function of one argument takes. */
const argument = (n: number, op: number): Float32Array =>
  POSITIVE.has(op) ? numbers(n, 0.1, 5) : numbers(n, -5, 5);

// --- the table

const ROW = {
  optimizer: each('n', SIZES),
  nonlinearity: cross(each('n', [0, 1, 63, 64, 65]), each('nonlinearity', [0, 1, 2])),
  logarithm: cross(ROWS, each('logarithm', [0, 1])),
};

const TABLE: readonly Row[] = [
  row(fill, EXACT, cross(each('n', SIZES), [{ value: 0.1 }]), ({ n }) => ({ out: n })),
  row(axpy, ROUNDED, cross(each('n', SIZES), [{ alpha: -0.3 }]), ({ n }) => ({ x: n, y: n })),
  row(scaleBy, ROUNDED, each('n', SIZES), ({ n }) => ({ scale: 1, x: n })),
  row(clipValue, EXACT, cross(each('n', SIZES), [{ limit: 0.25 }]), ({ n }) => ({ x: n })),
  row(copy, EXACT, COPIES, (p) => ({
    source: numbers(p.offset_from + extent(p, p.stride_from), -1, 1),
    target_: p.offset_to + extent(p, p.stride_to),
  })),
  row(copy, EXACT, COPIES, (p) => ({
    source: someIds(p.offset_from + extent(p, p.stride_from), 1e9),
    target_: new Int32Array(p.offset_to + extent(p, p.stride_to)),
  })),
  row(unary, TRIGONOMETRIC, WAVES, ({ n }) => ({ x: numbers(n, -3.14, 3.14), y: n })),
  row(unaryGradient, TRIGONOMETRIC, WAVES, ({ n }) => ({
    x: numbers(n, -3.14, 3.14),
    ...{ y: n, g: n, dx: n },
  })),
  row(unary, CURVED, UNARY_CASES, ({ n, op }) => ({ x: argument(n, op), y: n })),
  row(unaryGradient, CURVED, UNARY_CASES, ({ n, op }) => ({
    x: argument(n, op),
    y: numbers(n, 0.2, 2),
    g: n,
    dx: n,
  })),
  row(binary, CURVED, BINARY_CASES, (p) => ({ ...operands(p.op, sizesOf(p)), out: p.n })),
  row(binaryGradient, CURVED, cross(BINARY_CASES, each('second', [0, 1])), (p) => ({
    ...operands(p.op, sizesOf(p)),
    g: p.n,
    out: p.n,
  })),
  row(
    where,
    EXACT,
    BROADCASTS.map(([shape, condition, a, b]) => {
      const { strides, ...common } = strided(shape, condition, a, b);
      const [stride_condition, stride_a, stride_b] = strides;
      return { ...common, stride_condition, stride_a, stride_b };
    }),
    (p) => ({
      condition: numbers(extent(p, p.stride_condition), -1, 2, 1),
      a: extent(p, p.stride_a),
      b: extent(p, p.stride_b),
      out: p.n,
    }),
  ),
  row(matmul, SUMMED, [...MATMULS, ...ACTIVATED], (p) => ({
    a: reachA(p),
    b: reachB(p),
    bias: p.has_bias ? p.n : 1,
    out: reachOut(p),
  })),
  row(
    softmaxLoss,
    CURVED,
    cross(
      ROWS.map((p) => ({ ...p, ignore: 1 })),
      each('share', [1, 0.25]),
    ),
    ({ rows, n }) => ({
      targets: someIds(rows, n),
      logits: numbers(rows * n, -8, 8),
      ...{ loss: rows, weight: rows },
    }),
  ),
  row(meanLoss, LONG_SUM, each('n', [0, 1, 2, 63, 64, 65, 1000]), ({ n }) => ({
    loss: n === 2 ? new Float32Array(2) : numbers(n, 0, 1),
    weight: n === 2 ? new Float32Array(2) : numbers(n, 0.5, 1),
    ...{ mean: 1, share: 1 },
  })),
  row(
    drawToken,
    EXACT,
    DRAWS.map(([n], i) => ({ rows: 1 + (i % 3), n, capacity: i + 1 })),
    ({ rows, n, capacity }) => ({
      // Far apart, so that rounding moves no boundary of a kept set.
      logits: numbers(rows * n, -6, 6, 0.5),
      settings: Float32Array.from(DRAWS[capacity - 1].slice(1)),
      cursor: Uint32Array.from({ length: 4 * rows }, (_, i) => [7 + i, 2, capacity + i, 0][i % 4]),
      id: new Int32Array(rows).fill(-1),
      drawn: new Int32Array(rows * capacity).fill(-1),
    }),
  ),
  row(ringPush, EXACT, each('capacity', [1, 5]), ({ capacity }) => ({
    ...{ value: 1, counter: Uint32Array.of(capacity - 1), ring: capacity },
  })),
  row(
    reduce,
    LONG_SUM,
    [
      ...cross(
        cross(each('n', [0, 1, 63, 64, 65, 1000]), each('inner', [1, 2, 65])),
        cross(each('outer', [0, 1, 3]), each('op', [REDUCE.sum, REDUCE.max])),
      ).filter(({ n, op }) => n > 0 || op === REDUCE.sum),
      { n: 3, inner: 1, outer: MANY, op: REDUCE.sum },
      { n: 3, inner: 0, outer: 2, op: REDUCE.sum },
      // Long columns, in one stage and in two.
      ...cross(
        cross(each('n', [33, 4096, 4097, 7000]), each('inner', [1, 3, 4, 129, 132])),
        cross(each('outer', [1, 2]), each('op', [REDUCE.sum, REDUCE.max])),
      ),
      ...each('inner', [2049, 2052]).map((p) => ({ ...p, n: 129, outer: 1, op: REDUCE.sum })),
    ].map((p) => ({ ...p, scale: 0.5 })),
    ({ outer, n, inner }) => ({ x: outer * n * inner, out: outer * inner }),
  ),
  row(
    argmax,
    EXACT,
    cross(each('n', [1, 2, 63, 64, 65]), [
      { outer: 0, inner: 3 },
      { outer: 65, inner: 1 },
      { outer: 3, inner: 31 },
    ]),
    ({ outer, n, inner }) => ({ x: numbers(outer * n * inner, -2, 2, 0.5), out: outer * inner }),
  ),
  row(softmax, CURVED, ROW.logarithm, ({ rows, n }) => ({
    x: numbers(rows * n, -8, 8),
    y: rows * n,
  })),
  row(softmaxGradient, CURVED, ROW.logarithm, ({ rows, n, logarithm }) => ({
    y: logarithm ? numbers(rows * n, -8, 0) : numbers(rows * n, 0, 1),
    g: rows * n,
    dx: rows * n,
  })),
  row(crossEntropy, CURVED, cross(ROWS, [{ ignore: -1 }, { ignore: 2 }]), ({ rows, n }) => ({
    logits: numbers(rows * n, -8, 8),
    targets: someIds(rows, n),
    ...{ loss: rows, weight: rows, highest: rows, logtotal: rows },
  })),
  row(crossEntropyGradient, CURVED, ROWS, ({ rows, n }) => ({
    logits: numbers(rows * n, -8, 8),
    targets: someIds(rows, n),
    weight: numbers(rows, 0, 2, 1),
    highest: numbers(rows, 7, 8),
    logtotal: numbers(rows, 0, 2),
    g: rows,
    dlogits: rows * n,
  })),
  row(
    crf,
    CURVED,
    cross(cross(each('n', [1, 3, 63, 64, 65, 130]), each('gradients', [0, 1])), [
      { time: 1, batch: 1 },
      { time: 5, batch: 7 },
      { time: 0, batch: 2 },
    ]),
    ({ time, batch, n, gradients }) => ({
      emissions: numbers(time * batch * n, -4, 4),
      tags: someIds(time * batch, n),
      lengths: someIds(batch, time + 1),
      scores: numbers((n + 2) * n, -3, 3),
      ...{ loss: batch, weight: batch },
      demissions: gradients * time * batch * n,
      dscores: gradients * batch * (n + 2) * n,
    }),
  ),
  row(
    ctc,
    CURVED,
    cross(
      cross(
        [
          { time: 1, batch: 1, classes: 2, labels: 1 },
          { time: 9, batch: 7, classes: 3, labels: 4 },
          { time: 40, batch: 3, classes: 70, labels: 35 },
          { time: 70, batch: 2, classes: 5, labels: 90 },
          { time: 0, batch: 2, classes: 3, labels: 0 },
        ],
        cross(each('gradients', [0, 1]), each('concatenated', [0, 1])),
      ),
      [
        { blank: 0, from_log_probs: 0, divide: 1, scale: 0.5, infeasible: 7 },
        { blank: 1, from_log_probs: 1, divide: 0, scale: 1, infeasible: 0 },
      ],
    ).map((p) => ({ ...p, first: 0 })),
    ({ time, batch, classes, labels, gradients, concatenated }) => ({
      logits: numbers(time * batch * classes, -4, 4),
      // Labels that are none, and blanks, are among them.
      targets: someIds(concatenated ? labels : batch * labels, classes),
      input_lengths: Int32Array.from({ length: batch }, (_, b) =>
        b % 3 === 2 ? -1 : time + 1 - b,
      ),
      target_lengths: Int32Array.from({ length: batch }, (_, b) => b % (labels + 2)),
      ...{ loss: batch, dlogits: gradients * time * batch * classes },
    }),
  ),
  row(gather, EXACT, INDEXINGS, (p) => {
    const { table, picked, ids } = indexedSizes(p);
    return { x: table, ids, out: picked };
  }),
  row(scatterAdd, SUMMED, cross(INDEXINGS, each('add', [0, 1])), (p) => {
    const { table, picked, ids } = indexedSizes(p);
    return { g: picked, ids, out: table };
  }),
  row(
    oneHot,
    EXACT,
    cross(each('count', [0, 1, 13]), each('n', [1, 5, 63, 64, 65])),
    ({ count, n }) => ({ ids: someIds(count, n), out: count * n }),
  ),
  row(
    sequenceMask,
    EXACT,
    cross(each('time', [0, 1, 13, 65]), each('batch', [0, 1, 5, 64])),
    ({ time, batch }) => ({ lengths: someIds(batch, time), out: time * batch }),
  ),
  row(
    sequenceOrder,
    EXACT,
    cross(
      cross(each('time', [1, 4, 13, 65]), each('batch', [1, 2, 5, 64, 65])),
      each('batch_first', [0, 1]),
    ).map((p) => ({ ...p, stride: longestList(p) + 3 })),
    ({ time, batch, stride }) => ({
      lengths: someIds(batch, time),
      lists: new Int32Array(SEQUENCE_LISTS.length * stride),
    }),
  ),
  row(
    clearRows,
    EXACT,
    cross(cross(each('rows', [1, 7, 65]), each('width', [1, 5, 64])), each('at', [0, 1, 2, 3])),
    ({ rows, width }) => ({ begins: Int32Array.of(0, 1, rows - 1, rows), x: rows * width }),
  ),
  row(
    dropout,
    ROUNDED,
    cross(cross(each('n', SIZES), each('p', [0, 0.1, 0.5])), [
      { call: 7, scale: Math.fround(1.25) },
    ]),
    ({ n }) => ({
      x: n,
      generator: Uint32Array.of(0xdeadbeef, 0xffffffff, 0x80000001, 5),
      ...{ mask: n, y: n },
    }),
  ),
  row(
    squareSum,
    SUMMED,
    cross(each('n', [0, 1, 255, 256, 257, 5000]), each('slot', [0, 2])),
    ({ n }) => ({ x: n, out: 8 }),
  ),
  row(
    clipScale,
    ROUNDED,
    cross(cross(each('count', [0, 1, 5]), each('limit', [0.5, 100])), [
      { infinity: INFINITY_BITS },
    ]),
    ({ count }) => ({
      partial: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : i + 1)),
      norm: 1,
      scale: 1,
    }),
  ),
  row(
    optimizerClock,
    ROUNDED,
    cross(each('count', [1, 63, 130]), [
      { limit: 5, gain1: 0.1, gain2: 0.001 },
      { limit: 3e38, gain1: 0.1, gain2: 0.001 },
    ]),
    ({ count }) => ({
      partial: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : i + 1)),
      clock: clock(0),
    }),
  ),
  row(packTensors, EXACT, PACKS, (p) => ({ ...packed(p), flat: 300 })),
  row(unpackTensors, EXACT, PACKS, (p) => ({ ...packed(p), flat: 300 })),
  row(
    sgd,
    ROUNDED,
    cross(cross(ROW.optimizer, each('nesterov', [0, 1])), [
      { offset: 3, momentum: 0.9, weight_decay: 0.1 },
    ]),
    ({ n }) => ({ clock: clock(n === 2 ? 0 : 1), grad: n + 3, param: n + 3, velocity: n + 3 }),
  ),
  row(
    adam,
    SUMMED,
    cross(cross(ROW.optimizer, each('decoupled', [0, 1])), [
      { offset: 3, beta1: 0.9, beta2: 0.99, gain1: 0.1, gain2: 0.01, eps: 1e-8, weight_decay: 0.1 },
    ]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3, mean: n + 3 },
      square: numbers(n + 3, 0.5, 1),
    }),
  ),
  row(
    adagrad,
    SUMMED,
    cross(ROW.optimizer, [{ offset: 3, lr_decay: 0.1, weight_decay: 0.1, eps: 1e-10 }]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3 },
      sum: numbers(n + 3, 0.5, 1),
    }),
  ),
  row(
    rmsprop,
    SUMMED,
    cross(cross(ROW.optimizer, each('centered', [0, 1])), [
      { offset: 3, alpha: 0.9, momentum: 0.8, weight_decay: 0.1, eps: 1e-8 },
    ]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3, buffer: n + 3 },
      square: numbers(n + 3, 1, 2),
      average: numbers(n + 3, -0.3, 0.3),
    }),
  ),
];

/** Elements that a view under `strides` spans. */
function extent(
  { n, rank, shape }: { n: number; rank: number; shape: readonly number[] },
  strides: readonly number[],
): number {
  if (n === 0) return 0;
  let last = 0;
  for (let d = 0; d < rank; d++) last += (shape[d] - 1) * strides[d];
  return last + 1;
}

function sizesOf(p: (typeof BINARY_CASES)[number] | ParamValues<typeof binary.params>) {
  return { a: extent(p, p.stride_a), b: p.use_scalar ? 1 : extent(p, p.stride_b) };
}

// --- the tests

const modules = import.meta.glob<Record<string, unknown>>('../../src/kernels/*.ts', {
  eager: true,
});

test('every kernel has a row', () => {
  const named = Object.values(modules)
    .flatMap((module) => Object.values(module))
    .filter((value) => typeof value === 'object' && value !== null && 'launch' in value)
    .map((kernel) => (kernel as Kernel).name);
  expect(named.length).toBeGreaterThan(0);
  expect([...new Set(TABLE.map(({ kernel }) => kernel.name))].sort()).toEqual(named.sort());
});

const NAMED = TABLE.map((one) => [one.kernel.name, one] as const);

test.each(NAMED)('%s', (_, { run }) => run());
test.each(NAMED)('%s, its workgroups folded to two dimensions', (_, { runFolded }) => runFolded());

describe('the harness', () => {
  const params = { n: 63, value: 2 };
  test.each([
    ['an element left out', { ...fill, launch: () => [] }],
    ['a write past the end', { ...fill, source: fill.source.replace('>= params.n', '> params.n') }],
    ['a wrong number', { ...fill, source: fill.source.replace('params.value', '2.001') }],
  ])('sees %s', async (_, broken) => {
    await expect(check(broken, SUMMED, params, { out: 63 })).rejects.toThrow('fill');
  });
});

test('elements past 65,535 workgroups are reached', async () => {
  const n = 65_535 * 64 + 65;
  await check(axpy, ROUNDED, { n, alpha: 0.5 }, { x: n, y: n });
});

describe('numerics', () => {
  const EXTREMES = [1e3, -1e3, 1e30, -1e30, 88, -88, 89, -89, 0, -0];
  const n = EXTREMES.length;
  const extremes = Float32Array.from(EXTREMES);
  const TINY: Tolerance = { absolute: 1e-6, relative: 1e-6 };

  test.each(['tanh', 'sigmoid', 'softplus', 'relu'] as const)('%s saturates', async (name) => {
    const op = UNARY[name].code;
    const { y } = await check(unary, TINY, { n, op }, { x: extremes, y: n });
    await check(unaryGradient, TINY, { n, op }, { x: extremes, y: y.slice(0, n), g: n, dx: n });
  });

  test('softmax and cross entropy take large logits', async () => {
    const x = Float32Array.of(1e30, 0, -1e30, 1e3, 1e3, -1e3, -1e3, -1e3, -1e3);
    const rows = { rows: 3, n: 3 };
    await check(softmax, TINY, { ...rows, logarithm: 0 }, { x, y: 9 });
    await check(softmax, TINY, { ...rows, logarithm: 1 }, { x, y: 9 });
    const out = { loss: 3, weight: 3, highest: 3, logtotal: 3 };
    const targets = Int32Array.of(0, 1, 2);
    await check(crossEntropy, TINY, { ...rows, ignore: -1 }, { logits: x, targets, ...out });
  });

  test('powers of any base by whole exponents', async () => {
    const bases = [-2, -1, -0.5, 0, 0.5, 1, 3];
    const exponents = [-3, -2, -1, 0, 1, 2, 3, 4];
    const pairs = bases
      .flatMap((a) => exponents.map((b) => [a, b]))
      .filter(([a, b]) => a || b >= 0);
    const { strides, ...common } = strided([pairs.length], [pairs.length], [pairs.length]);
    const [stride_a, stride_b] = strides;
    const op = BINARY.pow.code;
    const params = { ...common, stride_a, stride_b, op, use_scalar: 0, scalar: 0 };
    const [a, b] = [0, 1].map((i) => Float32Array.from(pairs, (pair) => pair[i]));
    await check(binary, CURVED, params, { a, b, out: common.n });
    const positive = a.map(Math.abs);
    for (const second of [0, 1]) {
      const at = { a: second ? positive : a, b, g: common.n, out: common.n };
      await check(binaryGradient, CURVED, { ...params, second }, at);
    }
  });

  test.each([NaN, Infinity, -Infinity])('%f in a gradient is found by its bits', async (value) => {
    for (const at of [0, 63, 299]) {
      const x = numbers(300, -1, 1);
      x[at] = value;
      const { out } = await check(squareSum, SUMMED, { n: 300, slot: 1 }, { x, out: 4 });
      expect(out[3]).toBe(1);
      const count = { count: 2, limit: 1, infinity: INFINITY_BITS };
      const partial = Float32Array.of(1, 0, out[2], out[3]);
      const scaled = await check(clipScale, EXACT, count, { partial, norm: 1, scale: 1 });
      expect([scaled.norm[0], scaled.scale[0]]).toEqual([Infinity, 1]);
    }
    const partial = Float32Array.of(1, 0, value, 0);
    const params = { count: 2, limit: 1, infinity: INFINITY_BITS };
    const { norm } = await check(clipScale, EXACT, params, { partial, norm: 1, scale: 1 });
    expect(norm[0]).toBe(Infinity);
    const gains = { count: 2, limit: 1, gain1: 0.1, gain2: 0.001 };
    const start = { partial: Float32Array.of(1, 0, value, 1), clock: clock(1) };
    const ticked = await check(optimizerClock, EXACT, gains, start);
    expect(ticked.clock[CLOCK.enabled]).toBe(0);
    expect(ticked.clock[CLOCK.skipped]).toBe(1);
    expect(ticked.clock[CLOCK.steps]).toBe(3);
  });

  test('a sum of squares that overflows is infinite, not clipped to nothing', async () => {
    const x = Float32Array.of(1e30, 1, 1e30);
    const { out } = await check(squareSum, SUMMED, { n: 3, slot: 0 }, { x, out: 2 });
    expect([out[0], out[1]]).toEqual([Infinity, 0]);
    const params = { count: 1, limit: 1, infinity: INFINITY_BITS };
    const start = { partial: out.slice(0, 2), norm: 1, scale: 1 };
    const { norm, scale } = await check(clipScale, EXACT, params, start);
    expect([norm[0], scale[0]]).toEqual([Infinity, 1]);
  });

  test.each([0.1, 0.2, 0.3, 0.5, 0.9])('the dropout mask at p = %f is the same', async (p) => {
    const params = { n: 4099, call: 0xfffffff0, p, scale: Math.fround(1 / (1 - p)) };
    const start = {
      x: 4099,
      generator: Uint32Array.of(0x9e3779b9, 0xffffffff, 0xfffffffe, 0x80000000),
      ...{ mask: 4099, y: 4099 },
    };
    const { mask } = await check(dropout, EXACT, params, start);
    const kept = Array.from(mask.subarray(0, 4099)).filter((value) => value > 0).length;
    expect(kept / 4099).toBeCloseTo(1 - p, 1);
  });

  test('scatter_add of repeated ids is the same at every run', async () => {
    const indexing = {
      outer: 1,
      n: 3,
      count: 1000,
      inner: 2,
      id_outer: 0,
      id_count: 1,
      id_inner: 0,
      add: 1,
    };
    const ids = Int32Array.from({ length: 1000 }, (_, k) => (k * k) % 3);
    const start = { g: 2000, ids, out: new Float32Array(6) };
    const first = await check(scatterAdd, SUMMED, indexing, start);
    for (let run = 0; run < 3; run++) {
      expect((await runOn(gpu, scatterAdd, indexing, start)).out).toEqual(first.out);
    }
  });

  test('an id outside the table gathers 0', async () => {
    const indexing = { outer: 1, n: 2, count: 5, inner: 1, id_outer: 0, id_count: 1, id_inner: 0 };
    const ids = Int32Array.of(-1, 2, 0x7fffffff, -0x80000000, 1);
    const x = Float32Array.of(3, 4);
    const { out } = await check(gather, EXACT, indexing, { x, ids, out: 5 });
    expect([...out.subarray(0, 5)]).toEqual([0, 0, 0, 0, 4]);
  });
});
