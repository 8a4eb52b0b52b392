import { defineKernel, elementwise, include, read, readIds, write } from '../backend/kernel';
import type { KernelConfig } from '../backend/kernel';

/** How `gather` and `scatter_add` index x of [outer, n, inner] by ids of [outer, count, inner]. */
export const INDEXING = {
  outer: 'u32',
  n: 'u32',
  count: 'u32',
  inner: 'u32',
  id_outer: 'u32',
  id_count: 'u32',
  id_inner: 'u32',
} as const;

const ANY: KernelConfig<typeof INDEXING> = {
  name: 'any',
  source: include('gather', 'lib/index'),
  launch: ({ outer, count, inner }) => elementwise(outer * count * inner),
};
const QUADS: KernelConfig<typeof INDEXING> = {
  name: 'quads',
  source: include('gather_quads', 'lib/index'),
  launch: ({ outer, count, inner }) => elementwise((outer * count * inner) / 4),
};

/**
 * out[o, k, i] = x[o, ids[o, k, i], i]. The strides of `ids` may be 0, so that one id picks a
 * whole row. An id outside the table gives 0.
 */
export const gather = defineKernel({
  name: 'gather',
  bindings: { x: read, ids: readIds, out: write },
  params: INDEXING,
  cpu({ x, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner }) {
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < inner; i++) {
          const id = ids[o * id_outer + k * id_count + i * id_inner];
          out[(o * count + k) * inner + i] = id >= 0 && id < n ? x[(o * n + id) * inner + i] : 0;
        }
      }
    }
  },
  fastCpu({ x, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner }, simd) {
    if (!simd || id_inner !== 0) return false;
    const args = [x, ids, out, outer, n, count, inner, id_outer, id_count];
    simd.run('gather', (outer * count * inner) / 4, args);
    return true;
  },
  candidates: ({ inner, id_inner }) => ({
    sizeClass: 'any',
    configs: [id_inner === 0 && inner % 4 === 0 ? QUADS : ANY],
  }),
});
