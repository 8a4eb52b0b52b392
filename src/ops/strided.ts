import { copy } from '../kernels/copy';
import { collapse, numel, words } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';

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

/** Copies `count` elements in a row, from an offset in one tensor to an offset in another. */
export function copyElements(
  source: Tensor,
  from: number,
  target: Tensor,
  to: number,
  count: number,
): void {
  const view = (offset: number): StridedView => ({ offset, strides: [1] });
  move(source, view(from), target, view(to), [count]);
}

/** A copy of the elements in a row from `offset` on, under `shape`. */
export function elementsOf(source: Tensor, offset: number, shape: Shape): Tensor {
  const out = emptyLike(source, shape);
  copyElements(source, offset, out, 0, out.size);
  return out;
}
