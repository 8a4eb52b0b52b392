import { defineKernel, elementwise, include, read, update } from '../backend/kernel';

/** x *= scale, in place, by a number on the device. */
export const scaleBy = defineKernel({
  name: 'scale_by',
  source: include('scale_by', 'lib/index'),
  bindings: { scale: read, x: update },
  params: { n: 'u32' },
  cpu({ scale, x }, { n }) {
    for (let i = 0; i < n; i++) x[i] *= scale[0];
  },
  fastCpu({ scale, x }, { n }, simd) {
    if (scale[0] !== 1) simd?.run('scale', n / 4, [x, x, n], [scale[0]]);
    return simd !== undefined;
  },
  launch: ({ n }) => elementwise(n),
});
