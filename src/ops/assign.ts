import { copy } from '../kernels/copy';
import { words } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkShapeIs, run } from './common';

/** Copies the values of `source` over those of `target`, outside any graph. */
export function assign(target: Tensor, source: Tensor): void {
  checkFloats('assign', { target, source });
  checkShapeIs('assign', 'source', source, target.shape);
  if (source.shares(target)) return;
  run(
    copy,
    { source, target_: target },
    {
      rank: 1,
      shape: words([source.size], 1),
      stride_from: words([1], 0),
      stride_to: words([1], 0),
      n: source.size,
      offset_from: 0,
      offset_to: 0,
    },
  );
}
