import source from '../../shaders/cross_entropy.wgsl?raw';
import gradientSource from '../../shaders/cross_entropy_gradient.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import row from '../../shaders/lib/row.wgsl?raw';
import { defineKernel, elementwise, grid, read, readIds, wgsl, write } from '../backend/kernel';

/**
 * For each row of logits, [rows, n], with target t: logsum = log(sum(exp(logits))),
 * loss = logsum - logits[t], weight 1; where t is `ignore`, or outside the classes, loss and
 * weight are 0.
 */
export const crossEntropy = defineKernel({
  name: 'cross_entropy',
  source: wgsl(source, row, index),
  bindings: { logits: read, targets: readIds, loss: write, weight: write, logsum: write },
  params: { rows: 'u32', n: 'u32', ignore: 'i32' },
  cpu({ logits, targets, loss, weight, logsum }, { rows, n, ignore }) {
    for (let r = 0; r < rows; r++) {
      const base = r * n;
      let highest = -Infinity;
      for (let i = 0; i < n; i++) highest = Math.max(highest, logits[base + i]);
      let total = 0;
      for (let i = 0; i < n; i++) total += Math.exp(logits[base + i] - highest);
      logsum[r] = highest + Math.log(total);
      const label = targets[r];
      const counts = label !== ignore && label >= 0 && label < n;
      loss[r] = counts ? highest + Math.log(total) - logits[base + label] : 0;
      weight[r] = counts ? 1 : 0;
    }
  },
  launch: ({ rows }) => grid(rows),
});

/** dlogits[r, i] = g[r] weight[r] (exp(logits[r, i] - logsum[r]) - (1 at the target)). */
export const crossEntropyGradient = defineKernel({
  name: 'cross_entropy_gradient',
  source: wgsl(gradientSource, index),
  bindings: {
    logits: read,
    targets: readIds,
    weight: read,
    logsum: read,
    g: read,
    dlogits: write,
  },
  params: { rows: 'u32', n: 'u32' },
  cpu({ logits, targets, weight, logsum, g, dlogits }, { rows, n }) {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < n; i++) {
        const hit = i === targets[r] ? 1 : 0;
        dlogits[r * n + i] = g[r] * weight[r] * (Math.exp(logits[r * n + i] - logsum[r]) - hit);
      }
    }
  },
  launch: ({ rows, n }) => elementwise(rows * n),
});
