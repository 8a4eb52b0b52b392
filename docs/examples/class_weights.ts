/** The losses of PyTorch's `weight`, `label_smoothing` and `pos_weight`. */
import { add, binaryCrossEntropyWithLogits, crossEntropy, logSoftmax } from 'lethe';
import { div, mean, mul, sum } from 'lethe';
import type { Tensor } from 'lethe';

/** Logits of [N, classes], targets of [N]; weights of [N]: for each example that of its class. */
export function weighted(logits: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const each = crossEntropy(logits, targets, { reduction: 'none' });
  return div(sum(mul(each, weights)), sum(weights));
}

/** A share of each target is spread over all classes alike. */
export function smoothed(logits: Tensor, targets: Tensor, share: number): Tensor {
  const spread = mul(mean(logSoftmax(logits, 1)), -share);
  return add(mul(crossEntropy(logits, targets), 1 - share), spread);
}

/** Targets of 0 and 1, of the logits' shape; a 1 counts `weight` times. */
export function positives(logits: Tensor, targets: Tensor, weight: number): Tensor {
  const mask = add(mul(targets, weight - 1), 1);
  return mean(binaryCrossEntropyWithLogits(logits, targets, { mask, reduction: 'none' }));
}
