import { record } from '../autograd/graph';
import { ArgumentError, ShapeError } from '../errors';
import {
  broadcastShapes,
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeDim,
  sameShape,
} from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { emptyLike } from './common';
import { move } from './strided';
import { sumTo } from './sum_to';

/**
 * The dimensions in another order: dimension i of the result is dimension dims[i] of x.
 *
 * @throws ArgumentError when `dims` is no permutation of the dimensions of x.
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkTensor('permute', 'x', x);
  const rank = x.shape.length;
  const order = dims.map((dim) => normalizeDim(dim, rank, 'dims'));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ArgumentError(
      `permute: dims = [${dims.join(', ')}] is no order of the dimensions of ${formatShape(x.shape)}`,
    );
  }
  const shape = order.map((d) => x.shape[d]);
  const own = contiguousStrides(x.shape);
  const y = emptyLike(x, shape);
  const strides = order.map((d) => own[d]);
  move(x, { strides }, y, { strides: contiguousStrides(shape) }, shape);
  record({
    name: 'permute',
    inputs: [x],
    outputs: [y],
    vjp: ([g]) => [
      permute(
        g!,
        order.map((_, i) => order.indexOf(i)),
      ),
    ],
  });
  return y;
}

/** x with two dimensions exchanged. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor('transpose', 'x', x);
  const order = x.shape.map((_, i) => i);
  const a = normalizeDim(dim0, order.length, 'dim0');
  const b = normalizeDim(dim1, order.length, 'dim1');
  [order[a], order[b]] = [order[b], order[a]];
  return permute(x, order);
}

/** x repeated along its dimensions of size 1, and new leading ones, to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor('expand', 'x', x);
  if (!sameShape(broadcastShapes('expand', x.shape, shape), shape)) {
    throw new ShapeError(
      `expand: shape ${formatShape(x.shape)} does not repeat to ${formatShape(shape)}`,
    );
  }
  const y = emptyLike(x, shape);
  const strides = broadcastStrides(x.shape, shape);
  move(x, { strides }, y, { strides: contiguousStrides(shape) }, shape);
  record({ name: 'expand', inputs: [x], outputs: [y], vjp: ([g]) => [sumTo(g!, x.shape)] });
  return y;
}
