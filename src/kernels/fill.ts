import source from '../../shaders/fill.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import { defineKernel, elementwise, wgsl, write } from '../backend/kernel';

/** out = value. */
export const fill = defineKernel({
  name: 'fill',
  source: wgsl(source, index),
  bindings: { out: write },
  params: { n: 'u32', value: 'f32' },
  cpu({ out }, { n, value }) {
    out.fill(value, 0, n);
  },
  fastCpu({ out }, { n, value }, simd) {
    simd?.run('fill', n / 4, [out, n], [value]);
    return simd !== undefined;
  },
  launch: ({ n }) => elementwise(n),
});
