/**
 * Tiles whose depths are all written out, as other adapters than software get them. Few configurations: software
 * takes long to compile them, and so the table of kernels has them all as it would choose them, in loops.
 */
import { expect, test } from 'vitest';

import { matmul } from '../../src/kernels/matmul';
import { matmulParams } from '../../src/kernels/matmul_params';
import { check, gpu, SUMMED } from './kernels/harness';

test.each([
  ['a depth in splits', 276, { has_bias: 1, accumulate: 1 }],
  ['the result as it is', 100, {}],
  ['a depth that ends within a block, a bias', 101, { has_bias: 1 }],
])('tiles of 128, written out: %s', async (_, k, more) => {
  const [m, n] = [132, 68];
  const p = { ...matmulParams({ m, n, k, row_a: 1, column_a: m }), ...more };
  const { candidates, ...rest } = matmul;
  const { configs } = candidates(p, { ...gpu.tunable.limits, software: false });
  const config = configs.find(({ name }) => name === 'quads, tiles 128')!;
  await check({ ...rest, ...config }, SUMMED, p, { a: m * k, b: k * n, bias: n, out: m * n });
});

test('what a product does at its end is written into the shader', () => {
  const limits = { ...gpu.tunable.limits, software: false };
  const endingOf = (k: number, more: object) => {
    const p = { ...matmulParams({ m: 132, n: 68, k }), ...more };
    const { configs } = matmul.candidates(p, limits);
    const { source } = configs.find(({ name }) => name.endsWith('tiles 128'))!;
    return [/ENDING = (\d)u/, /RAGGED_DEPTH = (\w+)/].map((text) => text.exec(source)![1]);
  };
  expect(endingOf(276, { has_bias: 1 })).toEqual(['1', 'false']);
  expect(endingOf(100, {})).toEqual(['2', 'false']);
  expect(endingOf(100, { has_bias: 1 })).toEqual(['3', 'false']);
  expect(endingOf(100, { accumulate: 1 })).toEqual(['3', 'false']);
  expect(endingOf(100, { activation: 1 })).toEqual(['3', 'false']);
  expect(endingOf(101, {})).toEqual(['2', 'true']);
});
