import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { clipScale, INFINITY_BITS } from '../kernels/clip_scale';
import { clipValue } from '../kernels/clip_value';
import { scaleBy } from '../kernels/scale_by';
import { squareSum, squareSumSlots } from '../kernels/square_sum';
import { run } from '../ops/common';
import { scope } from '../tensor/scope';
import { empty } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { namedParameters, tensorsOf } from './parameters';
import type { ParameterOwner, Parameters } from './parameters';

function gradients(operation: string, parameters: ParameterOwner | Iterable<Tensor>): Tensor[] {
  return [...new Set(tensorsOf(operation, parameters))].flatMap(
    (parameter) => parameter.grad ?? [],
  );
}

function checkLimit(operation: string, name: string, limit: number): void {
  if (limit > 0) return;
  throw new ArgumentError(
    `${operation}: ${name} = ${describeValue(limit)}; a number above 0 is needed`,
  );
}

/** Sums of squares and counts of non-finite elements, in pairs; and the first pair of each tensor. */
function squareSums(tensors: readonly Tensor[]): { partial: Tensor; slots: number[] } {
  const [first] = tensors;
  let count = 0;
  const slots = tensors.map((x) => {
    const slot = count;
    count += squareSumSlots(x.size);
    return slot;
  });
  const partial = empty(first.device, [count, 2], first.dtype);
  tensors.forEach((x, i) => run(squareSum, { x, out: partial }, { n: x.size, slot: slots[i] }));
  return { partial, slots };
}

/**
 * Scales all gradients together so that their norm is at most `maxNorm`. Nothing is read back: the
 * norm stays on the device, and the scale with it. A norm that is not finite scales nothing, and
 * `optimizer.step` skips the step. `maxNorm` of `step` does the same in fewer dispatches.
 *
 * Source: Pascanu, Mikolov and Bengio (2013).
 *
 * @returns the norm before clipping, a scalar on the device; infinite where a gradient is NaN or
 *   infinite.
 * @throws ArgumentError unless maxNorm > 0 (Infinity measures without clipping), or when no
 *   parameter has a gradient.
 * @example
 * ```ts
 * import { backward, ones, openDevice, sum } from 'lethe';
 * import { Linear } from 'lethe/nn';
 * import { clipGradNorm } from 'lethe/optim';
 *
 * const device = await openDevice('cpu');
 * const model = new Linear(device, 3, 1);
 * backward(sum(model.forward(ones(device, [4, 3]))));
 * const norm = clipGradNorm(model, 1); // before optimizer.step()
 * console.log(await norm.item()); // 8
 * ```
 */
export function clipGradNorm(
  parameters: ParameterOwner | Iterable<Tensor>,
  maxNorm: number,
): Tensor {
  checkLimit('clipGradNorm', 'maxNorm', maxNorm);
  const grads = gradients('clipGradNorm', parameters);
  if (grads.length === 0) {
    throw new ArgumentError('clipGradNorm: no parameter has a gradient; call backward first');
  }
  return scope(() => {
    const { partial } = squareSums(grads);
    const norm = empty(partial.device, [], partial.dtype);
    const scale = empty(partial.device, [], partial.dtype);
    // The GPU computes with finite numbers only.
    const limit = Math.min(maxNorm, 3e38);
    run(
      clipScale,
      { partial, norm, scale },
      { count: partial.shape[0], limit, infinity: INFINITY_BITS },
    );
    if (maxNorm !== Infinity) for (const x of grads) run(scaleBy, { scale, x }, { n: x.size });
    return norm;
  });
}

/**
 * Holds every element of every gradient between -limit and limit.
 *
 * @throws ArgumentError unless limit > 0.
 */
export function clipGradValue(parameters: ParameterOwner | Iterable<Tensor>, limit: number): void {
  checkLimit('clipGradValue', 'limit', limit);
  for (const x of gradients('clipGradValue', parameters))
    run(clipValue, { x }, { n: x.size, limit });
}

/**
 * Names of the tensors that hold a NaN or an infinity, found by their bits on the device. This
 * reads a value back, so not in every step.
 */
export async function findNonFinite(parameters: Parameters): Promise<string[]> {
  const entries = namedParameters('findNonFinite', parameters);
  if (entries.length === 0) return [];
  const { partial, slots } = squareSums(entries.map(([, value]) => value));
  const sums = await partial.data();
  partial.dispose();
  return entries
    .map(([name]) => name)
    .filter((_, i) => {
      for (let slot = slots[i]; slot < (slots[i + 1] ?? partial.shape[0]); slot++) {
        if (sums[2 * slot + 1] > 0) return true;
      }
      return false;
    });
}
