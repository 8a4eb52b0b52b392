import { defineKernel, elementwise, include, write } from '../backend/kernel';

/** out = value. */
export const fill = defineKernel({
  name: 'fill',
  source: include('fill', 'lib/index'),
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
