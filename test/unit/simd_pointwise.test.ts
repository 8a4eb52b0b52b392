/** The WebAssembly versions of the kernels beside products and sequences. */
import { beforeAll, describe, expect, test } from 'vitest';

import { adam } from '../../src/kernels/adam';
import { axpy } from '../../src/kernels/axpy';
import { BINARY, binary } from '../../src/kernels/binary';
import { copy } from '../../src/kernels/copy';
import { crossEntropy, crossEntropyGradient } from '../../src/kernels/cross_entropy';
import { dropout } from '../../src/kernels/dropout';
import { fill } from '../../src/kernels/fill';
import { gather } from '../../src/kernels/gather';
import { CLOCK } from '../../src/kernels/optimizer_clock';
import { reduce, REDUCE } from '../../src/kernels/reduce';
import { scaleBy } from '../../src/kernels/scale_by';
import { scatterAdd } from '../../src/kernels/scatter_add';
import { packTensors } from '../../src/kernels/pack_tensors';
import { softmaxLoss } from '../../src/kernels/softmax_loss';
import { squareSum, squareSumSlots } from '../../src/kernels/square_sum';
import { UNARY, unary } from '../../src/kernels/unary';
import { unpackTensors } from '../../src/kernels/unpack_tensors';
import { Random } from '../../src/random';
import { compare, threadsReady } from '../setup/fast_cpu';

beforeAll(() => threadsReady(3));

/** Odd ones, none, and one that threads share. */
const SIZES = [0, 1, 3, 4, 5, 7, 8, 9, 33, 270_001];

const random = new Random(5);

function ids(length: number, n: number): Int32Array {
  // Two past either end.
  return Int32Array.from({ length }, () => Math.floor(random.uniform() * (n + 4)) - 2);
}

test('element by element', () => {
  for (const n of SIZES) {
    compare(axpy, { n, alpha: 0.3 }, { x: n, y: n }, 1e-6);
    compare(fill, { n, value: -1.5 }, { out: n }, 0);
    for (const scale of [0.5, 1, NaN]) {
      compare(scaleBy, { n }, { scale: Float32Array.of(scale), x: n }, 1e-6);
    }
    const flat = { rank: 1, stride_a: [1], stride_b: [1] };
    for (const { code } of Object.values(BINARY).slice(0, 6)) {
      const p = { ...flat, shape: [n], n, op: code, scalar: 0.7 };
      compare(binary, { ...p, use_scalar: 0 }, { a: n, b: n, out: n }, 1e-6);
      compare(binary, { ...p, use_scalar: 1 }, { a: n, b: 1, out: n }, 1e-6);
    }
  }
});

test('copies in one run, in rows, and turned', () => {
  const at = { offset_from: 3, offset_to: 5 };
  for (const n of SIZES.slice(1)) {
    const run = { rank: 1, shape: [n], stride_from: [1], stride_to: [1], n, ...at };
    compare(copy, run, { source: n + 3, target_: n + 5 }, 0);
  }
  const rows = {
    rank: 2,
    shape: [7, 100],
    stride_from: [120, 1],
    stride_to: [1, 9],
    n: 700,
    ...at,
  };
  compare(copy, rows, { source: 900, target_: 1000 }, 0);
  const slices = { ...rows, stride_to: [100, 1] };
  compare(copy, slices, { source: 900, target_: 1000 }, 0);
});

test('tensors into a flat one, and back', () => {
  const sizes = { n0: 5, n1: 0, n2: 270_001, n3: 1, n4: 64, n5: 0, n6: 33 };
  const tensors = { x0: 5, x1: 3, x2: 270_001, x3: 2, x4: 64, x5: 0, x6: 40 };
  const places = { at0: 270_050, at1: 0, at2: 8, at3: 270_060, at4: 270_070, at5: 9, at6: 270_140 };
  const start = { ...tensors, flat: 270_200 };
  compare(packTensors, { ...sizes, ...places, pad: 1 }, start, 0);
  compare(packTensors, { ...sizes, ...places, pad: 4 }, start, 0);
  compare(unpackTensors, { ...sizes, ...places, pad: 1 }, start, 0);
});

