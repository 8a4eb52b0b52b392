// The kernel of every matrix product: tiles of c that stay in registers.

/** Rows and columns of a tile: 8 vectors of 4, the most that 16 registers leave room for. */
export const ROWS: usize = 4;
export const COLUMNS: usize = 8;

/** a b + c; rounded once where the engine has relaxed SIMD, else twice. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}

/** The sum of a vector's elements. */
@inline
export function total(x: v128): f32 {
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 1, 0, 3, 2));
  return f32x4.extract_lane(x, 0);
}

@inline
function put(at: usize, sum: v128, bias: usize, accumulate: bool): void {
  if (bias) sum = f32x4.add(sum, v128.load(bias));
  if (accumulate) sum = f32x4.add(v128.load(at), sum);
  v128.store(at, sum);
}

/**
 * c[4, 8] = a b (+ bias) (+ c): `a` a panel of [k, 4], `b` of [k, 8]; rows of c are `stride` bytes
 * apart. Two steps in a turn, with a way out between them: the engine then leaves its loads where
 * they are, and the sums in registers.
 */
function square(
  a: usize,
  b: usize,
  k: usize,
  c: usize,
  stride: usize,
  bias: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  while (k) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    if (!--k) break;
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 16);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 20);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 24);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 28);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += (2 * ROWS) << 2;
    b += (2 * COLUMNS) << 2;
    k--;
  }
  const bias1: usize = bias ? bias + 16 : 0;
  put(c, c00, bias, accumulate);
  put(c + 16, c01, bias1, accumulate);
  c += stride;
  put(c, c10, bias, accumulate);
  put(c + 16, c11, bias1, accumulate);
  c += stride;
  put(c, c20, bias, accumulate);
  put(c + 16, c21, bias1, accumulate);
  c += stride;
  put(c, c30, bias, accumulate);
  put(c + 16, c31, bias1, accumulate);
}

/** As `square` for 1 to 3 rows; `rows` is a constant at each call. */
@inline
function narrow(
  rows: i32,
  a: usize,
  b: usize,
  k: usize,
  c: usize,
  stride: usize,
  bias: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  while (k) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
    }
    if (!--k) break;
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 16);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.load32_splat(a, 20);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.load32_splat(a, 24);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
    }
    a += (2 * ROWS) << 2;
    b += (2 * COLUMNS) << 2;
    k--;
  }
  const bias1: usize = bias ? bias + 16 : 0;
  put(c, c00, bias, accumulate);
  put(c + 16, c01, bias1, accumulate);
  if (rows > 1) {
    c += stride;
    put(c, c10, bias, accumulate);
    put(c + 16, c11, bias1, accumulate);
  }
  if (rows > 2) {
    c += stride;
    put(c, c20, bias, accumulate);
    put(c + 16, c21, bias1, accumulate);
  }
}

/** A tile of up to 4 rows: as `square`. */
export function tile(
  rows: usize,
  a: usize,
  b: usize,
  k: usize,
  c: usize,
  stride: usize,
  bias: usize,
  accumulate: bool,
): void {
  if (rows === 4) square(a, b, k, c, stride, bias, accumulate);
  else if (rows === 3) narrow(3, a, b, k, c, stride, bias, accumulate);
  else if (rows === 2) narrow(2, a, b, k, c, stride, bias, accumulate);
  else narrow(1, a, b, k, c, stride, bias, accumulate);
}

/** As `tile` for one row, with four panels of b, `panel` bytes apart: c[1, 32]. */
export function wideRow(
  a: usize,
  b: usize,
  panel: usize,
  k: usize,
  c: usize,
  bias: usize,
  accumulate: bool,
): void {
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let c2 = f32x4.splat(0);
  let c3 = f32x4.splat(0);
  let c4 = f32x4.splat(0);
  let c5 = f32x4.splat(0);
  let c6 = f32x4.splat(0);
  let c7 = f32x4.splat(0);
  let q1 = b + panel;
  let q2 = q1 + panel;
  let q3 = q2 + panel;
  // Half a step before the way out: eight sums leave no room for more loads at once.
  for (let halves = k << 1; halves; halves--) {
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(b), c0);
    c1 = madd(x, v128.load(b, 16), c1);
    c2 = madd(x, v128.load(q1), c2);
    c3 = madd(x, v128.load(q1, 16), c3);
    if (!--halves) break;
    c4 = madd(x, v128.load(q2), c4);
    c5 = madd(x, v128.load(q2, 16), c5);
    c6 = madd(x, v128.load(q3), c6);
    c7 = madd(x, v128.load(q3, 16), c7);
    a += ROWS << 2;
    b += COLUMNS << 2;
    q1 += COLUMNS << 2;
    q2 += COLUMNS << 2;
    q3 += COLUMNS << 2;
  }
  put(c, c0, bias, accumulate);
  put(c + 16, c1, bias ? bias + 16 : 0, accumulate);
  put(c + 32, c2, bias ? bias + 32 : 0, accumulate);
  put(c + 48, c3, bias ? bias + 48 : 0, accumulate);
  put(c + 64, c4, bias ? bias + 64 : 0, accumulate);
  put(c + 80, c5, bias ? bias + 80 : 0, accumulate);
  put(c + 96, c6, bias ? bias + 96 : 0, accumulate);
  put(c + 112, c7, bias ? bias + 112 : 0, accumulate);
}

/** As `tile` for two rows, with two panels of b, `panel` bytes apart: c[2, 16]. */
export function wideRows(
  a: usize,
  b: usize,
  panel: usize,
  k: usize,
  c: usize,
  stride: usize,
  bias: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c02 = f32x4.splat(0);
  let c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c12 = f32x4.splat(0);
  let c13 = f32x4.splat(0);
  let q = b + panel;
  while (k) {
    let x = v128.load32_splat(a);
    let y = v128.load32_splat(a, 4);
    let z = v128.load(b);
    c00 = madd(x, z, c00);
    c10 = madd(y, z, c10);
    z = v128.load(b, 16);
    c01 = madd(x, z, c01);
    c11 = madd(y, z, c11);
    z = v128.load(q);
    c02 = madd(x, z, c02);
    c12 = madd(y, z, c12);
    z = v128.load(q, 16);
    c03 = madd(x, z, c03);
    c13 = madd(y, z, c13);
    if (!--k) break;
    x = v128.load32_splat(a, ROWS << 2);
    y = v128.load32_splat(a, (ROWS + 1) << 2);
    z = v128.load(b, 32);
    c00 = madd(x, z, c00);
    c10 = madd(y, z, c10);
    z = v128.load(b, 48);
    c01 = madd(x, z, c01);
    c11 = madd(y, z, c11);
    z = v128.load(q, 32);
    c02 = madd(x, z, c02);
    c12 = madd(y, z, c12);
    z = v128.load(q, 48);
    c03 = madd(x, z, c03);
    c13 = madd(y, z, c13);
    a += (2 * ROWS) << 2;
    b += (2 * COLUMNS) << 2;
    q += (2 * COLUMNS) << 2;
    k--;
  }
  put(c, c00, bias, accumulate);
  put(c + 16, c01, bias ? bias + 16 : 0, accumulate);
  put(c + 32, c02, bias ? bias + 32 : 0, accumulate);
  put(c + 48, c03, bias ? bias + 48 : 0, accumulate);
  c += stride;
  put(c, c10, bias, accumulate);
  put(c + 16, c11, bias ? bias + 16 : 0, accumulate);
  put(c + 32, c12, bias ? bias + 32 : 0, accumulate);
  put(c + 48, c13, bias ? bias + 48 : 0, accumulate);
}
