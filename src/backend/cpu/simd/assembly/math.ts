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

/** scale x / ln 2, rounded, in the lowest bits of each element. */
@inline
function exponent(x: v128, scale: f32): v128 {
  return madd(x, splat(scale * LOG2E), splat(ROUNDER));
}

/** What is left of x by an exponent: scale times it is within ln 2 / 2. */
@inline
function remainder(x: v128, exponent: v128, scale: f32): v128 {
  const n = f32x4.sub(exponent, splat(ROUNDER));
  return madd(n, splat(-LN2_LOW / scale), madd(n, splat(-LN2_HIGH / scale), x));
}

/** (exp(scale r) - 1) / r for a remainder: a fit with relative error 2e-8. `scale` is a power of two. */
@inline
function slope(r: v128, scale: f32): v128 {
  const s2 = scale * scale;
  let sum = madd(r, splat(1.3933688e-3 * s2 * s2 * s2), splat(8.3632055e-3 * s2 * s2 * scale));
  sum = madd(r, sum, splat(4.1666465e-2 * s2 * s2));
  sum = madd(r, sum, splat(1.6666577e-1 * s2 * scale));
  sum = madd(r, sum, splat(0.5 * s2));
  return madd(r, sum, splat(scale));
}

/** 2^n for n in the lowest bits, from -126 to 127, and infinity for 128. */
@inline
function power(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), splat(1));
}

/** e^x, from 0 to infinity. */
@inline
export function exp(x: v128): v128 {
  x = clamp(x, -104, 89);
  const t = exponent(x, 1);
  const r = remainder(x, t, 1);
  const value = madd(r, slope(r, 1), splat(1));
  const n = i32x4.sub(t, i32x4.splat(reinterpret<i32>(ROUNDER)));
  // In two steps, since 2^n itself may be out of range.
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(value, power(half)), power(i32x4.sub(n, half)));
}

/** 1 / (1 + e^-x). */
@inline
export function sigmoid(x: v128): v128 {
  x = clamp(x, -89, 87);
  const t = exponent(x, -1);
  const r = remainder(x, t, -1);
  const value = madd(r, slope(r, -1), splat(1));
  return f32x4.div(splat(1), madd(value, power(t), splat(1)));
}

/** tanh(x) = (e^2x - 1) / (e^2x + 1), exactly 1 from about 9 on. */
@inline
export function tanh(x: v128): v128 {
  x = clamp(x, -15, 15);
  const t = exponent(x, 2);
  const r = remainder(x, t, 2);
  const scale = power(t);
  const less1 = madd(scale, f32x4.mul(r, slope(r, 2)), f32x4.sub(scale, splat(1)));
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

/** The natural logarithm, of each element: -infinity of 0, NaN below. */
@inline
export function logs(x: v128): v128 {
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const bits = v128.bitselect(f32x4.mul(x, splat(8388608)), x, tiny);
  // m from sqrt(1/2) to sqrt(2), x = m 2^n; ln m = 2 atanh((m - 1) / (m + 1)).
  const n = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(bits, i32x4.shl(n, 23));
  const s = f32x4.div(f32x4.sub(m, splat(1)), f32x4.add(m, splat(1)));
  const z = f32x4.mul(s, s);
  let sum = madd(z, splat(1.0 / 9), splat(1.0 / 7));
  sum = madd(z, sum, splat(1.0 / 5));
  sum = madd(z, sum, splat(1.0 / 3));
  const power = f32x4.sub(f32x4.convert_i32x4_s(n), v128.and(tiny, splat(23)));
  const s2 = f32x4.add(s, s);
  const low = madd(power, splat(LN2_LOW), f32x4.mul(f32x4.mul(s2, z), sum));
  const value = madd(power, splat(LN2_HIGH), f32x4.add(s2, low));
  // 0 and infinity; NaN for NaN and below 0.
  const ends = v128.bitselect(f32x4.div(splat(-1), f32x4.abs(x)), x, f32x4.eq(x, splat(0)));
  const plain = v128.and(f32x4.gt(x, splat(0)), f32x4.lt(x, splat(Infinity)));
  return v128.bitselect(value, v128.bitselect(f32x4.sqrt(x), ends, f32x4.lt(x, splat(0))), plain);
}
