import { copy, copyOf } from '../kernels/copy';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkShapeIs, run } from './common';

/** Copies the values of `source` over those of `target`, outside any graph. */
export function assign(target: Tensor, source: Tensor): void {
  checkFloats('assign', { target, source });
  checkShapeIs('assign', 'source', source, target.shape);
  if (source.shares(target)) return;
  run(copy, { source, target_: target }, copyOf(source.size));
}
