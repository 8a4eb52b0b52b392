import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/matmul.wgsl?raw';
import { defineKernel, grid, read, update, wgsl } from '../backend/kernel';
import { simdMatmul } from '../backend/cpu/simd/matmul';
import type { ParamValues } from '../backend/kernel';

/** Side of the tile that a workgroup of the shader makes. */
const TILE = 32;

/**
 * out[z] = A[z] B[z] + bias: A of [m, k] and B of [k, n], each walked by a row and a column stride
 * (a transpose swaps the two) and a stride between batches (0 repeats the same matrix); out of
 * [batches, m, n], bias of [n]. Without `has_bias` the bias is bound but not read. With `accumulate`
 * the product is added to what `out` holds. Each operand begins at an offset in its buffer.
 */
export const matmul = defineKernel({
  name: 'matmul',
  source: wgsl(source, index),
  bindings: { a: read, b: read, bias: read, out: update },
  params: {
    has_bias: 'override',
    accumulate: 'override',
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
  },
  cpu({ a, b, bias, out }, p) {
    for (let z = 0; z < p.batches; z++) {
      for (let row = 0; row < p.m; row++) {
        for (let column = 0; column < p.n; column++) {
          let sum = p.has_bias ? bias[column] : 0;
          for (let k = 0; k < p.k; k++) {
            sum +=
              a[p.offset_a + z * p.batch_a + row * p.row_a + k * p.column_a] *
              b[p.offset_b + z * p.batch_b + k * p.row_b + column * p.column_b];
          }
          const at = p.offset_out + (z * p.m + row) * p.n + column;
          out[at] = p.accumulate ? out[at] + sum : sum;
        }
      }
    }
  },
  fastCpu: ({ a, b, bias, out }, p, simd) =>
    simd !== undefined && simdMatmul(simd, a, b, p.has_bias ? bias : undefined, out, p),
  launch: ({ m, n, batches }) => grid(Math.ceil(m / TILE) * Math.ceil(n / TILE) * batches),
});

type MatmulParams = ParamValues<typeof matmul.params>;

/** The parameters for dense row-major matrices, but for what is given. */
export function matmulParams(
  given: Partial<MatmulParams> & Pick<MatmulParams, 'm' | 'n' | 'k'>,
): MatmulParams {
  const { m, n, k } = given;
  return {
    ...{ has_bias: 0, accumulate: 0, batches: 1, row_a: k, column_a: 1, row_b: n, column_b: 1 },
    ...{ batch_a: m * k, batch_b: k * n, offset_a: 0, offset_b: 0, offset_out: 0 },
    ...given,
  };
}
