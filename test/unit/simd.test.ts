/** The WebAssembly versions of kernels, held against the reference. */
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { buildSimd } from '../../scripts/build-simd.mjs';
import { Engine, findEngine, loadEngine } from '../../src/backend/cpu/engine';
import generated from '../../src/backend/cpu/simd/wasm.ts?raw';
import { gruSequence, gruSequenceGradient } from '../../src/kernels/gru_sequence';
import { lstmSequence, lstmSequenceGradient } from '../../src/kernels/lstm_sequence';
import { ACTIVATIONS, matmul, matmulParams } from '../../src/kernels/matmul';
import { rnnSequence, rnnSequenceGradient } from '../../src/kernels/rnn_sequence';
import { sweepParams } from '../../src/kernels/sweep';
import { Random } from '../../src/random';
import { compare, threadsReady } from '../setup/fast_cpu';

beforeAll(() => threadsReady(3));

test('the WebAssembly in the repository is what its source compiles to', async () => {
  expect(generated).toBe(await buildSimd());
});

test('there is an engine here, and none without SIMD or without shared memory', () => {
  expect(findEngine()).toBeInstanceOf(Engine);
  expect(loadEngine(undefined).reason).toBe('there is no WebAssembly');
  expect(loadEngine({ validate: () => false }).reason).toBe('there is no WebAssembly SIMD');
});

test('a policy against WebAssembly, or memory that is refused, is named', () => {
  const forbid = vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
    throw new WebAssembly.CompileError('refused');
  });
  expect(loadEngine(WebAssembly).reason).toMatch(/'wasm-unsafe-eval'/);
  forbid.mockRestore();
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
    throw new RangeError('refused');
  });
  expect(loadEngine(WebAssembly).reason).toMatch(/no shared memory/);
  vi.restoreAllMocks();
});

describe('matmul', () => {
  const ODD = [1, 2, 3, 4, 5, 7, 8, 9, 33] as const;

  function check(
    m: number,
    n: number,
    k: number,
    options: {
      transposeA?: boolean;
      transposeB?: boolean;
      bias?: boolean;
      accumulate?: boolean;
      activation?: (typeof ACTIVATIONS)[number];
      batches?: number;
      shared?: boolean;
      /** Elements between the rows of the result. */
      gap?: number;
    } = {},
  ): void {
    const { transposeA, transposeB, bias, accumulate, activation, batches = 1, shared } = options;
    const row_out = n + (options.gap ?? 0);
    const params = matmulParams({
      ...{ m, n, k, batches, has_bias: Number(bias ?? 0), accumulate: Number(accumulate ?? 0) },
      activation: ACTIVATIONS.indexOf(activation),
      ...(transposeA ? { row_a: 1, column_a: m } : {}),
      ...(transposeB ? { row_b: 1, column_b: k } : {}),
      ...(shared ? { batch_b: 0 } : {}),
      ...{ offset_a: 3, offset_b: 5, offset_out: 7, row_out },
    });
    const sizes = { a: 3 + batches * m * k, b: 5 + batches * k * n, bias: n };
    // A sum of k products of f32: its rounding grows with the root of k.
    const tolerance = 1e-6 + 4e-7 * k;
    compare(matmul, params, { ...sizes, out: 7 + batches * m * row_out }, tolerance);
  }

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('transposed %s and %s, in odd shapes', (transposeA, transposeB) => {
    for (const m of ODD)
      for (const n of ODD) for (const k of ODD) check(m, n, k, { transposeA, transposeB });
  });

  test('bias, accumulation, batches and a shared operand', () => {
    for (const bias of [false, true]) {
      for (const accumulate of [false, true]) {
        for (const [m, n, k] of [
          [1, 3, 5],
          [2, 40, 9],
          [6, 17, 11],
          [33, 7, 65],
        ]) {
          check(m, n, k, { bias, accumulate });
          check(m, n, k, { bias, accumulate, transposeB: true, batches: 3 });
          check(m, n, k, { bias, accumulate, batches: 3, shared: true });
        }
      }
    }
  });

  test('more than one block in every direction, shared by threads', () => {
    check(300, 70, 1100, { transposeA: true, accumulate: true });
    check(70, 300, 600, { transposeB: true, bias: true });
    check(2, 4099, 130, { transposeB: true });
  });

  test('an activation, alone and after bias and accumulation', () => {
    for (const activation of ['sigmoid', 'tanh', 'relu'] as const) {
      check(3, 7, 9, { activation });
      check(6, 17, 11, { activation, bias: true, transposeB: true });
      check(33, 7, 65, { activation, bias: true, accumulate: true, batches: 3, shared: true });
      // The depth in more than one block; and shared by threads.
      check(9, 10, 1100, { activation, bias: true, accumulate: true });
      check(600, 500, 8, { activation, bias: true });
    }
  });

  test('into rows of a wider matrix', () => {
    for (const [m, n, k] of [
      [1, 9, 5],
      [2, 40, 9],
      [33, 7, 65],
      [9, 12, 1100],
    ]) {
      check(m, n, k, { gap: 3, bias: true });
      check(m, n, k, { gap: 8, transposeB: true, accumulate: true, activation: 'tanh' });
      check(m, n, k, { gap: 1, batches: 3, bias: true, activation: 'relu' });
    }
    check(600, 500, 8, { gap: 4, activation: 'sigmoid' });
  });

  test('nothing to multiply', () => {
    check(0, 3, 4);
    check(3, 0, 4);
    check(3, 4, 0, { bias: true });
    check(3, 4, 0, { transposeB: true, bias: true });
    check(3, 4, 0, { accumulate: true });
    check(3, 4, 0, { activation: 'sigmoid' });
    check(0, 4, 3, { activation: 'tanh' });
    check(3, 4, 5, { batches: 0 });
  });
});

