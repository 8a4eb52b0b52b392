import { describe, expect, test } from 'vitest';
import {
  backward,
  crossEntropy,
  dispose,
  DisposedError,
  dropout,
  Generator,
  linearCrossEntropy,
  logSoftmax,
  ones,
  openDevice,
  Random,
  sigmoid,
  softmax,
  softplus,
  sum,
  tanh,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { philox, toUniform } from '../../src/random';

const device = await openDevice('cpu');

describe('Philox 4x32-10', () => {
  type Words = [number, number, number, number];
  const all = 0xffffffff;

  // Known answers of Random123 1.14 (tests/kat_vectors, "philox4x32 10").
  test.each<{ counter: Words; key: [number, number]; answer: Words }>([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      answer: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [all, all, all, all],
      key: [all, all],
      answer: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      answer: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ])('$counter under $key', ({ counter, key, answer }) => {
    const out = new Uint32Array(4);
    philox(counter, key, out);
    expect([...out]).toEqual(answer);
  });

  test('a word becomes a number in [0, 1) that f32 holds', () => {
    expect(toUniform(0)).toBe(0);
    expect(toUniform(0x80000000)).toBe(0.5);
    expect(toUniform(all)).toBe(1 - 2 ** -24);
    expect(Math.fround(toUniform(all))).toBe(toUniform(all));
  });
});

describe('Random', () => {
  const draw = (random: Random, count: number): number[] =>
    Array.from({ length: count }, () => random.bits());

  /** Mean, variance, and the third and fourth standardized moments. */
  function moments(values: readonly number[]): number[] {
    const average = (f: (x: number) => number): number =>
      values.reduce((total, x) => total + f(x), 0) / values.length;
    const mean = average((x) => x);
    const variance = average((x) => (x - mean) ** 2);
    const standardized = [3, 4].map((k) => average((x) => ((x - mean) / Math.sqrt(variance)) ** k));
    return [mean, variance, ...standardized];
  }

  test('the first bits are Philox at counter 0 under (seed, stream)', () => {
    const out = new Uint32Array(4);
    philox([0, 0, 0, 0], [5, 9], out);
    expect(draw(new Random(5, 9), 4)).toEqual([...out]);
    philox([1, 0, 0, 0], [5, 9], out);
    expect(draw(new Random(5, 9, 4), 4)).toEqual([...out]);
  });

  test('seeds and streams give sequences of their own; the same ones the same', () => {
    const sequences = [new Random(1), new Random(2), new Random(1, 1)].map((r) => draw(r, 8));
    expect(new Set(sequences.map(String)).size).toBe(3);
    expect(draw(new Random(1), 8)).toEqual(sequences[0]);
  });

  test.each([0, 1, 3, 4, 7, 2 ** 33 + 1])('resumes after %i numbers', (drawn) => {
    const first = new Random(42, 3, drawn);
    const copy = Random.from(JSON.parse(JSON.stringify(first.state)) as Random['state']);
    expect(copy.state).toEqual({ seed: 42, stream: 3, drawn });
    expect(draw(copy, 6)).toEqual(draw(first, 6));
    expect(first.state.drawn).toBe(drawn + 6);
    // The block counter has more than 32 bits.
    expect(draw(new Random(42, 3, drawn % 2 ** 33), 4)).not.toEqual(
      drawn >= 2 ** 33 ? draw(new Random(42, 3, drawn + 2 ** 33), 4) : [],
    );
  });

  test('resumes between normals', () => {
    const first = new Random(7);
    first.normal();
    first.uniform();
    const copy = Random.from(first.state);
    expect(copy.normal()).toBe(first.normal());
  });

  // Bounds: at least five standard errors, at n = 20,000.
  const n = 20_000;

  test('uniform: the moments of [0, 1)', () => {
    const random = new Random(11);
    const values = Array.from({ length: n }, () => random.uniform());
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    const [mean, variance, skew, kurtosis] = moments(values);
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.011);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.003);
    expect(Math.abs(skew)).toBeLessThan(0.06);
    expect(Math.abs(kurtosis - 9 / 5)).toBeLessThan(0.04);
  });

  test('normal: the moments of N(0, 1), all finite', () => {
    const random = new Random(12);
    const values = Array.from({ length: n }, () => random.normal());
    expect(values.every(Number.isFinite)).toBe(true);
    const [mean, variance, skew, kurtosis] = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.036);
    expect(Math.abs(variance - 1)).toBeLessThan(0.051);
    expect(Math.abs(skew)).toBeLessThan(0.09);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.18);
  });

  test('neighbours are not correlated', () => {
    const random = new Random(13);
    const values = Array.from({ length: n }, () => random.uniform() - 0.5);
    const products = values.slice(1).map((x, i) => x * values[i] * 12);
    expect(Math.abs(moments(products)[0])).toBeLessThan(0.036);
  });
});

