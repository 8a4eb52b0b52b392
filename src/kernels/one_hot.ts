import { defineKernel, elementwise, include, readIds, write } from '../backend/kernel';

/** out[k, v] = 1 where ids[k] is v, else 0; out of [count, n]. */
export const oneHot = defineKernel({
  name: 'one_hot',
  source: include('one_hot', 'lib/index'),
  bindings: { ids: readIds, out: write },
  params: { count: 'u32', n: 'u32' },
  cpu({ ids, out }, { count, n }) {
    for (let k = 0; k < count; k++) {
      for (let v = 0; v < n; v++) out[k * n + v] = ids[k] === v ? 1 : 0;
    }
  },
  launch: ({ count, n }) => elementwise(count * n),
});
