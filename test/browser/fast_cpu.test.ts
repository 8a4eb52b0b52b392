/** The CPU's WebAssembly in a page, which is not cross-origin isolated here: one thread. */
import { expect, test } from 'vitest';

import { findEngine } from '../../src/backend/cpu/engine';
import { lstmSequence, lstmSequenceGradient } from '../../src/kernels/lstm_sequence';
import { matmul, matmulParams } from '../../src/kernels/matmul';
import { sweepParams } from '../../src/kernels/sweep';
import { compare } from '../setup/fast_cpu';

test('kernels follow their references on shared memory', () => {
  expect(findEngine()).not.toBeNull();
  const [m, n, k] = [70, 130, 600];
  const sizes = { a: m * k, b: k * n, bias: n, out: m * n };
  compare(matmul, matmulParams({ m, n, k, has_bias: 1 }), sizes, 3e-4);
  const p = sweepParams({ time: 3, batch: 5, hidden: 33 });
  const [one, row] = [5 * 33, 3 * 5 * 33];
  const state = { weight: 4 * 33 ** 2, c0: one };
  compare(lstmSequence, p, { ...state, h0: one, gates: 4 * row, c: row, y: row }, 1e-4);
  const back = { ...state, gates: 4 * row, c: row, dy: row, dh: one, dc: one };
  compare(lstmSequenceGradient, { ...p, end: 4 }, back, 1e-2);
});
