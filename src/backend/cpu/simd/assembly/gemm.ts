// AssemblyScript. `npm run build:simd` compiles it into ../gemm_wasm.ts.

/** Rows and columns of the tile that stays in registers: 8 vectors of 4, the most that fit. */
const ROWS: usize = 4;
const COLUMNS: usize = 8;

/**
 * c[m, n] = a b, all dense f32 in panels: `a` as m / 4 panels of [k, 4], `b` as n / 8 panels of
 * [k, 8], `c` row-major. m is a multiple of 4, n of 8; the caller pads with zeros.
 */
export function gemm(a: usize, b: usize, c: usize, m: usize, n: usize, k: usize): void {
  for (let column: usize = 0; column < n; column += COLUMNS) {
    const panelB = b + ((column * k) << 2);
    for (let row: usize = 0; row < m; row += ROWS) {
      let p = a + ((row * k) << 2);
      let q = panelB;
      let c00 = f32x4.splat(0);
      let c01 = f32x4.splat(0);
      let c10 = f32x4.splat(0);
      let c11 = f32x4.splat(0);
      let c20 = f32x4.splat(0);
      let c21 = f32x4.splat(0);
      let c30 = f32x4.splat(0);
      let c31 = f32x4.splat(0);
      for (let i: usize = 0; i < k; i++) {
        const b0 = v128.load(q);
        const b1 = v128.load(q, 16);
        let x = v128.load32_splat(p);
        c00 = f32x4.add(c00, f32x4.mul(x, b0));
        c01 = f32x4.add(c01, f32x4.mul(x, b1));
        x = v128.load32_splat(p, 4);
        c10 = f32x4.add(c10, f32x4.mul(x, b0));
        c11 = f32x4.add(c11, f32x4.mul(x, b1));
        x = v128.load32_splat(p, 8);
        c20 = f32x4.add(c20, f32x4.mul(x, b0));
        c21 = f32x4.add(c21, f32x4.mul(x, b1));
        x = v128.load32_splat(p, 12);
        c30 = f32x4.add(c30, f32x4.mul(x, b0));
        c31 = f32x4.add(c31, f32x4.mul(x, b1));
        p += ROWS << 2;
        q += COLUMNS << 2;
      }
      const stride = n << 2;
      const out = c + ((row * n + column) << 2);
      v128.store(out, c00);
      v128.store(out, c01, 16);
      v128.store(out + stride, c10);
      v128.store(out + stride, c11, 16);
      v128.store(out + 2 * stride, c20);
      v128.store(out + 2 * stride, c21, 16);
      v128.store(out + 3 * stride, c30);
      v128.store(out + 3 * stride, c31, 16);
    }
  }
}
