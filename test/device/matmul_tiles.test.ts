/**
 * Tiles whose depths are all written out, as other adapters than software get them. Few: software takes
 * long to compile them, and so the table of kernels has them as it would choose them, in loops.
 */
import { test } from 'vitest';

import { matmul, matmulParams } from '../../src/kernels/matmul';
import { check, gpu, SUMMED } from '../setup/kernel_rows';

test.each([
  ['tiles 128', 'quads', { m: 132, n: 68, k: 276, row_a: 1, column_a: 132 }],
  ['tiles 64', 'scalars', { m: 33, n: 65, k: 23, row_b: 1, column_b: 23 }],
])('%s, %s', async (name, access, product) => {
  const p = { ...matmulParams({ ...product, has_bias: 1 }), accumulate: 1 };
  const { candidates, ...rest } = matmul;
  const { configs } = candidates!(p, { ...gpu.tunable.limits, software: false });
  const config = configs.find((one) => one.name === `${access}, ${name}`)!;
  const { m, n, k } = product;
  await check({ ...rest, ...config }, SUMMED, p, { a: m * k, b: k * n, bias: n, out: m * n });
});
