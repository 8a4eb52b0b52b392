import { record } from '../autograd/graph';
import { ArgumentError, ShapeError } from '../errors';
import { crossEntropy as crossEntropyKernel, crossEntropyGradient } from '../kernels/cross_entropy';
import { scope } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, checkFloats, checkIds, checkShapeIs, emptyBeside, run } from './common';
import { permute, reshape } from './movement';
import { div } from './pointwise';
import { sum } from './reduce';

const REDUCTIONS = ['mean', 'sum', 'none'] as const;

export interface CrossEntropyOptions {
  /** Defaults to the mean over the targets that count. */
  reduction?: (typeof REDUCTIONS)[number];
  /** A target with this value counts nothing and gets no gradient. */
  ignoreIndex?: number;
}

/**
 * The cross-entropy, in nats, of class ids under softmax(logits): logits of [N, C] or
 * [N, C, d, ...], targets of [N] or [N, d, ...]; with reduction `none` the result has the shape of
 * the targets, else it is a scalar. The mean over no targets is NaN on the CPU, as in PyTorch.
 *
 * @throws ShapeError when the shapes do not belong together.
 * @throws IndexError with the position of a target outside the classes.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { reduction = 'mean', ignoreIndex = -100 }: CrossEntropyOptions = {},
): Tensor {
  if (!REDUCTIONS.includes(reduction)) {
    throw new ArgumentError(
      `crossEntropy: reduction = ${String(reduction)}; choose one of ${REDUCTIONS.join(', ')}`,
    );
  }
  checkFloats('crossEntropy', { logits });
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
  return scope(() => {
    const last = [0, ...logits.shape.slice(2).map((_, i) => i + 2), 1];
    const rows = reshape(rank === 2 ? logits : permute(logits, last), [targets.size, n]);

    const params = { rows: targets.size, n };
    const loss = emptyBeside(logits, targets.shape);
    const weight = emptyBeside(logits, targets.shape);
    const highest = emptyBeside(logits, targets.shape);
    const logtotal = emptyBeside(logits, targets.shape);
    const tensors = { logits: rows, targets, loss, weight, highest, logtotal };
    run(crossEntropyKernel, tensors, { ...params, ignore: ignoreIndex });
    const count = reduction === 'mean' ? sum(weight) : undefined;
    record({
      name: 'crossEntropy',
      inputs: [rows],
      outputs: [loss],
      saves: [rows, targets],
      extras: [weight, highest, logtotal],
      vjp([g]) {
        const dlogits = emptyBeside(rows);
        run(
          crossEntropyGradient,
          { logits: rows, targets, weight, highest, logtotal, g: g!, dlogits },
          params,
        );
        return [dlogits];
      },
    });
    if (reduction === 'none') return loss;
    return count ? div(sum(loss), count) : sum(loss);
  });
}
