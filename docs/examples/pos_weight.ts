/** The loss of PyTorch's `pos_weight`. */
import { add, binaryCrossEntropyWithLogits, mean, mul } from 'lethe';
import type { Tensor } from 'lethe';

/** Targets of 0 and 1, of the logits' shape; a 1 counts `weight` times. */
export function positives(logits: Tensor, targets: Tensor, weight: number): Tensor {
  const mask = add(mul(targets, weight - 1), 1);
  return mean(binaryCrossEntropyWithLogits(logits, targets, { mask, reduction: 'none' }));
}
