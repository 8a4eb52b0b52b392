import { record, recording } from '../autograd/graph';
import { ArgumentError, ShapeError } from '../errors';
import { crossEntropy as crossEntropyKernel, crossEntropyGradient } from '../kernels/cross_entropy';
import { meanLoss } from '../kernels/mean_loss';
import { scaleBy } from '../kernels/scale_by';
import { softmaxLoss } from '../kernels/softmax_loss';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import {
  checkDevices,
  checkFloats,
  checkIds,
  checkShapeIs,
  emptyLike,
  run,
  zerosLike,
} from './common';
import { product } from './matmul';
import { permute } from './axes';
import { reshape, slice } from './movement';
import { mul, where } from './pointwise';
import { checkReduction, meanOver } from './pointwise_loss';
import type { Reduction } from './pointwise_loss';
import { sum } from './reduce';

/** What `crossEntropy` takes. */
export interface CrossEntropyOptions {
  /** Defaults to the mean over the targets that count: their losses over the sum of their classes' weights. */
  reduction?: Reduction;
  /** A target with this value counts nothing and gets no gradient. */
  ignoreIndex?: number;
  /**
   * What each class weighs, of [C] and of the logits' dtype; it gets no gradient. Defaults to 1 each. None may be below
   * 0, which is not checked.
   */
  weight?: Tensor;
  /**
   * From 0 to 1: this share of each target is spread over all classes alike (Szegedy et al., 2016). With `weight` the
   * share of each class has that class's weight, as in PyTorch. Defaults to 0.
   */
  labelSmoothing?: number;
}

const CROSS_ENTROPY_OPTIONS: OptionNames<CrossEntropyOptions> = {
  reduction: true,
  ignoreIndex: true,
  weight: true,
  labelSmoothing: true,
};

/** What `linearCrossEntropy` takes. */
export interface LinearCrossEntropyOptions extends Pick<
  CrossEntropyOptions,
  'weight' | 'labelSmoothing'
> {
  /** As of `crossEntropy`; null where every target counts: without class weights the gradient then takes a pass less. */
  ignoreIndex?: number | null;
}

const LINEAR_OPTIONS: OptionNames<LinearCrossEntropyOptions> = {
  weight: true,
  labelSmoothing: true,
  ignoreIndex: true,
};

/** Throws where class weights or a share for all classes are not what `n` classes take. */
function checkClasses(
  operation: string,
  name: string,
  n: number,
  { weight, labelSmoothing = 0 }: Pick<CrossEntropyOptions, 'weight' | 'labelSmoothing'>,
): void {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(
      `${operation}: labelSmoothing = ${describeValue(labelSmoothing)}; a number from 0 to 1 is needed`,
    );
  }
  if (!weight) return;
  checkShapeIs(operation, name, weight, [n]);
  if (weight.requiresGrad) {
    throw new ArgumentError(`${operation}: ${name} wants a gradient, and gets none; detach it`);
  }
}

