import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/scatter_add.wgsl?raw';
import { defineKernel, elementwise, read, readIds, update, wgsl } from '../backend/kernel';
import { WALK } from './gather';

/** out[o, ids[o, k, i], i] += g[o, k, i], summed in the order of k. Ids outside are dropped. */
export const scatterAdd = defineKernel({
  name: 'scatter_add',
  source: wgsl(source, index),
  bindings: { g: read, ids: readIds, out: update },
  params: WALK,
  cpu({ g, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner }) {
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < inner; i++) {
          const id = ids[o * id_outer + k * id_count + i * id_inner];
          if (id >= 0 && id < n) out[(o * n + id) * inner + i] += g[(o * count + k) * inner + i];
        }
      }
    }
  },
  fastCpu({ g, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner }, simd) {
    if (!simd || id_inner !== 0) return false;
    const args = [g, ids, out, outer, n, count, inner, id_outer, id_count];
    simd.run('scatter_add', (outer * count * inner) / 4, args);
    return true;
  },
  launch: ({ outer, n, inner }) => elementwise(outer * n * inner),
});
