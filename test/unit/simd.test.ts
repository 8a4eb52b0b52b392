import { expect, test } from 'vitest';

import { compileSimd } from '../../scripts/build-simd.mjs';
import { gemmWasm } from '../../src/backend/cpu/simd/gemm_wasm';
import { simdAvailable } from '../../src/backend/cpu/simd/matmul';
import { matmul } from '../../src/kernels/matmul';
import { Random } from '../../src/random';

test('the WebAssembly in the repository is what its source compiles to', async () => {
  expect(gemmWasm).toBe(Buffer.from(await compileSimd()).toString('base64'));
}, 30_000);

/** [m, n, k, batches, transposeA, transposeB, bias, B is shared by the batches] */
const shapes = [
  [4, 8, 128, 1, false, false, false, false],
  [5, 9, 100, 1, false, true, true, false],
  [33, 31, 65, 1, true, false, true, false],
  [4, 1, 2048, 1, true, true, false, false],
  [16, 17, 19, 3, false, false, true, false],
  [16, 17, 19, 3, false, true, false, true],
  [600, 3, 500, 1, false, false, false, false],
] as const;

test.each(shapes)(
  'SIMD follows the reference: m %i, n %i, k %i, %i batches, transposes %s %s, bias %s, shared %s',
  (m, n, k, batches, transposeA, transposeB, hasBias, shared) => {
    expect(simdAvailable()).toBe(true);
    const random = new Random(m * n + k);
    const draw = (length: number) => Float32Array.from({ length }, () => random.normal());
    const out = new Float32Array(batches * m * n).fill(NaN);
    const arrays = { a: draw(batches * m * k), b: draw(batches * k * n), bias: draw(n), out };
    const params = {
      has_bias: Number(hasBias),
      m,
      n,
      k,
      batches,
      row_a: transposeA ? 1 : k,
      column_a: transposeA ? m : 1,
      row_b: transposeB ? 1 : n,
      column_b: transposeB ? k : 1,
      batch_a: m * k,
      batch_b: shared ? 0 : k * n,
    };
    expect(matmul.fastCpu?.(arrays, params)).toBe(true);
    const expected = new Float32Array(out.length);
    matmul.cpu({ ...arrays, out: expected }, params);
    // A sum of k products of f32: its rounding grows with the root of k.
    const tolerance = 4e-7 * k;
    out.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(tolerance));
  },
);

test('what is too small for SIMD is left to the reference', () => {
  const one = new Float32Array(4);
  const params = {
    ...{ has_bias: 0, m: 2, n: 2, k: 1, batches: 1, row_a: 1, column_a: 1, row_b: 2, column_b: 1 },
    ...{ batch_a: 2, batch_b: 2 },
  };
  expect(matmul.fastCpu?.({ a: one, b: one, bias: one, out: one }, params)).toBe(false);
});
