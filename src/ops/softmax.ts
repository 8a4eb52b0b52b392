import { record } from '../autograd/graph';
import { softmax as softmaxKernel, softmaxGradient } from '../kernels/softmax';
import { scope } from '../tensor/scope';
import { normalizeDim } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, emptyLike, run } from './common';
import { transpose } from './axes';

function overRows(name: string, x: Tensor, dim: number, logarithm: 0 | 1): Tensor {
  checkFloats(name, { x });
  const axis = normalizeDim(dim, x.shape.length);
  const last = x.shape.length - 1;
  if (axis !== last) {
    return scope(() =>
      transpose(overRows(name, transpose(x, axis, last), last, logarithm), axis, last),
    );
  }
  const n = x.shape[last];
  const params = { logarithm, rows: n === 0 ? 0 : x.size / n, n };
  const y = emptyLike(x);
  run(softmaxKernel, { x, y }, params);
  record({
    name,
    inputs: [x],
    outputs: [y],
    savedForBackward: [y],
    vjp([g]) {
      const dx = emptyLike(x);
      run(softmaxGradient, { y, g: g!, dx }, params);
      return [dx];
    },
  });
  return y;
}

/** exp(x) over its sum along `dim`; of the shape of x. */
export const softmax = (x: Tensor, dim: number): Tensor => overRows('softmax', x, dim, 0);

/** The logarithm of `softmax`, without the detour: exact where softmax would underflow. */
export const logSoftmax = (x: Tensor, dim: number): Tensor => overRows('logSoftmax', x, dim, 1);
