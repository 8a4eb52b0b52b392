import { simdMatmul } from './simd/matmul';
import { defineKernel, read, update } from '../backend/kernel';
import { MATMUL } from './matmul_params';
import { UNARY, unary } from './unary';
import { webgpu } from './webgpu/provided';

/** What the result may be passed through, by the shader's codes: 0 is nothing. */
export const ACTIVATIONS = [undefined, 'sigmoid', 'tanh', 'relu'] as const;

/**
 * out[z] = f(A[z] B[z] + bias): A of [m, k] and B of [k, n], each with a row and a column
 * stride (a transpose swaps the two) and a stride between batches (0 repeats the same matrix); out of
 * [batches, m, n], its rows `row_out` apart, bias of [n]. Without `has_bias` the bias is bound but not
 * read. With `accumulate` what `out` held is added too, before f, which `activation` names by its code.
 * Each operand begins at an offset in its buffer.
 *
 * The launch (webgpu/matmul.ts) sets the parameters that `matmulParams` leaves at 0.
 */
export const matmul = defineKernel({
  name: 'matmul',
  bindings: { a: read, b: read, bias: read, out: update },
  params: MATMUL,
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
  candidates: (p, limits) => webgpu().matmulCandidates(p, limits),
});
