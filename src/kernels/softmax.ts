import { defineKernel, grid, include, read, write } from '../backend/kernel';

/** Over the rows of x, [rows, n]: softmax, or with `logarithm` its logarithm. */
export const softmax = defineKernel({
  name: 'softmax',
  source: include('softmax', 'lib/row', 'lib/index'),
  bindings: { x: read, y: write },
  params: { logarithm: 'override', rows: 'u32', n: 'u32' },
  cpu({ x, y }, { logarithm, rows, n }) {
    for (let base = 0; base < rows * n; base += n) {
      let highest = -Infinity;
      for (let i = 0; i < n; i++) highest = Math.max(highest, x[base + i]);
      let total = 0;
      for (let i = 0; i < n; i++) total += Math.exp(x[base + i] - highest);
      for (let i = 0; i < n; i++) {
        const shifted = x[base + i] - highest;
        y[base + i] = logarithm ? shifted - Math.log(total) : Math.exp(shifted) / total;
      }
    }
  },
  launch: ({ rows }) => grid(rows),
});

/** dx = y (g - sum(g y)); with `logarithm` dx = g - exp(y) sum(g). */
export const softmaxGradient = defineKernel({
  name: 'softmax_gradient',
  source: include('softmax_gradient', 'lib/row', 'lib/index'),
  bindings: { y: read, g: read, dx: write },
  params: { logarithm: 'override', rows: 'u32', n: 'u32' },
  cpu({ y, g, dx }, { logarithm, rows, n }) {
    for (let base = 0; base < rows * n; base += n) {
      let total = 0;
      for (let i = 0; i < n; i++) total += g[base + i] * (logarithm ? 1 : y[base + i]);
      for (let i = 0; i < n; i++) {
        dx[base + i] = logarithm
          ? g[base + i] - Math.exp(y[base + i]) * total
          : y[base + i] * (g[base + i] - total);
      }
    }
  },
  launch: ({ rows }) => grid(rows),
});