describe('dropout', () => {
  /** 1 / (1 - p), each step rounded to f32, as a GPU does. */
  /** What the mask of an f32 tensor holds where it keeps. */
  function scaleOf(p: number): number {
    return Math.fround(1 / (1 - p));
  }

  async function mask(on: Device, generator: Generator, p = 0.3, n = 64): Promise<number[]> {
    const x = ones(on, [n]);
    const y = dropout(x, p, generator);
    const values = [...(await y.data())];
    dispose([x, y]);
    return values;
  }

  test.each([0.1, 0.5, 0.9])('p = %f: the share dropped, and the scale of the rest', async (p) => {
    const n = 20_000;
    const values = await mask(device, new Generator(device, 3), p, n);
    const kept = values.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([scaleOf(p)]));
    expect(Math.abs(1 - kept.length / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  });

  test('a generator that was disposed draws nothing, though nothing was drawn before', () => {
    const generator = new Generator(device, 3);
    generator.dispose();
    expect(() => dropout(ones(device, [2]), 0.5, generator)).toThrow(DisposedError);
  });

  test('p = 0 drops nothing, p = 1 everything', async () => {
    expect(new Set(await mask(device, new Generator(device, 3), 0))).toEqual(new Set([1]));
    expect(new Set(await mask(device, new Generator(device, 3), 1))).toEqual(new Set([0]));
  });

  test('the same seed, step and call give the same mask, on another device too', async () => {
    const reference = await openDevice('cpu', { reference: true });
    const start = { step: 5, call: 2 };
    const first = await mask(device, new Generator(device, 8, start));
    expect(await mask(reference, new Generator(reference, 8, start))).toEqual(first);
  });

  test('the mask is the Philox block of (element / 4, call, step) under the seed', async () => {
    const step = 2 ** 32 + 7;
    const block = new Uint32Array(4);
    const expected = Array.from({ length: 64 }, (_, i) => {
      philox([Math.floor(i / 4), 2, 7, 1], [8, 1], block);
      return toUniform(block[i % 4]) >= Math.fround(0.3) ? scaleOf(0.3) : 0;
    });
    expect(await mask(device, new Generator(device, 8, { step, call: 2 }))).toEqual(expected);
  });

  test('seed, step and call each change it', async () => {
    const masks = await Promise.all([
      mask(device, new Generator(device, 8)),
      mask(device, new Generator(device, 9)),
      mask(device, new Generator(device, 8, { step: 1 })),
      mask(device, new Generator(device, 8, { call: 1 })),
      mask(device, new Generator(device, 8, { step: 2 ** 32 })),
    ]);
    expect(new Set(masks.map(String)).size).toBe(5);
  });

  test('a second call differs; advance begins the next step; a position is gone back to', async () => {
    const generator = new Generator(device, 8);
    const first = await mask(device, generator);
    const second = await mask(device, generator);
    expect(second).not.toEqual(first);
    expect(generator.position).toEqual({ seed: 8, step: 0, call: 2 });

    generator.advance();
    expect(generator.position).toEqual({ seed: 8, step: 1, call: 0 });
    const third = await mask(device, generator);
    expect(third).not.toEqual(first);
    expect(third).not.toEqual(second);

    generator.position = { step: 0, call: 1 };
    expect(await mask(device, generator)).toEqual(second);
  });

  test('the gradient is the mask', async () => {
    const x = tensor(
      device,
      [...Array(32).keys()].map((i) => i - 40),
      [32],
      { requiresGrad: true },
    );
    const y = dropout(x, 0.5, new Generator(device, 1));
    const values = await y.data();
    backward(sum(y));
    const expected = [...values].map((value) => (value === 0 ? 0 : 2));
    expect(new Set(expected)).toEqual(new Set([0, 2]));
    expect([...(await x.grad!.data())]).toEqual(expected);
  });
});

describe.each<DType>(['f32', 'f64'])('numerics at the edge, %s', (dtype) => {
  const leaf = (values: number[], shape?: number[]): Tensor =>
    tensor(device, values, shape, { dtype, requiresGrad: true });

  async function valueAndGradient(
    x: Tensor,
    op: (x: Tensor) => Tensor,
  ): Promise<[number[], number[]]> {
    const y = op(x);
    const values = [...(await y.data())];
    // Weighted unevenly, so that a softmax has a gradient.
    const weights = values.map((_, i) => i + 1);
    backward(y, { gradient: tensor(device, weights, y.shape, { dtype }) });
    return [values, [...(await x.grad!.data())]];
  }

  test.each([
    ['tanh', tanh, [-1, 1]],
    ['sigmoid', sigmoid, [0, 1]],
  ] as const)('%s saturates', async (_, op, limits) => {
    const [y, dx] = await valueAndGradient(leaf([-1e30, 1e30, -1e3, 1e3]), op);
    expect(y).toEqual([...limits, ...limits]);
    expect(dx.map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('softplus neither overflows nor loses its slope', async () => {
    const [y, dx] = await valueAndGradient(leaf([-1e30, 1e30]), softplus);
    expect(y).toEqual([0, dtype === 'f32' ? Math.fround(1e30) : 1e30]);
    expect(dx).toEqual([0, 2]);
  });

  test('softmax and its logarithm stay finite', async () => {
    const logits = [1e30, -1e30, 0, 1e30, 1e30, -1e30];
    const [y, dx] = await valueAndGradient(leaf(logits, [2, 3]), (x) => softmax(x, -1));
    expect(y).toEqual([1, 0, 0, 0.5, 0.5, 0]);
    expect(dx.every(Number.isFinite)).toBe(true);
    const [log, dlog] = await valueAndGradient(leaf(logits, [2, 3]), (x) => logSoftmax(x, -1));
    expect([...log, ...dlog].every(Number.isFinite)).toBe(true);
    expect(log[0]).toBe(0);
  });

  test('crossEntropy stays finite, and tells right from wrong', async () => {
    const targets = tensor(device, [0, 1], [2], { dtype: 'i32' });
    const [loss, dx] = await valueAndGradient(leaf([1e30, -1e30, 1e30, -1e30], [2, 2]), (x) =>
      crossEntropy(x, targets, { reduction: 'none' }),
    );
    expect(loss[0]).toBe(0);
    expect(loss[1] / 2e30).toBeCloseTo(1, 6);
    expect(dx).toEqual([0, 0, 2, -2]);
  });

  test('the gradient of crossEntropy does not depend on a shift of the logits', async () => {
    const targets = tensor(device, [0], [1], { dtype: 'i32' });
    const [[loss], dx] = await valueAndGradient(leaf([65_536, 65_536], [1, 2]), (x) =>
      crossEntropy(x, targets, { reduction: 'none' }),
    );
    expect(loss).toBeCloseTo(Math.LN2, 6);
    expect(dx[0]).toBeCloseTo(-0.5, 6);
    expect(dx[1]).toBeCloseTo(0.5, 6);
  });

  test('crossEntropy over no targets: mean and sum are 0, and their gradients', async () => {
    const targets = tensor(device, [-100, -100], [2], { dtype: 'i32' });
    const logits = leaf([1, 2, 3, 4], [2, 2]);
    for (const loss of [
      (x: Tensor) => crossEntropy(x, targets),
      (x: Tensor) => crossEntropy(x, targets, { reduction: 'sum' }),
      (x: Tensor) => linearCrossEntropy(x, ones(device, [3, 2], { dtype }), undefined, targets),
    ]) {
      const [total, dx] = await valueAndGradient(logits, loss);
      expect(total).toEqual([0]);
      expect(dx.map(Math.abs)).toEqual([0, 0, 0, 0]);
    }
  });

  test('an ignored target of its own number', async () => {
    const targets = tensor(device, [1, 0], [2], { dtype: 'i32' });
    const logits = leaf([0, 0, 5, 1], [2, 2]);
    const loss = crossEntropy(logits, targets, { ignoreIndex: 0 });
    expect(await loss.item()).toBeCloseTo(Math.LN2, 6);
  });
});
