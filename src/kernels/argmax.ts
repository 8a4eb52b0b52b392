import { defineKernel, elementwise, include, read, writeIds } from '../backend/kernel';

/** out[o, i] = the first r at which x[o, r, i] is largest; x of [outer, n, inner]. */
export const argmax = defineKernel({
  name: 'argmax',
  source: include('argmax', 'lib/index'),
  bindings: { x: read, out: writeIds },
  params: { outer: 'u32', n: 'u32', inner: 'u32' },
  cpu({ x, out }, { outer, n, inner }) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let best = 0;
        for (let r = 1; r < n; r++) {
          if (x[(o * n + r) * inner + i] > x[(o * n + best) * inner + i]) best = r;
        }
        out[o * inner + i] = best;
      }
    }
  },
  launch: ({ outer, inner }) => elementwise(outer * inner),
});
