/**
 * Tiles whose depths are all written out, as other adapters than software get them. One configuration: software
 * takes long to compile it, and so the table of kernels has them all as it would choose them, in loops.
 */
import { test } from 'vitest';

import { matmul, matmulParams } from '../../src/kernels/matmul';
import { check, gpu, SUMMED } from './kernels/harness';

test('tiles of 128, written out', async () => {
  const [m, n, k] = [132, 68, 276];
  const p = { ...matmulParams({ m, n, k, row_a: 1, column_a: m, has_bias: 1 }), accumulate: 1 };
  const { candidates, ...rest } = matmul;
  const { configs } = candidates!(p, { ...gpu.tunable.limits, software: false });
  const config = configs.find(({ name }) => name === 'quads, tiles 128')!;
  await check({ ...rest, ...config }, SUMMED, p, { a: m * k, b: k * n, bias: n, out: m * n });
});
