import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/reduce.wgsl?raw';
import { defineKernel, elementwise, grid, read, wgsl, write } from '../backend/kernel';

/** Codes of the reductions in shaders/reduce.wgsl. */
export const REDUCE = { sum: 0, max: 1 } as const;

/** out[o, i] = scale times the sum or the maximum over r of x[o, r, i]; x of [outer, n, inner]. */
export const reduce = defineKernel({
  name: 'reduce',
  source: wgsl(source, index),
  bindings: { x: read, out: write },
  params: { op: 'override', outer: 'u32', n: 'u32', inner: 'u32', scale: 'f32' },
  cpu({ x, out }, { op, outer, n, inner, scale }) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let total = op === REDUCE.max ? -Infinity : 0;
        for (let r = 0; r < n; r++) {
          const value = x[(o * n + r) * inner + i];
          total = op === REDUCE.max ? Math.max(total, value) : total + value;
        }
        out[o * inner + i] = total * scale;
      }
    }
  },
  fastCpu({ x, out }, { op, outer, n, inner, scale }, simd) {
    if (!simd || op !== REDUCE.sum || inner === 1) return false;
    simd.run('sum_rows', (outer * n * inner) / 4, [x, out, outer, n, inner], [scale]);
    return true;
  },
  launch({ outer, inner }) {
    const [launch] = inner === 1 ? grid(outer) : elementwise(outer * inner);
    return launch ? [{ ...launch, entry: inner === 1 ? 'rows' : 'columns' }] : [];
  },
});
