import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkShapeIs } from './common';
import { copyElements, elementsOf } from './strided';

/** Copies the values of `source` over those of `target`, outside any graph. */
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
