import { record } from '../autograd/graph';
import { BINARY, binary, binaryGradient } from '../kernels/binary';
import { UNARY, unary, unaryGradient } from '../kernels/unary';
import { broadcastShapes, broadcastStrides, collapse, words } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, emptyLike, run } from './common';
import { sumTo } from './sum_to';

/** A pointwise function of one argument, by its row in src/kernels/unary.ts. */
export function applyUnary(name: keyof typeof UNARY, x: Tensor): Tensor {
  checkFloats(name, { x });
  const op = UNARY[name].code;
  const n = x.size;
  const y = emptyLike(x);
  run(unary, { x, y }, { op, n });
  record({
    name,
    inputs: [x],
    outputs: [y],
    savedForBackward: [x, y],
    vjp([g]) {
      const dx = emptyLike(x);
      run(unaryGradient, { x, y, g: g!, dx }, { op, n });
      return [dx];
    },
  });
  return y;
}

/** A pointwise function of two, broadcast by NumPy's rule, by its row in src/kernels/binary.ts. */
export function applyBinary(name: keyof typeof BINARY, a: Tensor, b: Tensor | number): Tensor {
  const op = BINARY[name].code;
  const other = typeof b === 'number' ? a : b;
  checkFloats(name, { a, b: other });
  const shape = broadcastShapes(name, a.shape, other.shape);
  const common = collapse(shape, [
    broadcastStrides(a.shape, shape),
    broadcastStrides(other.shape, shape),
  ]);
  const out = emptyLike(a, shape);
  const params = {
    op,
    use_scalar: typeof b === 'number' ? 1 : 0,
    rank: common.shape.length,
    shape: words(common.shape, 1),
    stride_a: words(common.strides[0], 0),
    stride_b: words(common.strides[1], 0),
    n: out.size,
    scalar: typeof b === 'number' ? b : 0,
  };
  run(binary, { a, b: other, out }, params);
  if (op >= BINARY.gt.code) return out; // comparisons have no gradient

  const gradient = (g: Tensor, second: 0 | 1): Tensor => {
    const partial = emptyLike(a, shape);
    run(binaryGradient, { a, b: other, g, out: partial }, { ...params, second });
    return sumTo(partial, second ? other.shape : a.shape);
  };
  record({
    name,
    inputs: typeof b === 'number' ? [a] : [a, b],
    outputs: [out],
    savedForBackward: [a, other],
    vjp: ([g]) => [
      a.requiresGrad ? gradient(g!, 0) : undefined,
      typeof b !== 'number' && b.requiresGrad ? gradient(g!, 1) : undefined,
    ],
  });
  return out;
}
