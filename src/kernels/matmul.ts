import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import quads from '../../shaders/lib/matmul_quads.wgsl?raw';
import scalars from '../../shaders/lib/matmul_scalars.wgsl?raw';
import source from '../../shaders/matmul.wgsl?raw';
import { simdMatmul } from './simd/matmul';
import { defineKernel, elementwise, grid, read, update, wgsl } from '../backend/kernel';
import type { Launch, Params, ParamValues, KernelConfig } from '../backend/kernel';
import { UNARY, unary } from './unary';

const PARAMS = {
  tile: 'override',
  depth_a: 'override',
  depth_b: 'override',
  m: 'u32',
  n: 'u32',
  k: 'u32',
  batches: 'u32',
  row_a: 'u32',
  column_a: 'u32',
  row_b: 'u32',
  column_b: 'u32',
  batch_a: 'u32',
  batch_b: 'u32',
  offset_a: 'u32',
  offset_b: 'u32',
  offset_out: 'u32',
  row_out: 'u32',
  has_bias: 'u32',
  accumulate: 'u32',
  activation: 'u32',
  splits: 'u32',
  split_depth: 'u32',
} as const satisfies Params;

type MatmulParams = ParamValues<typeof PARAMS>;
type Tile = 32 | 64;

/** What the result may be passed through, by the shader's codes: 0 is nothing. */
export const ACTIVATIONS = [undefined, 'sigmoid', 'tanh', 'relu'] as const;

/** Workgroups that keep a large GPU busy. The depth is split where tiles alone are fewer. */
const BUSY_WORKGROUPS = 256;
/** A split is at least so deep, or its sums cost more to store than to make. */
const MIN_SPLIT_DEPTH = 128;

/** What every launch of a configuration has of its own: how the depth is split, and how the shader reads. */
function splitK({ m, n, k, batches, column_a, row_b }: MatmulParams, tile: Tile) {
  const tiles = Math.ceil(m / tile) * Math.ceil(n / tile) * batches;
  const wanted = Math.min(Math.floor(BUSY_WORKGROUPS / tiles), Math.floor(k / MIN_SPLIT_DEPTH));
  // In whole rounds of workgroup memory.
  const split_depth = wanted > 1 ? 16 * Math.ceil(k / wanted / 16) : k;
  const splits = wanted > 1 ? Math.ceil(k / split_depth) : 1;
  const order = { depth_a: column_a === 1 ? 1 : 0, depth_b: row_b === 1 ? 1 : 0 };
  return { tiles, params: { tile, ...order, splits, split_depth } };
}

function config(
  name: string,
  library: string,
  entry: string,
  tile: Tile,
): KernelConfig<typeof PARAMS> {
  return {
    name,
    source: wgsl(library, source, activation, index),
    scratch: (p) => {
      const { splits } = splitK(p, tile).params;
      return splits > 1 ? splits * p.batches * p.m * p.n : 0;
    },
    launch(p): readonly Launch[] {
      const { tiles, params } = splitK(p, tile);
      const products = grid(tiles * params.splits).map((launch) => ({ ...launch, entry, params }));
      if (params.splits === 1) return products;
      const sums = elementwise(p.batches * p.m * p.n);
      return [...products, ...sums.map((launch) => ({ ...launch, entry: 'sum_splits', params }))];
    },
  };
}

/** All with the same library; the first two are for products of many and of few tiles. */
function configsWith(kind: string, library: string) {
  return [
    config(`${kind}, staged 64`, library, 'staged', 64),
    config(`${kind}, direct 32`, library, 'direct', 32),
    config(`${kind}, staged 32`, library, 'staged', 32),
    config(`${kind}, direct 64`, library, 'direct', 64),
  ] as const;
}

const SCALARS = configsWith('scalars', scalars);
const QUADS = configsWith('quads', quads);