test('a dropout mask, to the bit', () => {
  for (const n of SIZES.slice(0, -1).concat(70_001)) {
    for (const p of [0, 0.1, 0.5]) {
      const generator = Uint32Array.of(0xdeadbeef, 0xffffffff, 0x80000001, 5);
      const at = { n, call: 0xfffffff0, p, scale: Math.fround(1 / (1 - p)) };
      compare(dropout, at, { x: n, generator, mask: n, y: n }, 0);
    }
  }
});

test('Adam', () => {
  for (const n of SIZES) {
    for (const enabled of [0, 1]) {
      for (const decoupled of [0, 1]) {
        const clock = new Float32Array(CLOCK.length);
        clock[CLOCK.learningRate] = 0.01;
        clock[CLOCK.correction1] = 0.2;
        clock[CLOCK.correction2] = 0.03;
        clock[CLOCK.enabled] = enabled;
        clock[CLOCK.scale] = 0.7;
        const all = n + 5;
        const square = Float32Array.from({ length: all }, () => random.uniform());
        const rule = { beta1: 0.9, beta2: 0.999, gain1: 0.1, gain2: 0.001, eps: 1e-8 };
        const start = { clock, grad: all, param: all, mean: all, square };
        compare(adam, { offset: 3, n, decoupled, weight_decay: 0.1, ...rule }, start, 2e-6);
      }
    }
  }
});

test('sums over rows', () => {
  for (const inner of [2, 3, 4, 5, 8, 33, 257, 700]) {
    for (const n of [0, 1, 3, 500]) {
      const p = { op: REDUCE.sum, outer: 2, n, inner, scale: 0.5 };
      compare(reduce, p, { x: 2 * n * inner, out: 2 * inner }, 1e-6);
    }
  }
});

describe('a sum of squares', () => {
  test('follows the reference', () => {
    for (const n of SIZES) {
      compare(squareSum, { n, slot: 2 }, { x: n, out: 4 + 2 * squareSumSlots(n) }, 1e-6);
    }
  });

  test.each([NaN, Infinity, -Infinity])('counts %f', (value) => {
    for (const at of [0, 5, 8]) {
      const x = new Float32Array(9).fill(0.5);
      x[at] = value;
      const { out } = compare(squareSum, { n: 9, slot: 0 }, { x, out: 2 }, 1e-6);
      expect([...out]).toEqual([2, 1]);
    }
  });

  test('that overflows f32 is infinite, and counts nothing', () => {
    const x = Float32Array.of(1e30, 1, 1e30);
    const { out } = compare(squareSum, { n: 3, slot: 0 }, { x, out: 2 }, 1e-6);
    expect([...out]).toEqual([Infinity, 0]);
  });
});

test('rows by ids, and back', () => {
  for (const inner of [1, 3, 4, 5, 8, 33, 512]) {
    for (const count of [0, 1, 7, 900]) {
      const indexing = { outer: 2, n: 6, count, inner, id_outer: count, id_count: 1, id_inner: 0 };
      const picked = 2 * count * inner;
      compare(gather, indexing, { x: 12 * inner, ids: ids(2 * count, 6), out: picked }, 0);
      for (const add of [0, 1]) {
        const scattered = { g: picked, ids: ids(2 * count, 6), out: 12 * inner };
        compare(scatterAdd, { ...indexing, add }, scattered, 1e-4);
      }
    }
  }
});

