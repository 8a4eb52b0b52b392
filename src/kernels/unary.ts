import { defineKernel, elementwise, include, read, write } from '../backend/kernel';
import { BINARY } from './binary';
import { sigmoid } from './math';

interface Unary {
  /** Case in shaders/lib/unary.wgsl. */
  readonly code: number;
  readonly f: (x: number) => number;
  /** f'(x), by x or by y = f(x). */
  readonly df: (x: number, y: number) => number;
}

/** The pointwise functions of one argument: a row here, a case in the shader. */
export const UNARY = {
  neg: { code: 0, f: (x) => -x, df: () => -1 },
  abs: { code: 1, f: Math.abs, df: Math.sign },
  exp: { code: 2, f: Math.exp, df: (_, y) => y },
  log: { code: 3, f: Math.log, df: (x) => 1 / x },
  sqrt: { code: 4, f: Math.sqrt, df: (_, y) => 0.5 / y },
  square: { code: 5, f: (x) => x * x, df: (x) => 2 * x },
  reciprocal: { code: 6, f: (x) => 1 / x, df: (_, y) => -y * y },
  tanh: { code: 7, f: Math.tanh, df: (_, y) => 1 - y * y },
  sigmoid: { code: 8, f: sigmoid, df: (_, y) => y * (1 - y) },
  relu: { code: 9, f: (x) => Math.max(x, 0), df: (x) => (x > 0 ? 1 : 0) },
  sin: { code: 10, f: Math.sin, df: Math.cos },
  cos: { code: 11, f: Math.cos, df: (x) => -Math.sin(x) },
  softplus: {
    code: 12,
    f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    df: sigmoid,
  },
} satisfies Record<string, Unary>;

const byCode: readonly Unary[] = Object.values<Unary>(UNARY).sort((a, b) => a.code - b.code);

/** Codes of those that the `unary` of src/backend/cpu/simd has. */
const VECTORS = new Set([UNARY.exp.code, UNARY.tanh.code, UNARY.sigmoid.code]);

/** y = f(x). */
export const unary = defineKernel({
  name: 'unary',
  source: include('unary', 'lib/unary', 'lib/activation', 'lib/index'),
  bindings: { x: read, y: write },
  params: { op: 'override', n: 'u32' },
  cpu({ x, y }, { op, n }) {
    const { f } = byCode[op];
    for (let i = 0; i < n; i++) y[i] = f(x[i]);
  },
  fastCpu({ x, y }, { op, n }, simd) {
    if (!simd) return false;
    if (op === UNARY.relu.code) {
      simd.run('binary', n / 4, [x, x, y, n, BINARY.maximum.code, 1], [0]);
    } else if (VECTORS.has(op)) {
      simd.run('unary', 4 * n, [x, y, n, op]);
    } else return false;
    return true;
  },
  launch: ({ n }) => elementwise(n),
});

/** dx = g f'(x). */
export const unaryGradient = defineKernel({
  name: 'unary_gradient',
  source: include('unary_gradient', 'lib/unary', 'lib/activation', 'lib/index'),
  bindings: { x: read, y: read, g: read, dx: write },
  params: { op: 'override', n: 'u32' },
  cpu({ x, y, g, dx }, { op, n }) {
    const { df } = byCode[op];
    for (let i = 0; i < n; i++) dx[i] = g[i] * df(x[i], y[i]);
  },
  launch: ({ n }) => elementwise(n),
});
