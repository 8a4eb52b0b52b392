import { copy } from '../kernels/copy';
import { collapse, numel, words } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { run } from './common';

/** A strided view of a tensor, one side of a copy: in elements. */
export interface StridedView {
  offset?: number;
  strides: readonly number[];
}

/** Copies elements of `shape` from one tensor to another. */
export function move(
  source: Tensor,
  from: StridedView,
  target: Tensor,
  to: StridedView,
  shape: Shape,
): void {
  const common = collapse(shape, [from.strides, to.strides]);
  run(
    copy,
    { source, target_: target },
    {
      rank: common.shape.length,
      shape: words(common.shape, 1),
      stride_from: words(common.strides[0], 0),
      stride_to: words(common.strides[1], 0),
      n: numel(shape),
      offset_from: from.offset ?? 0,
      offset_to: to.offset ?? 0,
    },
  );
}
