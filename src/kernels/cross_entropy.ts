import { defineKernel, elementwise, grid, include, read, readIds, write } from '../backend/kernel';

const PARAMS = { rows: 'u32', n: 'u32', ignore: 'i32', weighted: 'u32', smoothing: 'f32' } as const;

/**
 * For each row of logits, [rows, n], with target t, under softmax(logits): loss = -sum(q log p) where
 * q[i] = (1 - smoothing) class_weights[t] (1 at t) + smoothing / n class_weights[i]; mass = sum(q),
 * weight = class_weights[t]. All of that is 0 where t is `ignore`, or outside the classes. Unless `weighted`, all
 * classes weigh 1, and class_weights is bound but not read. Also highest = max(logits) and
 * logtotal = log(sum(exp(logits - highest))): apart, because in their sum logtotal is lost in rounding where the
 * logits are large.
 */
export const crossEntropy = defineKernel({
  name: 'cross_entropy',
  source: include('cross_entropy', 'lib/target', 'lib/row', 'lib/index'),
  bindings: {
    logits: read,
    targets: readIds,
    class_weights: read,
    loss: write,
    weight: write,
    mass: write,
    highest: write,
    logtotal: write,
  },
  params: PARAMS,
  cpu(arrays, { rows, n, ignore, weighted, smoothing }) {
    const { logits, targets, class_weights, loss, weight, mass, highest, logtotal } = arrays;
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
      weight[r] = counts ? (weighted ? class_weights[label] : 1) : 0;
      let sum = 0;
      let weights = 0;
      const add = (q: number, i: number): void => {
        sum += q * (Math.log(total) - (logits[base + i] - top));
        weights += q;
      };
      if (counts) add((1 - smoothing) * weight[r], label);
      for (let i = 0; counts && smoothing > 0 && i < n; i++) {
        add((smoothing / n) * (weighted ? class_weights[i] : 1), i);
      }
      loss[r] = sum;
      mass[r] = weights;
    }
  },
  fastCpu(arrays, { rows, n, ignore, weighted, smoothing }, simd) {
    const { logits, targets, class_weights, loss, weight, mass, highest, logtotal } = arrays;
    const outputs = [loss, weight, mass, highest, logtotal];
    simd?.run(
      'cross_entropy',
      (smoothing > 0 ? 12 : 8) * rows * n,
      [logits, targets, weighted ? class_weights : 0, ...outputs, rows, n, ignore],
      [smoothing],
    );
    return simd !== undefined;
  },
  launch: ({ rows }) => grid(rows),
});

/** dlogits[r, i] = g[r] (mass[r] exp(logits[r, i] - highest[r] - logtotal[r]) - q[r, i]), with q as above. */
export const crossEntropyGradient = defineKernel({
  name: 'cross_entropy_gradient',
  source: include('cross_entropy_gradient', 'lib/target', 'lib/index'),
  bindings: {
    logits: read,
    targets: readIds,
    class_weights: read,
    mass: read,
    highest: read,
    logtotal: read,
    g: read,
    dlogits: write,
  },
  params: PARAMS,
  cpu(arrays, { rows, n, ignore, weighted, smoothing }) {
    const { logits, targets, class_weights, mass, highest, logtotal, g, dlogits } = arrays;
    for (let r = 0; r < rows; r++) {
      const label = targets[r];
      const counts = label !== ignore && label >= 0 && label < n;
      for (let i = 0; i < n; i++) {
        const share = (i === label ? 1 - smoothing : 0) + smoothing / n;
        const q = share * (weighted ? class_weights[i] : 1);
        const probability = Math.exp(logits[r * n + i] - highest[r] - logtotal[r]);
        dlogits[r * n + i] = counts ? g[r] * (mass[r] * probability - q) : 0;
      }
    }
  },
  fastCpu(arrays, { rows, n, ignore, weighted, smoothing }, simd) {
    const { logits, targets, class_weights, mass, highest, logtotal, g, dlogits } = arrays;
    const rest = [mass, highest, logtotal, g, dlogits, rows, n, ignore];
    simd?.run(
      'cross_entropy_gradient',
      8 * rows * n,
      [logits, targets, weighted ? class_weights : 0, ...rest],
      [smoothing],
    );
    return simd !== undefined;
  },
  launch: ({ rows, n }) => elementwise(rows * n),
});
