/** The CPU's WebAssembly in a page, which is not cross-origin isolated here: one thread. */
import { expect, test } from 'vitest';

import { findEngine } from '../../src/backend/cpu/load_engine';
import { matmul } from '../../src/kernels/matmul';
import { matmulParams } from '../../src/kernels/matmul_params';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import { CELLS } from '../setup/cells';
import { compare } from '../setup/fast_cpu';

test('kernels follow their references on shared memory', () => {
  expect(findEngine()).not.toBeNull();
  const [m, n, k] = [70, 130, 600];
  const sizes = { a: m * k, b: k * n, bias: n, out: m * n };
  compare(matmul, matmulParams({ m, n, k, has_bias: 1 }), sizes, 3e-4);
  const p = scanParams({ time: 3, batch: 5, hidden: 33 });
  const [one, row] = [5 * 33, 3 * 5 * 33];
  const given = {
    weight: 4 * 33 ** 2,
    vectors: 1,
    table: Int32Array.of(0),
    states: 2 * (row + one),
  };
  const { forward, backward } = scanKernels(CELLS.lstm);
  compare(forward, p, { ...given, gates: 4 * row }, 1e-4);
  compare(backward, { ...p, end: 4 }, { ...given, gates: 4 * row, dy: row, dstate: 2 * one }, 1e-2);
});
