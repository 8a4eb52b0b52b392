import { noGrad } from '../autograd/graph';
import { ShapeError } from '../errors';
import { scope } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { transpose } from './axes';
import { checkDevices, checkFloats, checkShapeIs, fullLike } from './common';
import { gather, oneHot } from './indexing';
import { checkLengthsTensor } from './lengths';
import { reshape, slice } from './movement';
import { gt, mul, where } from './pointwise';
import { meanOver } from './pointwise_loss';
import { argmax, sum } from './reduce';

/** Below all that a layer gives; infinity is not reliable on a GPU. */
const LOWEST = -3e38;

function checkSequences(operation: string, x: Tensor): void {
  if (x.shape.length === 3) return;
  throw new ShapeError(
    `${operation}: x has shape ${formatShape(x.shape)}; [time, batch, width] is needed`,
  );
}

/** The mask as [time, batch, 1]. */
function checkMask(operation: string, x: Tensor, mask: Tensor): Tensor {
  checkFloats(operation, { x, mask });
  checkSequences(operation, x);
  checkShapeIs(operation, 'mask', mask, x.shape.slice(0, 2));
  return reshape(mask, [...mask.shape, 1]);
}

/**
 * The mean over time of the steps that count: x of [time, batch, width], a mask of [time, batch],
 * 1 and 0 or weights, of the dtype of x; the result is [batch, width]. A sequence without steps
 * gives 0.
 *
 * @throws ShapeError when the shapes do not belong together.
 *
 * @example
 * ```ts
 * import { maskedMean, openDevice, sequenceMask, tensor } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const x = tensor(device, [1, 10, 3, 30], [2, 2, 1]); // [time, batch, width]
 * const lengths = tensor(device, [2, 1], [2], { dtype: 'i32' });
 * const mask = sequenceMask(lengths, 2); // the second sequence has one step
 * console.log(...(await maskedMean(x, mask).data())); // 2 10
 * ```
 */
export function maskedMean(x: Tensor, mask: Tensor): Tensor {
  return scope(() => {
    const counts = checkMask('maskedMean', x, mask);
    const among = where(counts, x, fullLike(x, [], 0));
    return meanOver(sum(mul(among, counts), { dim: 0 }), sum(counts, { dim: 0 }));
  });
}

/**
 * The largest over time of the steps that count, where the mask is not 0; shapes are those of
 * `maskedMean`. The gradient goes to the first of equals. A sequence without steps gives 0, and takes
 * no gradient.
 *
 * @throws ShapeError when the shapes do not belong together, or there is no step at all.
 */
export function maskedMax(x: Tensor, mask: Tensor): Tensor {
  return scope(() => {
    const counts = checkMask('maskedMax', x, mask);
    const [first, any] = noGrad(() => {
      const among = where(counts, x, fullLike(x, [], LOWEST));
      const at = reshape(argmax(among, 0), [1, ...x.shape.slice(1)]);
      return [at, gt(sum(counts, { dim: 0 }), 0)] as const;
    });
    const found = reshape(gather(x, 0, first), x.shape.slice(1));
    return where(any, found, fullLike(x, [], 0));
  });
}

/**
 * The last step of each sequence: x of [time, batch, width], lengths (i32) of [batch]; the result is
 * [batch, width]. A sequence of length 0 gives 0.
 *
 * @throws ShapeError when the shapes do not belong together.
 * @throws IndexError for a length outside [0, time].
 */
export function lastStep(x: Tensor, lengths: Tensor): Tensor {
  checkFloats('lastStep', { x });
  checkDevices('lastStep', { x, lengths });
  checkSequences('lastStep', x);
  const [time, batch] = x.shape;
  checkLengthsTensor('lastStep', lengths, time, batch);
  return scope(() => {
    // A column for each length; that of 0 picks no step.
    const picks = slice(oneHot(lengths, time + 1, x.dtype), 1, { start: 1 });
    const last = reshape(transpose(picks, 0, 1), [time, batch, 1]);
    return sum(where(last, x, fullLike(x, [], 0)), { dim: 0 });
  });
}
