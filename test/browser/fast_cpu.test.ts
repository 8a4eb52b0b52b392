/** The CPU's WebAssembly in a page, which is not cross-origin isolated here: one thread. */
import { expect, test } from 'vitest';

import { findEngine } from '../../src/backend/cpu/engine';
import { matmul, matmulParams } from '../../src/kernels/matmul';
import { compare } from '../setup/fast_cpu';

test('kernels follow their references on shared memory', () => {
  expect(findEngine()).not.toBeNull();
  const [m, n, k] = [70, 130, 600];
  const sizes = { a: m * k, b: k * n, bias: n, out: m * n };
  compare(matmul, matmulParams({ m, n, k, has_bias: 1 }), sizes, 3e-4);
});
