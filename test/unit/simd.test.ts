/** The WebAssembly versions of kernels, held against the reference. */
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { compile, formatted, functionsText } from '../../scripts/build-simd.mjs';
import { Engine } from '../../src/backend/cpu/engine';
import { findEngine, inflated, makeEngine } from '../../src/backend/cpu/load_engine';
import functions from '../../src/backend/cpu/simd/functions.ts?raw';
import * as plain from '../../src/backend/cpu/simd/plain';
import * as relaxed from '../../src/backend/cpu/simd/relaxed';
import { ACTIVATIONS, matmul } from '../../src/kernels/matmul';
import { matmulParams } from '../../src/kernels/matmul_params';
import { compare, threadsReady } from '../setup/fast_cpu';

beforeAll(() => threadsReady(3));

test('the WebAssembly in the repository is what its source compiles to', async () => {
  for (const [module, isRelaxed] of [
    [plain, false],
    [relaxed, true],
  ] as const) {
    const bytes = await inflated(module.deflated);
    expect(Buffer.from(bytes).equals(await compile(isRelaxed))).toBe(true);
  }
  const text = await functionsText(await inflated(plain.deflated));
  expect(functions).toBe(await formatted('functions.ts', text));
});

test('there is an engine here, and none without WebAssembly or its SIMD', async () => {
  expect(findEngine()).toBeInstanceOf(Engine);
  expect((await makeEngine(undefined)).reason).toBe('there is no WebAssembly');
  expect((await makeEngine({ validate: () => false })).reason).toBe('there is no WebAssembly SIMD');
});

test('a version that does not run here is followed by the plain one', async () => {
  const asked: boolean[] = [];
  const load = (isRelaxed: boolean) => {
    asked.push(isRelaxed);
    return Promise.resolve(isRelaxed ? { deflated: relaxed.deflated } : plain);
  };
  const bytes = await inflated(plain.deflated);
  const same = (given: BufferSource) => Buffer.from(given as Uint8Array).equals(Buffer.from(bytes));
  const validate = (given: BufferSource) => (given.byteLength < 100 ? true : same(given));
  expect((await makeEngine({ validate }, load)).engine).toBeInstanceOf(Engine);
  expect(asked).toEqual([true, false]);
});

test('what a network has failed is told, and tried again by the next', async () => {
  vi.resetModules();
  const fresh = await import('../../src/backend/cpu/load_engine');
  const { Engine } = await import('../../src/backend/cpu/engine');
  await fresh.loadEngine(() => Promise.reject(new TypeError('Failed to fetch')));
  expect(fresh.findEngine()).toBeNull();
  expect(fresh.whyPlain()).toBe('its engine was not loaded (Failed to fetch)');
  await fresh.loadEngine();
  expect(fresh.findEngine()).toBeInstanceOf(Engine);
  expect(fresh.whyPlain()).toBeUndefined();
});

test('a policy against WebAssembly, or memory that is refused, is named', async () => {
  const forbid = vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
    throw new WebAssembly.CompileError('refused');
  });
  expect((await makeEngine(WebAssembly)).reason).toMatch(/'wasm-unsafe-eval'/);
  forbid.mockRestore();
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
    throw new RangeError('refused');
  });
  expect((await makeEngine(WebAssembly)).reason).toMatch(/no shared memory/);
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
