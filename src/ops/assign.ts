import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkShapeIs } from './common';
import { copyElements, elementsOf } from './strided';

/**
 * Copies the values of `source` over those of `target`, on the device and outside any graph, as PyTorch's
 * `target.copy_(source)` does within `no_grad`. A step that is recorded or trained writes a tensor that stays by it, such as a
 * state that is carried on.
 *
 * @param source of the shape of `target`, and of its dtype.
 * @throws ShapeError when the shapes differ.
 * @example
 * ```ts
 * import { assign, openDevice, tensor, zeros } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const state = zeros(device, [2]);
 * assign(state, tensor(device, [3, 4]));
 * console.log(Array.from(await state.data()).join(' ')); // 3 4
 * ```
 */
export function assign(target: Tensor, source: Tensor): void {
  checkFloats('assign', { target, source });
  checkShapeIs('assign', 'source', source, target.shape);
  if (source.storage === target.storage) return;
  scope(() => {
    // A kernel does not read one part of a buffer and write another.
    const apart = source.shares(target) ? elementsOf(source, 0, source.shape) : source;
    copyElements(apart, 0, target, 0, target.size);
  });
}
