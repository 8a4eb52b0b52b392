import { boundary } from './memory';

@unmanaged
class Product {
  a: usize;
  b: usize;
  c: usize;
  rows: usize;
  columns: usize;
  depth: usize;
  rowA: usize;
  columnA: usize;
  rowB: usize;
  rowC: usize;
}

/** Four rows and four columns of c. */
@inline
function square(s: Product, a: usize, b: usize, c: usize): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const row = s.rowA;
  for (let k = s.depth; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load64_splat(a);
    c00 = f64x2.add(c00, f64x2.mul(a0, b0));
    c01 = f64x2.add(c01, f64x2.mul(a0, b1));
    const a1 = v128.load64_splat(a + row);
    c10 = f64x2.add(c10, f64x2.mul(a1, b0));
    c11 = f64x2.add(c11, f64x2.mul(a1, b1));
    const a2 = v128.load64_splat(a + 2 * row);
    c20 = f64x2.add(c20, f64x2.mul(a2, b0));
    c21 = f64x2.add(c21, f64x2.mul(a2, b1));
    const a3 = v128.load64_splat(a + 3 * row);
    c30 = f64x2.add(c30, f64x2.mul(a3, b0));
    c31 = f64x2.add(c31, f64x2.mul(a3, b1));
    a += s.columnA;
    b += s.rowB;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += s.rowC;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += s.rowC;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += s.rowC;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** One row and four columns of c. */
@inline
function line(s: Product, a: usize, b: usize, c: usize): void {
  let c0 = f64x2.splat(0);
  let c1 = c0;
  for (let k = s.depth; k > 0; k--) {
    const a0 = v128.load64_splat(a);
    c0 = f64x2.add(c0, f64x2.mul(a0, v128.load(b)));
    c1 = f64x2.add(c1, f64x2.mul(a0, v128.load(b, 16)));
    a += s.columnA;
    b += s.rowB;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

/**
 * c = a b of doubles: a of [rows, depth] and b of [depth, columns], whose columns are a multiple of four.
 * Distances of rows, and of the columns of a, are in bytes.
 */
export function product_doubles(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Product>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  let row = boundary(s.rows, 4, part, parts);
  while (row < end) {
    const a = s.a + row * s.rowA;
    const c = s.c + row * s.rowC;
    const whole = end - row >= 4;
    for (let j: usize = 0; j < s.columns << 3; j += 32) {
      if (whole) square(s, a, s.b + j, c + j);
      else line(s, a, s.b + j, c + j);
    }
    row += whole ? 4 : 1;
  }
}
