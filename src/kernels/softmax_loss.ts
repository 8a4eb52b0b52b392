import {
  defineKernel,
  elementwise,
  grid,
  include,
  read,
  readIds,
  update,
  write,
} from '../backend/kernel';
import type { KernelConfig } from '../backend/kernel';

const ROWS = {
  rows: 'u32',
  n: 'u32',
  ignore: 'i32',
  share: 'f32',
  weighted: 'u32',
  smoothing: 'f32',
} as const;
/** A row of so many classes is not left to one thread. */
const MAX_CLASSES_A_THREAD = 1024;

const TOGETHER: KernelConfig<typeof ROWS> = {
  name: 'together',
  source: include('softmax_loss', 'lib/target', 'lib/row', 'lib/index'),
  launch: ({ rows }) => grid(rows),
};
const ALONE: KernelConfig<typeof ROWS> = {
  ...TOGETHER,
  name: 'alone',
  launch: ({ rows }) => elementwise(rows).map((launch) => ({ ...launch, entry: 'alone' })),
};

/**
 * For each row of logits, [rows, n], with target t: loss and weight as in cross_entropy.ts, with `weighted` and
 * `smoothing` of there, and the logits give way to `share` times the gradient of that loss, mass softmax(logits) - q.
 * Where t is `ignore`, or outside the classes, all of that is 0.
 */
export const softmaxLoss = defineKernel({
  ...TOGETHER,
  name: 'softmax_loss',
  bindings: {
    targets: readIds,
    logits: update,
    loss: write,
    weight: write,
    class_weights: read,
  },
  params: ROWS,
  cpu(arrays, { rows, n, ignore, share, weighted, smoothing }) {
    const { targets, logits, loss, weight, class_weights } = arrays;
    const spread = (i: number): number => (smoothing / n) * (weighted ? class_weights[i] : 1);
    for (let r = 0; r < rows; r++) {
      const base = r * n;
      let top = -Infinity;
      for (let i = 0; i < n; i++) top = Math.max(top, logits[base + i]);
      let total = 0;
      for (let i = 0; i < n; i++) total += Math.exp(logits[base + i] - top);
      const label = targets[r];
      const counts = label !== ignore && label >= 0 && label < n;
      weight[r] = counts ? (weighted ? class_weights[label] : 1) : 0;
      const kept = (1 - smoothing) * weight[r];
      let cost = counts ? kept * (Math.log(total) - (logits[base + label] - top)) : 0;
      let mass = kept;
      for (let i = 0; counts && smoothing > 0 && i < n; i++) {
        cost += spread(i) * (Math.log(total) - (logits[base + i] - top));
        mass += spread(i);
      }
      loss[r] = cost;
      for (let i = 0; i < n; i++) {
        const probability = Math.exp(logits[base + i] - top) / total;
        const q = (i === label ? kept : 0) + spread(i);
        logits[base + i] = counts ? share * (mass * probability - q) : 0;
      }
    }
  },
  fastCpu(arrays, { rows, n, ignore, share, weighted, smoothing }, simd) {
    const { targets, logits, loss, weight, class_weights } = arrays;
    const outputs = [targets, logits, loss, weight, weighted ? class_weights : 0];
    const operations = (smoothing > 0 ? 12 : 8) * rows * n;
    simd?.run('softmax_loss', operations, [...outputs, rows, n, ignore], [share, smoothing]);
    return simd !== undefined;
  },
  candidates: ({ rows, n }) => ({
    sizeClass: [rows, n].map((size) => Math.ceil(Math.log2(size))).join(),
    configs: n > MAX_CLASSES_A_THREAD ? [TOGETHER] : [TOGETHER, ALONE],
  }),
});