describe('cross entropy', () => {
  const cases = [0, 1, 3, 5, 700].flatMap((rows) => [1, 3, 4, 5, 8, 87].map((n) => ({ rows, n })));

  test('follows the reference, ids outside and ignored too', () => {
    for (const { rows, n } of cases) {
      const logits = Float32Array.from({ length: rows * n }, () => 20 * random.normal());
      const targets = ids(rows, n);
      const class_weights = Float32Array.from({ length: n }, () => 3 * random.uniform());
      const given = { logits, targets, class_weights };
      const out = { loss: rows, weight: rows, mass: rows, highest: rows, logtotal: rows };
      for (const [ignore, weighted, smoothing] of [
        [-1, 0, 0],
        [2, 0, 0],
        [-1, 1, 0],
        [2, 0, 0.1],
        [2, 1, 0.3],
        [-1, 1, 1],
      ]) {
        const p = { rows, n, ignore, weighted, smoothing };
        const { mass, highest, logtotal } = compare(crossEntropy, p, { ...given, ...out }, 2e-6);
        const start = { ...given, mass, highest, logtotal, g: rows, dlogits: rows * n };
        compare(crossEntropyGradient, p, start, 4e-6);
      }
    }
  });

  test('with its gradient in one follows the reference', () => {
    for (const { rows, n } of cases) {
      const logits = Float32Array.from({ length: rows * n }, () => 20 * random.normal());
      const class_weights = Float32Array.from({ length: n }, () => 3 * random.uniform());
      const start = { logits, targets: ids(rows, n), class_weights, loss: rows, weight: rows };
      for (const [ignore, share, weighted, smoothing] of [
        [-1, 1, 0, 0],
        [2, 0.3, 0, 0],
        [-1, 1, 1, 0],
        [2, 0.3, 0, 0.1],
        [2, 1, 1, 0.3],
        [-1, 0.3, 1, 1],
      ]) {
        compare(softmaxLoss, { rows, n, ignore, share, weighted, smoothing }, start, 2e-6);
      }
    }
    const logits = Float32Array.of(1e30, 0, -1e30, 1e3, 1e3, -1e3, NaN, 0, 0);
    const targets = Int32Array.of(0, 1, 2);
    const start = { logits, targets, class_weights: new Float32Array(3), loss: 3, weight: 3 };
    const plain = { weighted: 0, smoothing: 0 };
    compare(softmaxLoss, { rows: 3, n: 3, ignore: -1, share: 1, ...plain }, start, 1e-6);
  });

  test('takes large logits, and a NaN stays one', () => {
    const logits = Float32Array.of(1e30, 0, -1e30, 1e3, 1e3, -1e3, NaN, 0, 0);
    const out = { loss: 3, weight: 3, mass: 3, highest: 3, logtotal: 3 };
    const given = { logits, targets: Int32Array.of(0, 1, 2), class_weights: 0 };
    const p = { rows: 3, n: 3, ignore: -1, weighted: 0, smoothing: 0 };
    const { loss } = compare(crossEntropy, p, { ...given, ...out }, 1e-6);
    expect([...loss]).toEqual([0, Math.fround(Math.log(2)), NaN]);
  });
});

describe.each(['exp', 'tanh', 'sigmoid', 'relu'] as const)('%s', (name) => {
  const { code, f } = UNARY[name];
  const run = (values: readonly number[]): number[] => {
    const x = Float32Array.from(values);
    const { y } = compare(unary, { n: x.length, op: code }, { x, y: x.length }, 1e-5);
    return [...y];
  };

  test('has a relative error below 1e-6', () => {
    const values = [-1, 1].flatMap((sign) =>
      Array.from({ length: 40_001 }, (_, i) => Math.fround((sign * 10 ** (i / 5000)) / 1e6)),
    );
    const found = run(values);
    for (const [i, x] of values.entries()) {
      const wanted = f(x);
      // Subnormal numbers have fewer digits, and the largest are infinite.
      if (Math.abs(wanted) < 1.2e-38 || Math.abs(wanted) > 3.4e38) continue;
      const error = Math.abs(found[i] / wanted - 1);
      if (!(error < 1e-6)) expect.fail(`${name}(${x}) is ${found[i]}, not ${wanted}`);
    }
  });

  test('ends where it should, and keeps NaN', () => {
    const ends = [-Infinity, -1e30, -200, 0, 200, 1e30, Infinity, NaN];
    expect(run(ends)).toEqual(ends.map((x) => Math.fround(f(x))));
  });
});
