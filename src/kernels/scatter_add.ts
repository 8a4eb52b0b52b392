import { defineKernel, elementwise, grid, include, read, readIds, update } from '../backend/kernel';
import type { Launch, ParamValues, KernelConfig } from '../backend/kernel';
import { INDEXING } from './gather';

const SCATTER = { ...INDEXING, add: 'u32' } as const;

type Scatter = ParamValues<typeof SCATTER>;

/** Threads of a workgroup of `rows`. */
const THREADS_TOGETHER = 256;
/** Columns of a table that a workgroup of `rows` makes. */
const COLUMNS_A_WORKGROUP = 256;

function config(
  name: string,
  launch: (p: Scatter) => readonly Launch[],
): KernelConfig<typeof SCATTER> {
  return {
    name,
    source: include('scatter_add', 'lib/index'),
    scratch: ({ n, count }) => n + 1 + count,
    launch: (p) => (p.count === 0 && p.add ? [] : launch(p)),
  };
}

const enter = (entry: string, launches: readonly Launch[]) =>
  launches.map((launch) => ({ ...launch, entry }));

const ANY = config('any', ({ outer, n, inner }) => elementwise(outer * n * inner));
const TOGETHER = config('together', ({ n, inner }) =>
  enter('rows', grid(n * Math.ceil(inner / COLUMNS_A_WORKGROUP))),
);
const LISTED = config('listed', ({ n, inner }) => [
  ...enter('order', elementwise(n + 1)),
  ...enter('listed', elementwise(n * inner)),
]);

/**
 * out[o, ids[o, k, i], i] = the sum of these g[o, k, i], in the order of k, and with `add` what stands
 * there. Ids outside are dropped.
 */
export const scatterAdd = defineKernel({
  ...ANY,
  name: 'scatter_add',
  bindings: { g: read, ids: readIds, out: update },
  params: SCATTER,
  cpu({ g, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner, add }) {
    if (!add) out.fill(0, 0, outer * n * inner);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < inner; i++) {
          const id = ids[o * id_outer + k * id_count + i * id_inner];
          if (id >= 0 && id < n) out[(o * n + id) * inner + i] += g[(o * count + k) * inner + i];
        }
      }
    }
  },
  fastCpu({ g, ids, out }, { outer, n, count, inner, id_outer, id_count, id_inner, add }, simd) {
    if (!simd || id_inner !== 0) return false;
    const size = outer * n * inner;
    if (!add) simd.run('fill', size / 4, [out, size], [0]);
    const args = [g, ids, out, outer, n, count, inner, id_outer, id_count];
    simd.run('scatter_add', (outer * count * inner) / 4, args);
    return true;
  },
  candidates(p, { invocations }) {
    const sizes = [p.n, p.count, p.inner].map((size) => Math.ceil(Math.log2(size)));
    if (p.outer !== 1 || p.id_inner !== 0) return { sizeClass: 'any', configs: [ANY] };
    return {
      sizeClass: `rows ${sizes.join()}`,
      configs: invocations < THREADS_TOGETHER ? [LISTED] : [LISTED, TOGETHER],
    };
  },
});
