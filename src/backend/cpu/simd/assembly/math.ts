import { madd } from './tile';

// Functions of vectors: within 4e-7 of the value, NaN for NaN.

@inline
const LOG2E: f32 = 1.44269504;
/** ln 2 in two parts; multiples of the first are exact. */
@inline
const LN2_HIGH: f32 = 0.693359375;
@inline
const LN2_LOW: f32 = -2.12194440e-4;
/** 1.5 2^23: what is added to it is rounded, and stands in its lowest bits. */
@inline
const ROUNDER: f32 = 12582912;

/** A vector of one number. */
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** x between two numbers; NaN stays. In this order of arguments pmin and pmax are one instruction. */
@inline
function clamp(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, splat(low)), splat(high));
}

/** x / ln 2, rounded, in the lowest bits of each element. */
@inline
function exponent(x: v128): v128 {
  return madd(x, splat(LOG2E), splat(ROUNDER));
}

/** exp(r) - 1 for r = x - n ln 2, |r| <= ln 2 / 2: a fit with relative error 2e-8. */
@inline
function remainder(x: v128, exponent: v128): v128 {
  const n = f32x4.sub(exponent, splat(ROUNDER));
  const r = madd(n, splat(-LN2_LOW), madd(n, splat(-LN2_HIGH), x));
  let sum = madd(r, splat(1.3933688e-3), splat(8.3632055e-3));
  sum = madd(r, sum, splat(4.1666465e-2));
  sum = madd(r, sum, splat(1.6666577e-1));
  sum = madd(r, sum, splat(0.5));
  return madd(f32x4.mul(r, r), sum, r);
}

/** 2^n for whole n from -126 to 127, as bits. */
@inline
function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x, from 0 to infinity. */
@inline
export function exp(x: v128): v128 {
  x = clamp(x, -104, 89);
  const t = exponent(x);
  const n = i32x4.sub(t, i32x4.splat(reinterpret<i32>(ROUNDER)));
  // In two steps, since 2^n itself may be out of range.
  const half = i32x4.shr_s(n, 1);
  const value = f32x4.add(remainder(x, t), splat(1));
  return f32x4.mul(f32x4.mul(value, power(half)), power(i32x4.sub(n, half)));
}

/** 1 / (1 + e^-x). */
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp(f32x4.sub(splat(0), x))));
}

/** tanh(x) = (e^2x - 1) / (e^2x + 1), exactly 1 from about 9 on. */
@inline
export function tanh(x: v128): v128 {
  x = clamp(f32x4.add(x, x), -30, 30);
  const t = exponent(x);
  const scale = power(i32x4.sub(t, i32x4.splat(reinterpret<i32>(ROUNDER))));
  const less1 = madd(scale, remainder(x, t), f32x4.sub(scale, splat(1)));
  return f32x4.div(less1, f32x4.add(less1, splat(2)));
}

/** The natural logarithm of a number that is not below 0, nor subnormal. */
export function log(x: f32): f64 {
  if (x === 0) return -Infinity;
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u32>(x);
  // m from sqrt(1/2) to sqrt(2), x = m 2^n; ln m = 2 atanh((m - 1) / (m + 1)).
  const n = <i32>(bits - 0x3f3504f3) >> 23;
  const m = <f64>reinterpret<f32>(bits - (n << 23));
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let sum: f64 = 1.0 / 11;
  sum = sum * z + 1.0 / 9;
  sum = sum * z + 1.0 / 7;
  sum = sum * z + 1.0 / 5;
  sum = sum * z + 1.0 / 3;
  return <f64>n * 0.6931471805599453 + 2 * s * (sum * z + 1);
}
