import {
  defineKernel,
  elementwise,
  grid,
  include,
  readIds,
  update,
  write,
} from '../backend/kernel';
import type { KernelConfig } from '../backend/kernel';

const ROWS = { rows: 'u32', n: 'u32', ignore: 'i32', share: 'f32' } as const;
/** A row of so many classes is not left to one thread. */
const MAX_CLASSES_A_THREAD = 1024;

const TOGETHER: KernelConfig<typeof ROWS> = {
  name: 'together',
  source: include('softmax_loss', 'lib/row', 'lib/index'),
  launch: ({ rows }) => grid(rows),
};
const ALONE: KernelConfig<typeof ROWS> = {
  ...TOGETHER,
  name: 'alone',
  launch: ({ rows }) => elementwise(rows).map((launch) => ({ ...launch, entry: 'alone' })),
};

/**
 * For each row of logits, [rows, n], with target t: loss = -log softmax(logits)[t], weight 1, and the
 * logits give way to `share` times the gradient of that loss, softmax(logits) - (1 at t). Where t is `ignore`, or
 * outside the classes, all of that is 0.
 */
export const softmaxLoss = defineKernel({
  ...TOGETHER,
  name: 'softmax_loss',
  bindings: { targets: readIds, logits: update, loss: write, weight: write },
  params: ROWS,
  cpu({ targets, logits, loss, weight }, { rows, n, ignore, share }) {
    for (let r = 0; r < rows; r++) {
      const base = r * n;
      let top = -Infinity;
      for (let i = 0; i < n; i++) top = Math.max(top, logits[base + i]);
      let total = 0;
      for (let i = 0; i < n; i++) total += Math.exp(logits[base + i] - top);
      const label = targets[r];
      const counts = label !== ignore && label >= 0 && label < n;
      loss[r] = counts ? Math.log(total) - (logits[base + label] - top) : 0;
      weight[r] = counts ? 1 : 0;
      for (let i = 0; i < n; i++) {
        const probability = Math.exp(logits[base + i] - top) / total;
        logits[base + i] = counts ? share * (probability - (i === label ? 1 : 0)) : 0;
      }
    }
  },
  fastCpu({ targets, logits, loss, weight }, { rows, n, ignore, share }, simd) {
    const args = [targets, logits, loss, weight, rows, n, ignore];
    simd?.run('softmax_loss', 8 * rows * n, args, [share]);
    return simd !== undefined;
  },
  candidates: ({ rows, n }) => ({
    sizeClass: [rows, n].map((size) => Math.ceil(Math.log2(size))).join(),
    configs: n > MAX_CLASSES_A_THREAD ? [TOGETHER] : [TOGETHER, ALONE],
  }),
});