/**
 * out[z] = f(A[z] B[z] + bias): A of [m, k] and B of [k, n], each with a row and a column
 * stride (a transpose swaps the two) and a stride between batches (0 repeats the same matrix); out of
 * [batches, m, n], its rows `row_out` apart, bias of [n]. Without `has_bias` the bias is bound but not
 * read. With `accumulate` what `out` held is added too, before f, which `activation` names by its code.
 * Each operand begins at an offset in its buffer.
 *
 * The launch sets the parameters that `matmulParams` leaves at 0.
 */
export const matmul = defineKernel({
  ...SCALARS[1],
  name: 'matmul',
  bindings: { a: read, b: read, bias: read, out: update },
  params: PARAMS,
  cpu({ a, b, bias, out }, p) {
    const activation = ACTIVATIONS[p.activation];
    const f = activation ? UNARY[activation].f : (x: number) => x;
    for (let z = 0; z < p.batches; z++) {
      for (let row = 0; row < p.m; row++) {
        for (let column = 0; column < p.n; column++) {
          let sum = 0;
          for (let k = 0; k < p.k; k++) {
            sum +=
              a[p.offset_a + z * p.batch_a + row * p.row_a + k * p.column_a] *
              b[p.offset_b + z * p.batch_b + k * p.row_b + column * p.column_b];
          }
          if (p.has_bias) sum += bias[column];
          const at = p.offset_out + (z * p.m + row) * p.row_out + column;
          out[at] = f(p.accumulate ? out[at] + sum : sum);
        }
      }
    }
  },
  fastCpu({ a, b, bias, out }, p, simd) {
    if (!simd || !simdMatmul(simd, a, b, p.has_bias ? bias : undefined, out, p)) return false;
    const activation = ACTIVATIONS[p.activation];
    if (!activation) return true;
    const rows = p.batches * p.m;
    const [count, n] = p.row_out === p.n ? [1, rows * p.n] : [rows, p.n];
    for (let i = 0; i < count; i++) {
      const at = p.offset_out + i * p.row_out;
      const y = out.subarray(at, at + n);
      const params = { op: UNARY[activation].code, n };
      if (!unary.fastCpu?.({ x: y, y }, params, simd)) unary.cpu({ x: y, y }, params);
    }
    return true;
  },
  candidates(p) {
    const inQuads =
      startsInFours(p.row_a, p.column_a, p.k, p.batch_a, p.offset_a) &&
      startsInFours(p.column_b, p.row_b, p.k, p.batch_b, p.offset_b);
    const [large, small, ...others] = inQuads ? QUADS : SCALARS;
    const { tiles, params } = splitK(p, 64);
    const isLarge = tiles * params.splits >= BUSY_WORKGROUPS / 4;
    const sizes = [p.batches, p.m, p.n, p.k].map((size) => Math.ceil(Math.log2(size)));
    return {
      sizeClass: `${inQuads ? 'quads' : 'scalars'} ${params.depth_a}${params.depth_b} ${sizes.join()}`,
      configs: isLarge ? [large, small, ...others] : [small, large, ...others],
    };
  },
});

/**
 * Whether a matrix can be read in quads: along its lines (rows of A, columns of B), `k` deep, or
 * across them.
 */
function startsInFours(line: number, depth: number, k: number, batch: number, offset: number) {
  const strides = depth === 1 ? [line, k] : line === 1 ? [depth] : [1];
  return [...strides, batch, offset].every((value) => value % 4 === 0);
}

/** The parameters for dense row-major matrices, but for what is given. */
export function matmulParams(
  given: Partial<MatmulParams> & Pick<MatmulParams, 'm' | 'n' | 'k'>,
): MatmulParams {
  const { m, n, k } = given;
  return {
    ...{ has_bias: 0, accumulate: 0, activation: 0 },
    ...{ batches: 1, row_a: k, column_a: 1, row_b: n, column_b: 1 },
    ...{ batch_a: m * k, batch_b: k * n, offset_a: 0, offset_b: 0, offset_out: 0, row_out: n },
    ...{ tile: 0, depth_a: 0, depth_b: 0, splits: 0, split_depth: 0 },
    ...given,
  };
}
