import { ArgumentError, ShapeError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import { broadcastShapes, formatShape, sameShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { applyBinary } from './apply';
import { checkFloats, checkShapeIs, fullLike } from './common';
import { abs, div, maximum, mul, square, sub, where } from './pointwise';
import { mean, sum } from './reduce';

export const REDUCTIONS = ['mean', 'sum', 'none'] as const;
/** How the losses of many elements, rows or sequences become one. */
export type Reduction = (typeof REDUCTIONS)[number];

/** What `mseLoss`, `l1Loss` and `binaryCrossEntropyWithLogits` take. */
export interface LossOptions {
  /** Defaults to the mean over the elements that count. */
  reduction?: Reduction;
  /**
   * How much each element counts: 1 and 0, or weights; of the input's dtype and of its shape, or of
   * one that broadcasts to it. Where it is 0 anything may stand, NaN too. The mean is then over the sum
   * of the mask. A mask of zeros gives 0.
   */
  mask?: Tensor;
}

const LOSS_OPTIONS: OptionNames<LossOptions> = { reduction: true, mask: true };

/** Throws ArgumentError unless it is mean, sum or none. */
export function checkReduction(operation: string, reduction: Reduction): void {
  if (REDUCTIONS.includes(reduction)) return;
  throw new ArgumentError(
    `${operation}: reduction = ${String(reduction)}; choose one of ${REDUCTIONS.join(', ')}`,
  );
}

/** Below every sum of weights but that of none. */
const NOTHING = 1e-30;

/** total / count; 0 where nothing counts, and the total is 0 with that. */
export function meanOver(total: Tensor, count: Tensor): Tensor {
  return div(total, maximum(count, NOTHING));
}

function elementLoss(
  operation: string,
  input: Tensor,
  target: Tensor,
  options: LossOptions,
  lossOf: (input: Tensor, target: Tensor) => Tensor,
): Tensor {
  checkOptions(operation, options, LOSS_OPTIONS);
  const { reduction = 'mean', mask } = options;
  checkReduction(operation, reduction);
  checkFloats(operation, mask ? { input, target, mask } : { input, target });
  checkShapeIs(operation, 'target', target, input.shape);
  if (mask && !sameShape(broadcastShapes(operation, input.shape, mask.shape), input.shape)) {
    throw new ShapeError(
      `${operation}: mask has shape ${formatShape(mask.shape)}; one that broadcasts to ` +
        `${formatShape(input.shape)}, the input's, is needed`,
    );
  }
  return scope(() => {
    // A NaN times 0 were NaN, in the gradient too: what is left out is put away before it is used.
    const counted = (x: Tensor): Tensor => (mask ? where(mask, x, fullLike(x, [], 0)) : x);
    const each = lossOf(counted(input), counted(target));
    const loss = mask ? mul(each, mask) : each;
    if (reduction === 'none') return loss;
    if (reduction === 'sum') return sum(loss);
    if (!mask) return mean(loss);
    const repeats = input.size / Math.max(mask.size, 1);
    return meanOver(sum(loss), mul(sum(mask), repeats));
  });
}

/**
 * The squared error, (input - target)^2: both of one shape. With reduction `none` the result has
 * that shape, else it is a scalar.
 *
 * @throws ShapeError when the shapes differ, or the mask does not broadcast to them.
 *
 * @example
 * ```ts
 * import { mseLoss, openDevice, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const forecasts = tensor(device, [1, 2, 3, 9], [2, 2]); // [time, batch]
 * const targets = tensor(device, [1, 4, 3, 0], [2, 2]);
 * const mask = tensor(device, [1, 1, 1, 0], [2, 2]); // the second sequence has one step
 * console.log(await mseLoss(forecasts, targets, { mask }).item()); // 1.3333333730697632
 * ```
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return elementLoss('mseLoss', input, target, options, (a, b) => square(sub(a, b)));
}

/** The absolute error, |input - target|, else as `mseLoss`; the gradient where it is 0 is 0. */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return elementLoss('l1Loss', input, target, options, (a, b) => abs(sub(a, b)));
}

/**
 * The cross-entropy, in nats, of targets from 0 to 1 under p = sigmoid(input):
 * -target log(p) - (1 - target) log(1 - p), computed from the logits, so that none is too large.
 * Shapes and options are those of `mseLoss`.
 *
 * @throws ShapeError when the shapes differ, or the mask does not broadcast to them.
 *
 * @example
 * ```ts
 * import { binaryCrossEntropyWithLogits, openDevice, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const logits = tensor(device, [0, 0, 0, 0], [2, 2]); // [examples, labels]
 * const labels = tensor(device, [1, 0, 0, 1], [2, 2]);
 * const loss = await binaryCrossEntropyWithLogits(logits, labels).item();
 * console.log(loss.toFixed(4)); // 0.6931
 * ```
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  const operation = 'binaryCrossEntropyWithLogits';
  return elementLoss(operation, input, target, options, (a, b) => applyBinary(operation, a, b));
}
