import { defineKernel, elementwise, include, read, update } from '../backend/kernel';

/** y += alpha x, in place. */
export const axpy = defineKernel({
  name: 'axpy',
  source: include('axpy', 'lib/index'),
  bindings: { x: read, y: update },
  params: { n: 'u32', alpha: 'f32' },
  cpu({ x, y }, { n, alpha }) {
    for (let i = 0; i < n; i++) y[i] += alpha * x[i];
  },
  fastCpu({ x, y }, { n, alpha }, simd) {
    simd?.run('axpy', n / 4, [x, y, n], [alpha]);
    return simd !== undefined;
  },
  launch: ({ n }) => elementwise(n),
});