describe('sequences', () => {
  const SHAPES = [
    ...[1, 3, 4, 5, 8, 9, 33].map((hidden) => ({ time: 3, batch: 5, hidden })),
    ...[1, 2, 3, 4, 7, 8].map((batch) => ({ time: 2, batch, hidden: 7 })),
    { time: 1, batch: 1, hidden: 6 },
    { time: 1, batch: 3, hidden: 33 },
    { time: 5, batch: 0, hidden: 4 },
    { time: 6, batch: 13, hidden: 130 },
  ];
  /** Whole sweeps, forward or back, and their parts. */
  const sweeps = SHAPES.flatMap(({ time, ...shape }) =>
    [
      [0, time],
      [0, time + 1],
      [0, 1],
      [1, time],
    ].map(([begin, end]) => sweepParams({ time, ...shape, begin, end })),
  );
  const forward = sweeps.filter(({ time, end }) => end <= time);
  const TOLERANCE = 2e-5;
  const unit = (length: number): Float32Array => {
    const random = new Random(length, 3);
    return Float32Array.from({ length }, () => random.uniform());
  };

  test('LSTM', () => {
    for (const p of forward) {
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      const weight = 4 * p.hidden ** 2;
      const starts = { weight, h0: one, c0: one, gates: 4 * row, c: row, y: row };
      compare(lstmSequence, p, starts, TOLERANCE * Math.sqrt(p.hidden));
    }
    for (const p of sweeps) {
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      const starts = { weight: 4 * p.hidden ** 2, gates: unit(4 * row), c: row, c0: one, dy: row };
      compare(lstmSequenceGradient, p, { ...starts, dh: one, dc: one }, TOLERANCE * p.hidden);
    }
  });

  test('GRU', () => {
    for (const p of forward) {
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      const weights = { weight: 3 * p.hidden ** 2, bias: 3 * p.hidden };
      const starts = { ...weights, h0: one, gates: 3 * row, ghn: row, y: row };
      compare(gruSequence, p, starts, TOLERANCE * Math.sqrt(p.hidden));
    }
    for (const p of sweeps) {
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      const starts = { weight: 3 * p.hidden ** 2, gates: unit(3 * row), ghn: row, y: row };
      compare(gruSequenceGradient, p, { ...starts, h0: one, dy: row, dh: one }, 1e-4 * p.hidden);
    }
  });

  test.each([0, 1, 2])('RNN, nonlinearity %i', (nonlinearity) => {
    for (const sweep of forward) {
      const p = { ...sweep, nonlinearity };
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      compare(rnnSequence, p, { weight: p.hidden ** 2, h0: one, y: row }, 1e-4 * p.hidden);
    }
    for (const sweep of sweeps) {
      const p = { ...sweep, nonlinearity };
      const [one, row] = [p.batch * p.hidden, p.time * p.batch * p.hidden];
      const starts = { weight: p.hidden ** 2, y: unit(row), dy: row, dh: one, dz: row };
      compare(rnnSequenceGradient, p, starts, 1e-4 * p.hidden);
    }
  });
});