/**
 * The cross-entropy, in nats, of class ids under softmax(logits): logits of [N, C] or
 * [N, C, d, ...], targets of [N] or [N, d, ...]; with reduction `none` the result has the shape of
 * the targets, else it is a scalar. The mean over no targets is 0, where PyTorch has NaN, and so is that over targets
 * whose classes all weigh 0.
 *
 * With `weight` w and `labelSmoothing` s the loss of a target t is
 * -(1 - s) w[t] log p[t] - s / C sum(w[c] log p[c]); the mean divides the sum of the losses by that of w[t].
 *
 * @throws ShapeError when the shapes do not belong together.
 * @throws IndexError with the position of a target outside the classes.
 * @throws ArgumentError for a `labelSmoothing` outside of 0 to 1, and for a `weight` that wants a gradient.
 * @example
 * ```ts
 * import { crossEntropy, openDevice, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const logits = tensor(device, [4, 0, 0, 0, 4, 0], [2, 3]);
 * const targets = tensor(device, [0, -1], [2], { dtype: 'i32' });
 * const loss = crossEntropy(logits, targets, { ignoreIndex: -1 });
 * console.log((await loss.item()).toFixed(2)); // 0.04
 * ```
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkOptions('crossEntropy', options, CROSS_ENTROPY_OPTIONS);
  const { reduction = 'mean', ignoreIndex = -100, weight, labelSmoothing = 0 } = options;
  checkReduction('crossEntropy', reduction);
  checkFloats('crossEntropy', weight ? { logits, weight } : { logits });
  checkDevices('crossEntropy', { logits, targets });
  const rank = logits.shape.length;
  if (rank < 2) {
    throw new ShapeError(
      `crossEntropy: logits have shape ${formatShape(logits.shape)}; [N, classes] is needed`,
    );
  }
  const n = logits.shape[1];
  checkShapeIs('crossEntropy', 'targets', targets, logits.shape.toSpliced(1, 1));
  checkIds('crossEntropy', 'targets', targets, n, ignoreIndex);
  checkClasses('crossEntropy', 'weight', n, options);
  return scope(() => {
    const last = [0, ...logits.shape.slice(2).map((_, i) => i + 2), 1];
    const rows = reshape(rank === 2 ? logits : permute(logits, last), [targets.size, n]);

    const params = {
      ...{ rows: targets.size, n, ignore: ignoreIndex },
      ...{ weighted: weight ? 1 : 0, smoothing: labelSmoothing },
    };
    const inputs = { logits: rows, targets, class_weights: weight ?? rows };
    const loss = emptyLike(logits, targets.shape);
    const counted = emptyLike(logits, targets.shape);
    const mass = emptyLike(logits, targets.shape);
    const highest = emptyLike(logits, targets.shape);
    const logtotal = emptyLike(logits, targets.shape);
    const outputs = { loss, weight: counted, mass, highest, logtotal };
    run(crossEntropyKernel, { ...inputs, ...outputs }, params);
    const count = reduction === 'mean' ? sum(counted) : undefined;
    record({
      name: 'crossEntropy',
      inputs: [rows],
      outputs: [loss],
      savedForBackward: weight ? [rows, targets, weight] : [rows, targets],
      intermediates: [mass, highest, logtotal],
      vjp([g]) {
        const dlogits = emptyLike(rows);
        run(crossEntropyGradient, { ...inputs, mass, highest, logtotal, g: g!, dlogits }, params);
        return [dlogits];
      },
    });
    if (reduction === 'none') return loss;
    const total = sum(loss);
    if (!count) return total;
    // What is smoothed may cost where the classes of all targets weigh 0.
    const costs = weight && labelSmoothing > 0;
    return meanOver(costs ? where(count, total, zerosLike(total)) : total, count);
  });
}

/**
 * The mean cross-entropy, in nats, of class ids under softmax(x W^T + b), as `crossEntropy` of
 * `linear` gives it, as one graph node: the logits give way to their gradient in place, so that the
 * classes cost one pass over [N, C] forward. x of [N, in], weight of [C, in], bias of [C], targets of
 * [N]; the result is a scalar, the mean. That over no targets is 0.
 *
 * @param weight of the product; what each class weighs is `options.weight`.
 * @throws ShapeError when the shapes do not belong together.
 * @throws IndexError with the position of a target outside the classes.
 * @throws ArgumentError for a `labelSmoothing` outside of 0 to 1, and for class weights that want a gradient.
 */
export function linearCrossEntropy(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  targets: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  const operation = 'linearCrossEntropy';
  checkOptions(operation, options, LINEAR_OPTIONS);
  const { ignoreIndex = -100, weight: classWeights, labelSmoothing = 0 } = options;
  const classes = classWeights && { 'options.weight': classWeights };
  checkFloats(operation, { x, weight, ...(bias && { bias }), ...classes });
  checkDevices(operation, { x, targets });
  const [n, inputs] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.length !== 2 || x.shape[1] !== inputs) {
    throw new ShapeError(
      `${operation}: x has shape ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}; ` +
        'x [N, in] and weight [classes, in] are needed',
    );
  }
  const [rows] = x.shape;
  if (bias) checkShapeIs(operation, 'bias', bias, [n]);
  checkShapeIs(operation, 'targets', targets, [rows]);
  checkIds(operation, 'targets', targets, n, ignoreIndex ?? undefined);
  checkClasses(operation, 'options.weight', n, options);
  const differentiable = bias ? [x, weight, bias] : [x, weight];
  // Where every target counts the same, its share of the mean is known before.
  const known = ignoreIndex === null && !classWeights && recording(differentiable);
  return scope(() => {
    const dlogits = product(x, weight, [], false, true, { bias });
    const loss = emptyLike(x, [rows]);
    const counted = emptyLike(x, [rows]);
    run(
      softmaxLoss,
      { targets, logits: dlogits, loss, weight: counted, class_weights: classWeights ?? weight },
      {
        ...{ rows, n, ignore: ignoreIndex ?? -1, share: known ? 1 / Math.max(rows, 1) : 1 },
        ...{ weighted: classWeights ? 1 : 0, smoothing: labelSmoothing },
      },
    );
    const mean = emptyLike(x, []);
    const share = emptyLike(x, []);
    run(meanLoss, { loss, weight: counted, mean, share }, { n: rows });
    const scaled = (retainGraph: boolean, scale: Tensor | undefined): Tensor => {
      const d = retainGraph ? slice(dlogits, 0) : dlogits;
      if (scale) run(scaleBy, { scale, x: d }, { n: d.size });
      return d;
    };
    const gradients = (d: Tensor) => [
      x.requiresGrad ? product(d, weight, [], false, false) : undefined,
      weight.requiresGrad ? product(d, x, [], true, false) : undefined,
      bias?.requiresGrad ? sum(d, { dim: 0 }) : undefined,
    ];
    record({
      name: operation,
      inputs: differentiable,
      outputs: [mean],
      savedForBackward: [x, weight],
      intermediates: [dlogits, share],
      vjp: ([g], retainGraph) => gradients(scaled(retainGraph, known ? g! : mul(g!, share))),
      vjpOfOne: (retainGraph) => gradients(scaled(retainGraph, known ? undefined : share)),
    });
    return mean;
  });
}
