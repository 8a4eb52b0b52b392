import { defineKernel, elementwise, include, read, write } from '../backend/kernel';
import { strided } from './math';

/** out = a where the condition is not 0, else b, with broadcasting. */
export const where = defineKernel({
  name: 'where',
  source: include('where', 'lib/strides', 'lib/index'),
  bindings: { condition: read, a: read, b: read, out: write },
  params: {
    shape: 'u32x8',
    stride_condition: 'u32x8',
    stride_a: 'u32x8',
    stride_b: 'u32x8',
    rank: 'u32',
    n: 'u32',
  },
  cpu({ condition, a, b, out }, { rank, shape, stride_condition, stride_a, stride_b, n }) {
    for (let i = 0; i < n; i++) {
      out[i] = condition[strided(i, rank, shape, stride_condition)]
        ? a[strided(i, rank, shape, stride_a)]
        : b[strided(i, rank, shape, stride_b)];
    }
  },
  launch: ({ n }) => elementwise(n),
});
