import { expect, test } from 'vitest';

import { compileSimd } from '../../scripts/build-simd.mjs';
import { gemmWasm } from '../../src/backend/cpu/simd/gemm_wasm';
import { simdAvailable } from '../../src/backend/cpu/simd/matmul';
import { matmul, matmulParams } from '../../src/kernels/matmul';
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
    const out = draw(batches * m * n + 3);
    const expected = out.slice();
    const arrays = {
      a: draw(batches * m * k + 1),
      b: draw(batches * k * n + 2),
      bias: draw(n),
      out,
    };
    const params = matmulParams({
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
      ...{ accumulate: k % 2, offset_a: 1, offset_b: 2, offset_out: 3 },
    });
    expect(matmul.fastCpu?.(arrays, params)).toBe(true);
    matmul.cpu({ ...arrays, out: expected }, params);
    // A sum of k products of f32: its rounding grows with the root of k.
    const tolerance = 4e-7 * k;
    out.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(tolerance));
  },
);

test('what is too small for SIMD is left to the reference', () => {
  const one = new Float32Array(4);
  const params = matmulParams({ m: 2, n: 2, k: 1 });
  expect(matmul.fastCpu?.({ a: one, b: one, bias: one, out: one }, params)).toBe(false);
});
