import { record } from '../autograd/graph';
import { where as whereKernel } from '../kernels/where';
import { ArgumentError } from '../errors';
import { checkOptions } from '../options';
import { scope } from '../tensor/scope';
import { broadcastShapes, broadcastStrides, collapse, words } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { applyBinary, applyUnary } from './apply';
import { checkFloats, emptyLike, fullLike, run } from './common';
import { sumTo } from './sum_to';

/** -x, of the shape of x. */
export const neg = (x: Tensor): Tensor => applyUnary('neg', x);
/** |x|; the gradient at 0 is 0. */
export const abs = (x: Tensor): Tensor => applyUnary('abs', x);
/** e^x. */
export const exp = (x: Tensor): Tensor => applyUnary('exp', x);
/** The natural logarithm. At 0, -Infinity on the CPU; on a GPU the adapter's floor, about -88. */
export const log = (x: Tensor): Tensor => applyUnary('log', x);
/** The square root. */
export const sqrt = (x: Tensor): Tensor => applyUnary('sqrt', x);
/** x^2. */
export const square = (x: Tensor): Tensor => applyUnary('square', x);
/** 1 / x. */
export const reciprocal = (x: Tensor): Tensor => applyUnary('reciprocal', x);
/** Saturates at any finite x, on every device. */
export const tanh = (x: Tensor): Tensor => applyUnary('tanh', x);
/** 1 / (1 + e^-x); saturates at any finite x, on every device. */
export const sigmoid = (x: Tensor): Tensor => applyUnary('sigmoid', x);
/** max(x, 0); the gradient at 0 is 0. */
export const relu = (x: Tensor): Tensor => applyUnary('relu', x);
/** Of x in radians. */
export const sin = (x: Tensor): Tensor => applyUnary('sin', x);
/** Of x in radians. */
export const cos = (x: Tensor): Tensor => applyUnary('cos', x);
/** log(1 + e^x), without overflow. */
export const softplus = (x: Tensor): Tensor => applyUnary('softplus', x);

/** a + b, broadcast by NumPy's rule; `b` may be a number, here and below. */
export const add = (a: Tensor, b: Tensor | number): Tensor => applyBinary('add', a, b);
/** a - b. */
export const sub = (a: Tensor, b: Tensor | number): Tensor => applyBinary('sub', a, b);
/** a b, element by element. */
export const mul = (a: Tensor, b: Tensor | number): Tensor => applyBinary('mul', a, b);
/** a / b. */
export const div = (a: Tensor, b: Tensor | number): Tensor => applyBinary('div', a, b);
/** The larger; equal ones share the gradient. */
export const maximum = (a: Tensor, b: Tensor | number): Tensor => applyBinary('maximum', a, b);
/** The smaller; equal ones share the gradient. */
export const minimum = (a: Tensor, b: Tensor | number): Tensor => applyBinary('minimum', a, b);
/** a^b. A negative `a` needs an integer `b`: else NaN on the CPU, |a|^b on a GPU. */
export const pow = (a: Tensor, b: Tensor | number): Tensor => applyBinary('pow', a, b);
/** 1 where a > b, else 0, in the operands' dtype; no gradient. */
export const gt = (a: Tensor, b: Tensor | number): Tensor => applyBinary('gt', a, b);
/** 1 where a >= b, else 0, as `gt`. */
export const ge = (a: Tensor, b: Tensor | number): Tensor => applyBinary('ge', a, b);
/** 1 where a < b, else 0, as `gt`. */
export const lt = (a: Tensor, b: Tensor | number): Tensor => applyBinary('lt', a, b);
/** 1 where a <= b, else 0, as `gt`. */
export const le = (a: Tensor, b: Tensor | number): Tensor => applyBinary('le', a, b);
/** 1 where a = b, else 0, as `gt`. */
export const eq = (a: Tensor, b: Tensor | number): Tensor => applyBinary('eq', a, b);
/** 1 where a and b differ, else 0, as `gt`. */
export const ne = (a: Tensor, b: Tensor | number): Tensor => applyBinary('ne', a, b);

/**
 * a where `condition` is not 0, else b; all three broadcast. `condition` has the operands' dtype,
 * as comparisons give it, and no gradient.
 */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  checkFloats('where', { condition, a, b });
  const shape = broadcastShapes('where', condition.shape, a.shape, b.shape);
  const choose = (left: Tensor, right: Tensor): Tensor => {
    const common = collapse(
      shape,
      [condition, left, right].map((value) => broadcastStrides(value.shape, shape)),
    );
    const out = emptyLike(a, shape);
    run(
      whereKernel,
      { condition, a: left, b: right, out },
      {
        rank: common.shape.length,
        shape: words(common.shape, 1),
        stride_condition: words(common.strides[0], 0),
        stride_a: words(common.strides[1], 0),
        stride_b: words(common.strides[2], 0),
        n: out.size,
      },
    );
    return out;
  };
  const out = choose(a, b);
  record({
    name: 'where',
    inputs: [a, b],
    outputs: [out],
    savedForBackward: [condition],
    vjp([g]) {
      const nothing = fullLike(g!, [], 0);
      return [sumTo(choose(g!, nothing), a.shape), sumTo(choose(nothing, g!), b.shape)];
    },
  });
  return out;
}

/**
 * x held between `min` and `max`; the gradient passes where x lies within, bounds included.
 *
 * @param bounds.min the least value; none when left out.
 * @param bounds.max the greatest value; none when left out.
 * @throws ArgumentError when neither bound is given, or min > max.
 */
export function clamp(x: Tensor, bounds: { min?: number; max?: number }): Tensor {
  checkOptions('clamp', bounds, { min: true, max: true });
  const { min, max } = bounds;
  if (min === undefined && max === undefined) {
    throw new ArgumentError('clamp: give min, max, or both');
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw new ArgumentError(`clamp: min = ${min} is above max = ${max}`);
  }
  return scope(() => {
    let y = x;
    if (min !== undefined) y = where(ge(y, min), y, fullLike(x, [], min));
    if (max !== undefined) y = where(le(y, max), y, fullLike(x, [], max));
    return y;
  });
}
