import { defineKernel, elementwise, include, read, write } from '../backend/kernel';
import { sigmoid, strided } from './math';

interface Binary {
  /** Case in shaders/lib/binary.wgsl. */
  readonly code: number;
  readonly f: (a: number, b: number) => number;
  /** Derivative by the first argument. */
  readonly da: (a: number, b: number) => number;
  /** Derivative by the second. */
  readonly db: (a: number, b: number) => number;
}

const zero = (): number => 0;
const one = (): number => 1;
/** Equal operands of max and min share the gradient. */
const share = (wins: boolean, ties: boolean): number => (ties ? 0.5 : wins ? 1 : 0);

/** The pointwise functions of two arguments: a row here, a case in the shader. */
export const BINARY = {
  add: { code: 0, f: (a, b) => a + b, da: one, db: one },
  sub: { code: 1, f: (a, b) => a - b, da: one, db: () => -1 },
  mul: { code: 2, f: (a, b) => a * b, da: (_, b) => b, db: (a) => a },
  div: { code: 3, f: (a, b) => a / b, da: (_, b) => 1 / b, db: (a, b) => -a / (b * b) },
  maximum: {
    code: 4,
    f: Math.max,
    da: (a, b) => share(a > b, a === b),
    db: (a, b) => share(b > a, a === b),
  },
  minimum: {
    code: 5,
    f: Math.min,
    da: (a, b) => share(a < b, a === b),
    db: (a, b) => share(b < a, a === b),
  },
  pow: {
    code: 6,
    f: Math.pow,
    da: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
    db: (a, b) => (a === 0 ? 0 : a ** b * Math.log(a)),
  },
  // Of logits a and targets b: softplus(a) - a b, but exact where a is large and the loss small.
  binaryCrossEntropyWithLogits: {
    code: 7,
    f: (a, b) => Math.max(a, 0) - a * b + Math.log1p(Math.exp(-Math.abs(a))),
    da: (a, b) => sigmoid(a) - b,
    db: (a) => -a,
  },
  gt: { code: 8, f: (a, b) => Number(a > b), da: zero, db: zero },
  ge: { code: 9, f: (a, b) => Number(a >= b), da: zero, db: zero },
  lt: { code: 10, f: (a, b) => Number(a < b), da: zero, db: zero },
  le: { code: 11, f: (a, b) => Number(a <= b), da: zero, db: zero },
  eq: { code: 12, f: (a, b) => Number(a === b), da: zero, db: zero },
  ne: { code: 13, f: (a, b) => Number(a !== b), da: zero, db: zero },
} satisfies Record<string, Binary>;

const byCode: readonly Binary[] = Object.values<Binary>(BINARY).sort((a, b) => a.code - b.code);

/** out = f(a, b) with broadcasting, or f(a, scalar); `b` is then bound but not read. */
export const binary = defineKernel({
  name: 'binary',
  source: include('binary', 'lib/binary', 'lib/activation', 'lib/strides', 'lib/index'),
  bindings: { a: read, b: read, out: write },
  params: {
    op: 'override',
    use_scalar: 'override',
    shape: 'u32x8',
    stride_a: 'u32x8',
    stride_b: 'u32x8',
    rank: 'u32',
    n: 'u32',
    scalar: 'f32',
  },
  cpu({ a, b, out }, { op, use_scalar, rank, shape, stride_a, stride_b, n, scalar }) {
    const { f } = byCode[op];
    for (let i = 0; i < n; i++) {
      const right = use_scalar ? scalar : b[strided(i, rank, shape, stride_b)];
      out[i] = f(a[strided(i, rank, shape, stride_a)], right);
    }
  },
  fastCpu({ a, b, out }, { op, use_scalar, rank, shape, stride_a, stride_b, n, scalar }, simd) {
    const { f } = byCode[op];
    const flat = isFlat(rank, stride_a) && (use_scalar || isFlat(rank, stride_b));
    if (flat && simd && op <= BINARY.minimum.code) {
      simd.run('binary', n / 4, [a, b, out, n, op, use_scalar], [scalar]);
    } else if (flat && use_scalar) {
      for (let i = 0; i < n; i++) out[i] = f(a[i], scalar);
    } else if (flat) {
      for (let i = 0; i < n; i++) out[i] = f(a[i], b[i]);
    } else if (use_scalar) {
      return false;
    } else {
      // A place is looked up once for each row of the last dimension.
      const [width, stepA, stepB] = [shape, stride_a, stride_b].map((list) => list[rank - 1]);
      for (let row = 0; row < n; row += width) {
        const fromA = strided(row, rank, shape, stride_a);
        const fromB = strided(row, rank, shape, stride_b);
        for (let i = 0; i < width; i++) {
          out[row + i] = f(a[fromA + i * stepA], b[fromB + i * stepB]);
        }
      }
    }
    return true;
  },
  launch: ({ n }) => elementwise(n),
});

/** out = g df/da, or with `second` g df/db, in the broadcast shape. */
export const binaryGradient = defineKernel({
  name: 'binary_gradient',
  source: include('binary_gradient', 'lib/binary', 'lib/activation', 'lib/strides', 'lib/index'),
  bindings: { a: read, b: read, g: read, out: write },
  params: {
    op: 'override',
    use_scalar: 'override',
    second: 'override',
    shape: 'u32x8',
    stride_a: 'u32x8',
    stride_b: 'u32x8',
    rank: 'u32',
    n: 'u32',
    scalar: 'f32',
  },
  cpu({ a, b, g, out }, { op, use_scalar, second, rank, shape, stride_a, stride_b, n, scalar }) {
    const { da, db } = byCode[op];
    const derivative = second ? db : da;
    for (let i = 0; i < n; i++) {
      const right = use_scalar ? scalar : b[strided(i, rank, shape, stride_b)];
      out[i] = g[i] * derivative(a[strided(i, rank, shape, stride_a)], right);
    }
  },
  fastCpu({ g, out }, { op, n }) {
    if (op !== BINARY.add.code) return false;
    for (let i = 0; i < n; i++) out[i] = g[i];
    return true;
  },
  launch: ({ n }) => elementwise(n),
});

/** True where a view with these strides reads memory in order. */
function isFlat(rank: number, strides: readonly number[]): boolean {
  return rank === 0 || (rank === 1 && strides[0] === 1);
}
