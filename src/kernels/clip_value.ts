import { defineKernel, elementwise, include, update } from '../backend/kernel';

/** x = min(max(x, -limit), limit), in place. */
export const clipValue = defineKernel({
  name: 'clip_value',
  source: include('clip_value', 'lib/index'),
  bindings: { x: update },
  params: { n: 'u32', limit: 'f32' },
  cpu({ x }, { n, limit }) {
    for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(x[i], -limit), limit);
  },
  launch: ({ n }) => elementwise(n),
});
