/** Extreme numbers, and what the kernels promise of them. */
import { describe, expect, test } from 'vitest';
import { BINARY, binary, binaryGradient } from '../../../src/kernels/binary';
import { clipScale, INFINITY_BITS } from '../../../src/kernels/clip_scale';
import { crossEntropy } from '../../../src/kernels/cross_entropy';
import { dropout } from '../../../src/kernels/dropout';
import { gather } from '../../../src/kernels/gather';
import { CLOCK, optimizerClock } from '../../../src/kernels/optimizer_clock';
import { scatterAdd } from '../../../src/kernels/scatter_add';
import { softmax } from '../../../src/kernels/softmax';
import { squareSum } from '../../../src/kernels/square_sum';
import { UNARY, unary, unaryGradient } from '../../../src/kernels/unary';
import { strided, clock } from './cases';
import { check, CURVED, gpu, runOn, EXACT, numbers, SUMMED } from './harness';
import type { Tolerance } from './harness';

describe('numerics', () => {
  const EXTREMES = [1e3, -1e3, 1e30, -1e30, 88, -88, 89, -89, 0, -0];
  const n = EXTREMES.length;
  const extremes = Float32Array.from(EXTREMES);
  const TINY: Tolerance = { absolute: 1e-6, relative: 1e-6 };

  test.each(['tanh', 'sigmoid', 'softplus', 'relu'] as const)('%s saturates', async (name) => {
    const op = UNARY[name].code;
    const { y } = await check(unary, TINY, { n, op }, { x: extremes, y: n });
    await check(unaryGradient, TINY, { n, op }, { x: extremes, y: y.slice(0, n), g: n, dx: n });
  });

  test('softmax and cross entropy take large logits', async () => {
    const x = Float32Array.of(1e30, 0, -1e30, 1e3, 1e3, -1e3, -1e3, -1e3, -1e3);
    const rows = { rows: 3, n: 3 };
    await check(softmax, TINY, { ...rows, logarithm: 0 }, { x, y: 9 });
    await check(softmax, TINY, { ...rows, logarithm: 1 }, { x, y: 9 });
    const given = { logits: x, targets: Int32Array.of(0, 1, 2), class_weights: 0 };
    const out = { loss: 3, weight: 3, mass: 3, highest: 3, logtotal: 3 };
    const plain = { ignore: -1, weighted: 0, smoothing: 0 };
    await check(crossEntropy, TINY, { ...rows, ...plain }, { ...given, ...out });
  });

  test('powers of any base by whole exponents', async () => {
    const bases = [-2, -1, -0.5, 0, 0.5, 1, 3];
    const exponents = [-3, -2, -1, 0, 1, 2, 3, 4];
    const pairs = bases
      .flatMap((a) => exponents.map((b) => [a, b]))
      .filter(([a, b]) => a || b >= 0);
    const { strides, ...common } = strided([pairs.length], [pairs.length], [pairs.length]);
    const [stride_a, stride_b] = strides;
    const op = BINARY.pow.code;
    const params = { ...common, stride_a, stride_b, op, use_scalar: 0, scalar: 0 };
    const [a, b] = [0, 1].map((i) => Float32Array.from(pairs, (pair) => pair[i]));
    await check(binary, CURVED, params, { a, b, out: common.n });
    const positive = a.map(Math.abs);
    for (const second of [0, 1]) {
      const at = { a: second ? positive : a, b, g: common.n, out: common.n };
      await check(binaryGradient, CURVED, { ...params, second }, at);
    }
  });

  test.each([NaN, Infinity, -Infinity])('%f in a gradient is found by its bits', async (value) => {
    for (const at of [0, 63, 299]) {
      const x = numbers(300, -1, 1);
      x[at] = value;
      const { out } = await check(squareSum, SUMMED, { n: 300, slot: 1 }, { x, out: 4 });
      expect(out[3]).toBe(1);
      const count = { count: 2, limit: 1, infinity: INFINITY_BITS };
      const partial = Float32Array.of(1, 0, out[2], out[3]);
      const scaled = await check(clipScale, EXACT, count, { partial, norm: 1, scale: 1 });
      expect([scaled.norm[0], scaled.scale[0]]).toEqual([Infinity, 1]);
    }
    const partial = Float32Array.of(1, 0, value, 0);
    const params = { count: 2, limit: 1, infinity: INFINITY_BITS };
    const { norm } = await check(clipScale, EXACT, params, { partial, norm: 1, scale: 1 });
    expect(norm[0]).toBe(Infinity);
    const gains = { count: 2, limit: 1, gain1: 0.1, gain2: 0.001 };
    const start = { partial: Float32Array.of(1, 0, value, 1), clock: clock(1) };
    const ticked = await check(optimizerClock, EXACT, gains, start);
    expect(ticked.clock[CLOCK.enabled]).toBe(0);
    expect(ticked.clock[CLOCK.skipped]).toBe(1);
    expect(ticked.clock[CLOCK.steps]).toBe(3);
  });

  test('a sum of squares that overflows is infinite, not clipped to nothing', async () => {
    const x = Float32Array.of(1e30, 1, 1e30);
    const { out } = await check(squareSum, SUMMED, { n: 3, slot: 0 }, { x, out: 2 });
    expect([out[0], out[1]]).toEqual([Infinity, 0]);
    const params = { count: 1, limit: 1, infinity: INFINITY_BITS };
    const start = { partial: out.slice(0, 2), norm: 1, scale: 1 };
    const { norm, scale } = await check(clipScale, EXACT, params, start);
    expect([norm[0], scale[0]]).toEqual([Infinity, 1]);
  });

  test.each([0.1, 0.2, 0.3, 0.5, 0.9])('the dropout mask at p = %f is the same', async (p) => {
    const params = { n: 4099, call: 0xfffffff0, p, scale: Math.fround(1 / (1 - p)) };
    const start = {
      x: 4099,
      generator: Uint32Array.of(0x9e3779b9, 0xffffffff, 0xfffffffe, 0x80000000),
      ...{ mask: 4099, y: 4099 },
    };
    const { mask } = await check(dropout, EXACT, params, start);
    const kept = Array.from(mask.subarray(0, 4099)).filter((value) => value > 0).length;
    expect(kept / 4099).toBeCloseTo(1 - p, 1);
  });

  test('scatter_add of repeated ids is the same at every run', async () => {
    const indexing = {
      outer: 1,
      n: 3,
      count: 1000,
      inner: 2,
      id_outer: 0,
      id_count: 1,
      id_inner: 0,
      add: 1,
    };
    const ids = Int32Array.from({ length: 1000 }, (_, k) => (k * k) % 3);
    const start = { g: 2000, ids, out: new Float32Array(6) };
    const first = await check(scatterAdd, SUMMED, indexing, start);
    for (let run = 0; run < 3; run++) {
      expect((await runOn(gpu, scatterAdd, indexing, start)).out).toEqual(first.out);
    }
  });

  test('an id outside the table gathers 0', async () => {
    const indexing = { outer: 1, n: 2, count: 5, inner: 1, id_outer: 0, id_count: 1, id_inner: 0 };
    const ids = Int32Array.of(-1, 2, 0x7fffffff, -0x80000000, 1);
    const x = Float32Array.of(3, 4);
    const { out } = await check(gather, EXACT, indexing, { x, ids, out: 5 });
    expect([...out.subarray(0, 5)]).toEqual([0, 0, 0, 0, 4]);
  });
});
