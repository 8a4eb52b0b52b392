import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/matmul.wgsl?raw';
import { defineKernel, grid, read, wgsl, write } from '../backend/kernel';
import { simdMatmul } from '../backend/cpu/simd/matmul';

/** Side of the tile that a workgroup of the shader makes. */
const TILE = 32;

/**
 * out[z] = A[z] B[z] + bias: A of [m, k] and B of [k, n], each walked by a row and a column stride
 * (a transpose swaps the two) and a stride between batches (0 repeats the same matrix); out of
 * [batches, m, n], bias of [n]. Without `has_bias` the bias is bound but not read.
 */
export const matmul = defineKernel({
  name: 'matmul',
  source: wgsl(source, index),
  bindings: { a: read, b: read, bias: read, out: write },
  params: {
    has_bias: 'override',
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
  },
  cpu({ a, b, bias, out }, p) {
    for (let z = 0; z < p.batches; z++) {
      for (let row = 0; row < p.m; row++) {
        for (let column = 0; column < p.n; column++) {
          let sum = p.has_bias ? bias[column] : 0;
          for (let k = 0; k < p.k; k++) {
            sum +=
              a[z * p.batch_a + row * p.row_a + k * p.column_a] *
              b[z * p.batch_b + k * p.row_b + column * p.column_b];
          }
          out[(z * p.m + row) * p.n + column] = sum;
        }
      }
    }
  },
  fastCpu: ({ a, b, bias, out }, p) => simdMatmul(a, b, p.has_bias ? bias : undefined, out, p),
  launch: ({ m, n, batches }) => grid(Math.ceil(m / TILE) * Math.ceil(n / TILE) * batches),
});
