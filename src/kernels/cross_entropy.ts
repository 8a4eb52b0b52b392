import { defineKernel, elementwise, grid, include, read, readIds, write } from '../backend/kernel';

/**
 * For each row of logits, [rows, n], with target t: highest = max(logits),
 * logtotal = log(sum(exp(logits - highest))), loss = logtotal - (logits[t] - highest), weight 1;
 * where t is `ignore`, or outside the classes, loss and weight are 0. The two are kept apart, because
 * in their sum logtotal is lost in rounding where the logits are large.
 */
export const crossEntropy = defineKernel({
  name: 'cross_entropy',
  source: include('cross_entropy', 'lib/row', 'lib/index'),
  bindings: {
    logits: read,
    targets: readIds,
    loss: write,
    weight: write,
    highest: write,
    logtotal: write,
  },
  params: { rows: 'u32', n: 'u32', ignore: 'i32' },
  cpu({ logits, targets, loss, weight, highest, logtotal }, { rows, n, ignore }) {
    for (let r = 0; r < rows; r++) {
      const base = r * n;
      let top = -Infinity;
      for (let i = 0; i < n; i++) top = Math.max(top, logits[base + i]);
      let total = 0;
      for (let i = 0; i < n; i++) total += Math.exp(logits[base + i] - top);
      highest[r] = top;
      logtotal[r] = Math.log(total);
      const label = targets[r];
      const counts = label !== ignore && label >= 0 && label < n;
      loss[r] = counts ? Math.log(total) - (logits[base + label] - top) : 0;
      weight[r] = counts ? 1 : 0;
    }
  },
  fastCpu({ logits, targets, loss, weight, highest, logtotal }, { rows, n, ignore }, simd) {
    const arrays = [logits, targets, loss, weight, highest, logtotal];
    simd?.run('cross_entropy', 8 * rows * n, [...arrays, rows, n, ignore]);
    return simd !== undefined;
  },
  launch: ({ rows }) => grid(rows),
});

/** dlogits[r, i] = g[r] weight[r] (exp(logits[r, i] - highest[r] - logtotal[r]) - (1 at the target)). */
export const crossEntropyGradient = defineKernel({
  name: 'cross_entropy_gradient',
  source: include('cross_entropy_gradient', 'lib/index'),
  bindings: {
    logits: read,
    targets: readIds,
    weight: read,
    highest: read,
    logtotal: read,
    g: read,
    dlogits: write,
  },
  params: { rows: 'u32', n: 'u32' },
  cpu({ logits, targets, weight, highest, logtotal, g, dlogits }, { rows, n }) {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < n; i++) {
        const hit = i === targets[r] ? 1 : 0;
        const probability = Math.exp(logits[r * n + i] - highest[r] - logtotal[r]);
        dlogits[r * n + i] = g[r] * weight[r] * (probability - hit);
      }
    }
  },
  fastCpu({ logits, targets, weight, highest, logtotal, g, dlogits }, { rows, n }, simd) {
    const arrays = [logits, targets, weight, highest, logtotal, g, dlogits];
    simd?.run('cross_entropy_gradient', 8 * rows * n, [...arrays, rows, n]);
    return simd !== undefined;
  },
  launch: ({ rows, n }) => elementwise(rows * n),
});
