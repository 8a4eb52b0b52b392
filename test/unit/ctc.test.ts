/** The CTC loss, against sums over every path, closed forms and published values. */
import { describe, expect, test } from 'vitest';

import {
  ArgumentError,
  backward,
  ctcLoss,
  detach,
  DisposedError,
  DTypeError,
  IndexError,
  logSoftmax,
  mul,
  openDevice,
  Random,
  ShapeError,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { ctcGreedy } from '../../src/ctc/index';
import { ctc, ctcScratch } from '../../src/kernels/ctc';
import { labelTensor, padded, runCtc } from '../setup/ctc_loss';
import type { CtcBatch, CtcGiven } from '../setup/ctc_loss';
import { expectClose } from '../setup/fixtures';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
const reference = await openDevice('cpu', { reference: true });
const DEVICES: [string, Device, DType][] = [
  ['fast, f32', device, 'f32'],
  ['reference, f32', reference, 'f32'],
  ['reference, f64', device, 'f64'],
];

const ids = (values: readonly number[], shape: number[], on = device): Tensor =>
  labelTensor(on, values, shape);
const run = (batch: CtcBatch, given: CtcGiven = {}, on = device, dtype: DType = 'f32') =>
  runCtc(batch, given, on, dtype);

/** What is left once equal neighbours are merged and blanks dropped. */
const spelt = (path: readonly number[], blank: number): number[] =>
  path.filter((c, t) => c !== blank && c !== path[t - 1]);

function paths(time: number, classes: number): number[][] {
  if (time === 0) return [[]];
  return paths(time - 1, classes).flatMap((head) =>
    Array.from({ length: classes }, (_, c) => [...head, c]),
  );
}

/** -log of the sum of the probabilities of all paths that spell the labels, of logits of [time, classes]. */
function enumerated(
  logits: readonly number[],
  [time, classes]: readonly [number, number],
  labels: readonly number[],
  blank: number,
): number {
  const rows = Array.from({ length: time }, (_, t) => {
    const row = logits.slice(t * classes, (t + 1) * classes).map(Math.exp);
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((e) => e / total);
  });
  const sum = paths(time, classes)
    .filter((path) => spelt(path, blank).join() === labels.join())
    .reduce((total, path) => total + path.reduce((product, c, t) => product * rows[t][c], 1), 0);
  return -Math.log(sum);
}

const SINES = Array.from({ length: 24 }, (_, i) =>
  Math.sin(1 + 2 * Math.floor(i / 4) + 3 * (i % 4)),
);

describe.each(DEVICES)('%s', (_, on, dtype) => {
  const close = dtype === 'f64' ? 1e-12 : 2e-6;

  // Losses and gradients of the first and last frame, by enumeration in double precision.
  test.each<[number[], number, number, number[], number[]]>([
    [
      ...([[1, 1, 2], 0, 6.7565862] as const),
      [0.110644, -0.584262, 0.364072, 0.109546],
      [-0.237998, 0.453745, -0.635587, 0.41984],
    ],
    [
      ...([[0, 0, 1], 3, 4.1595925] as const),
      [-0.423903, 0.08855, 0.364072, -0.028719],
      [0.061988, -0.397749, 0.064427, 0.271334],
    ],
    [
      ...([[2], 0, 6.5210437] as const),
      [-0.294989, 0.08855, 0.096893, 0.109546],
      [-0.631847, 0.453745, -0.241739, 0.41984],
    ],
    [
      ...([[], 0, 9.6211208] as const),
      [-0.562168, 0.08855, 0.364072, 0.109546],
      [-0.938012, 0.453745, 0.064427, 0.41984],
    ],
  ] as never)('sines, labels %j, blank %i', async (labels, blank, wanted, first, last) => {
    const batch = { values: SINES, time: 6, classes: 4, targets: [labels] };
    const { loss, gradient } = await run(batch, { blank, reduction: 'sum' }, on, dtype);
    expectClose(loss, [wanted], { atol: 1e-6, rtol: 0 });
    expectClose(gradient.slice(0, 4), first, { atol: 1e-6, rtol: 0 });
    expectClose(gradient.slice(-4), last, { atol: 1e-6, rtol: 0 });
  });

  test('the values that Keras tests with', async () => {
    const long = [0.4, 0.8, 0.4, 0.2, 0.8, 0.3, 0.9, 0.4, 0.5];
    const short = [0.4, 0.8, 0.4, 0.2, 0.3, 0.3, NaN, NaN, NaN];
    const values = [0, 3, 6].flatMap((t) => [...long.slice(t, t + 3), ...short.slice(t, t + 3)]);
    const targets = [
      [1, 2, 1],
      [1, 2],
    ];
    const batch = { values, time: 3, classes: 3, targets, frames: [3, 2] };
    const { loss, gradient } = await run(batch, { reduction: 'none' }, on, dtype);
    expectClose(loss, [3.4411672, 1.9168018], { atol: 1e-6, rtol: 0 });
    expect(gradient.slice(-3)).toEqual([0, 0, 0]);
  });

  test.each([
    ['many lengths, blank in front', 0, [[1, 2], [1, 1], [], [2, 1, 2], [2]], [4, 3, 3, 3, 1]],
    ['blank in the middle', 1, [[0, 2], [2, 2], [], [0, 0, 2], [0]], [4, 4, 1, 4, 2]],
    ['blank at the end', 2, [[0, 0], [1], [1, 0, 1, 0], [0, 1, 1], []], [4, 2, 4, 4, 4]],
  ])('enumeration: %s', async (_, blank, targets, frames) => {
    const random = new Random(3);
    const values = Array.from({ length: 4 * 5 * 3 }, () => Math.fround(2 * random.normal()));
    const batch = { values, time: 4, classes: 3, targets, frames };
    const wanted = targets.map((labels, b) => {
      const own = values.filter((_, i) => Math.floor(i / 3) % 5 === b).slice(0, 3 * frames[b]);
      return enumerated(own, [frames[b], 3], labels, blank);
    });
    expect(wanted.every(Number.isFinite)).toBe(true);
    const { loss } = await run(batch, { blank, reduction: 'none' }, on, dtype);
    expectClose(loss, wanted, { atol: close, rtol: close });
    const mean = wanted.reduce((sum, x, b) => sum + x / Math.max(1, targets[b].length), 0) / 5;
    expectClose((await run(batch, { blank }, on, dtype)).loss, [mean], {
      atol: close,
      rtol: close,
    });
  });

  test('each path of its own: all losses together are the probability 1', async () => {
    const all = paths(3, 3).map((path) => spelt(path, 0).join());
    const targets = [...new Set(all)].map((text) => (text ? text.split(',').map(Number) : []));
    const frame = [0.3, -1, 0.7];
    const values = [0, 1, 2].flatMap((t) => targets.flatMap(() => frame.map((x) => x * (t - 0.5))));
    const batch = { values, time: 3, classes: 3, targets };
    const { loss } = await run(batch, { reduction: 'none' }, on, dtype);
    expect(loss.reduce((sum, x) => sum + Math.exp(-x), 0)).toBeCloseTo(1, 6);
  });

  test('gradients of a frame sum to 0, of log-probabilities to -1', async () => {
    const random = new Random(8);
    const [time, batch, classes] = [30, 4, 7];
    const values = Array.from({ length: time * batch * classes }, () => 3 * random.normal());
    const targets = [[1, 1, 2, 6, 6, 6], [5], [], [1, 2, 3, 4, 5, 6, 5, 4, 3, 2]];
    const frames = [30, 11, 4, 17];
    const given = { values, time, classes, targets, frames };
    for (const fromLogProbs of [false, true]) {
      const options = { reduction: 'sum', fromLogProbs } as const;
      const { gradient } = await run(given, options, on, dtype);
      for (let row = 0; row < time * batch; row++) {
        const own = gradient.slice(row * classes, (row + 1) * classes);
        const counts = Math.floor(row / batch) < frames[row % batch];
        const total = own.reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(counts && fromLogProbs ? -1 : 0, 5);
        expect(own.every((g) => (counts ? Math.abs(g) <= 1.00001 : g === 0))).toBe(true);
      }
    }
  });

  test('from log-probabilities: the same loss, and the gradient through logSoftmax', async () => {
    const random = new Random(9);
    const x = tensor(
      on,
      Array.from({ length: 60 }, () => random.normal()),
      [5, 3, 4],
      {
        dtype,
        requiresGrad: true,
      },
    );
    const targets = ids([1, 2, 3, 3, 2, 0], [3, 2], on);
    const lengths = { inputLengths: [5, 4, 5], targetLengths: [2, 2, 1] };
    const fused = ctcLoss(x, targets, lengths);
    backward(fused, { retainGraph: true });
    const wanted = [...(await x.grad!.data())];
    x.grad = undefined;
    const apart = ctcLoss(logSoftmax(x, 2), targets, { ...lengths, fromLogProbs: true });
    expectClose(await apart.data(), await fused.data(), { atol: close, rtol: close });
    backward(apart);
    expectClose(await x.grad!.data(), wanted, { atol: close, rtol: 0 });
  });

  test('what has no path: infinity, or 0 with zeroInfinity, and a gradient of 0', async () => {
    const random = new Random(10);
    const values = Array.from({ length: 3 * 5 * 3 }, () => random.normal());
    // A repeat without a frame for its blank, too many labels, no frame, neither frame nor label, and one that fits.
    const targets = [[1, 1, 2], [1, 2, 1], [1], [], [2, 1]];
    const batch = { values, time: 3, classes: 3, targets, frames: [3, 2, 0, 0, 3] };
    const plain = await run(batch, { reduction: 'none' }, on, dtype);
    expect(plain.loss.slice(0, 4)).toEqual([Infinity, Infinity, Infinity, 0]);
    expect(plain.loss[4]).toBeGreaterThan(0);
    const zero = await run(batch, { reduction: 'none', zeroInfinity: true }, on, dtype);
    expect(zero.loss).toEqual([0, 0, 0, 0, plain.loss[4]]);
    expect(zero.gradient).toEqual(plain.gradient);
    plain.gradient.forEach((g, i) => {
      if (Math.floor(i / 3) % 5 < 4) expect(g).toBe(0);
      else expect(g).not.toBe(0);
    });
    expect((await run(batch, {}, on, dtype)).loss).toEqual([Infinity]);
    const mean = (await run(batch, { zeroInfinity: true }, on, dtype)).loss[0];
    expect(mean).toBeCloseTo(plain.loss[4] / 2 / 5, 6);
  });

  test('a label whose probability is 0: as what has no path', async () => {
    const values = [0, -Infinity, 0, 0, -Infinity, 0, 1, -Infinity, 2, 0, -Infinity, 1];
    const batch = { values, time: 2, classes: 3, targets: [[1], [2]] };
    const plain = await run(batch, { reduction: 'none' }, on, dtype);
    expect(plain.loss[0]).toBe(Infinity);
    expect(plain.loss[1]).toBeGreaterThan(0);
    const zero = await run(batch, { reduction: 'none', zeroInfinity: true }, on, dtype);
    expect(zero).toEqual({ loss: [0, plain.loss[1]], gradient: plain.gradient });
    plain.gradient.forEach((g, i) => {
      if (Math.floor(i / 3) % 2 === 0 || values[i] === -Infinity) expect(g).toBe(0);
      else expect(Math.abs(g)).toBeGreaterThan(0);
    });
  });

  test.each([
    ['certain', 17],
    ['more than certain', 80],
    ['a class ruled out', 1e30],
  ])('%s: a loss that is not negative, and no NaN', async (_, size) => {
    const path = [0, 1, 0, 2, 2];
    const values = path.flatMap((label) => [0, 1, 2].map((c) => (c === label ? size : -size)));
    const right = await run({ values, time: 5, classes: 3, targets: [[1, 2]] }, {}, on, dtype);
    expect(right.loss[0]).toBeGreaterThanOrEqual(0);
    expect(right.loss[0]).toBeLessThan(1e-6);
    const wrong = await run({ values, time: 5, classes: 3, targets: [[2, 1]] }, {}, on, dtype);
    expect(wrong.loss[0]).toBeGreaterThan(size);
    expect(wrong.gradient.some(Number.isNaN)).toBe(false);
  });

  // Of uniform logits, by the number of paths: binomial(T + L - R, 2 L), which the logarithm of gamma gives.
  test.each([
    [5000, 400, 1],
    [2000, 60, 5],
    [1200, 700, 3],
    [800, 400, 399],
  ])('uniform logits, %i frames, %i labels, a repeat every %i', async (time, length, every) => {
    const labels = Array.from({ length }, (_, j) => 1 + (Math.floor(j / every) % 2));
    const repeats = labels.filter((label, j) => j > 0 && label === labels[j - 1]).length;
    let wanted = time * Math.log(5);
    for (let k = 1; k <= 2 * length; k++) {
      wanted -= Math.log((time + length - repeats - 2 * length + k) / k);
    }
    const batch = { values: new Array(time * 5).fill(0) as number[], time, classes: 5 };
    // In single precision a posterior is the exponential of numbers with rounding errors of thousands of frames.
    const { loss, gradient } = await run(
      { ...batch, targets: [labels] },
      { reduction: 'sum' },
      on,
      dtype,
    );
    expectClose(loss, [wanted], { atol: 0, rtol: dtype === 'f64' ? 1e-11 : 1e-6 });
    for (const t of [0, Math.floor(time / 2), time - 1]) {
      const frame = gradient.slice(5 * t, 5 * t + 5);
      expect(frame.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
      expect(frame[4]).toBeCloseTo(0.2, 6);
    }
  });

  test('padding and the order of the batch change no bit', async () => {
    const random = new Random(11);
    const rows = [0, 1].map(() => Array.from({ length: 24 }, () => random.normal()));
    const of = (order: number[], time: number, more: number[]): CtcBatch => ({
      values: Array.from({ length: time }, (_, t) =>
        order.flatMap((b) => (t < 6 ? rows[b].slice(4 * t, 4 * t + 4) : [NaN, NaN, 1e30, -1])),
      ).flat(),
      time,
      classes: 4,
      targets: [...order.map((b) => [[1, 1, 2], [3]][b]), ...more.map(() => [])],
      frames: order.map(() => 6),
    });
    const given = { reduction: 'none' } as const;
    const plain = await run(of([0, 1], 6, []), given, on, dtype);
    const turned = await run(of([1, 0], 9, []), given, on, dtype);
    expect(turned.loss).toEqual([plain.loss[1], plain.loss[0]]);
    const frame = (gradient: number[], t: number, b: number) =>
      gradient.slice((2 * t + b) * 4, (2 * t + b) * 4 + 4);
    for (let t = 0; t < 9; t++) {
      for (const b of [0, 1]) {
        const wanted = t < 6 ? frame(plain.gradient, t, 1 - b) : [0, 0, 0, 0];
        expect(frame(turned.gradient, t, b)).toEqual(wanted);
      }
    }
    expect(await run(of([0, 1], 6, []), given, on, dtype)).toEqual(plain);
  });

  test('concatenated targets, in a tensor with room, are those of a padded one', async () => {
    const random = new Random(12);
    const values = Array.from({ length: 6 * 4 * 3 }, () => random.normal());
    const targets = [[1, 2], [], [2, 2, 1], [1]];
    const wanted = await run({ values, time: 6, classes: 3, targets }, {}, on, dtype);
    const logits = tensor(on, values, [6, 4, 3], { dtype, requiresGrad: true });
    const loss = ctcLoss(logits, ids([...targets.flat(), 99, -1], [8], on), {
      inputLengths: [6, 6, 6, 6],
      targetLengths: ids([2, 0, 3, 1], [4], on),
    });
    expect([...(await loss.data())]).toEqual(wanted.loss);
    backward(loss);
    expect([...(await logits.grad!.data())]).toEqual(wanted.gradient);
  });

  test('the gradient is multiplied by what comes in, sequence by sequence', async () => {
    const random = new Random(13);
    const values = Array.from({ length: 5 * 2 * 3 }, () => random.normal());
    const targets = [[1, 2], [2]];
    const batch = { values, time: 5, classes: 3, targets };
    const { gradient } = await run(batch, { reduction: 'none' }, on, dtype);
    const logits = tensor(on, values, [5, 2, 3], { dtype, requiresGrad: true });
    const lengths = { inputLengths: [5, 5], targetLengths: [2, 1] };
    const loss = ctcLoss(logits, padded(targets, on), { ...lengths, reduction: 'none' });
    backward(sum(mul(loss, tensor(on, [1, 3], [2], { dtype }))));
    const wanted = gradient.map((g, i) => g * (Math.floor(i / 3) % 2 ? 3 : 1));
    expectClose(await logits.grad!.data(), wanted, { atol: 1e-6, rtol: 1e-6 });

    logits.grad = undefined;
    const total = ctcLoss(logits, padded(targets, on), { ...lengths, reduction: 'sum' });
    backward(mul(total, 0.5), { retainGraph: true });
    backward(mul(total, 0.5));
    expectClose(await logits.grad!.data(), gradient, { atol: 1e-6, rtol: 1e-6 });
  });

  test('no sequences, no labels at all, one class', async () => {
    const empty = { values: [], time: 3, classes: 2, targets: [] };
    const logits = tensor(on, [], [3, 0, 2], { dtype, requiresGrad: true });
    const none = ctcLoss(logits, ids([], [0, 2], on), { inputLengths: [], targetLengths: [] });
    expect([await none.item(), empty.values]).toEqual([0, []]);
    backward(none);
    expect(logits.grad!.size).toBe(0);
    const batch = { values: [0, 0, 0, 0, 0, 0], time: 2, classes: 3, targets: [[]] };
    expect((await run(batch, {}, on, dtype)).loss[0]).toBeCloseTo(2 * Math.log(3), 6);
    const single = { values: [4, 4], time: 2, classes: 1, targets: [[]] };
    expect(await run(single, {}, on, dtype)).toEqual({ loss: [0], gradient: [0, 0] });
  });
});

test.each(['none', 'sum', 'mean'] as const)('numeric gradients agree, %s', async (reduction) => {
  const random = new Random(14);
  const values = Array.from({ length: 5 * 4 * 3 }, () => random.normal());
  const logits = tensor(device, values, [5, 4, 3], { dtype: 'f64', requiresGrad: true });
  const targets = padded([[1, 1], [2, 1, 2], [], [1]], device);
  const lengths = { inputLengths: [5, 4, 3, 5], targetLengths: [2, 3, 0, 1] };
  for (const fromLogProbs of [false, true]) {
    const options = { ...lengths, reduction, fromLogProbs };
    await expectGradients((x) => ctcLoss(x, targets, options), [logits]);
  }
});

test.each([
  ['small', 1],
  ['that underflow in single precision', 60],
  ['that underflow in double precision', 600],
])('the fast kernel and the reference agree, scores %s', async (_, size) => {
  const random = new Random(15);
  const [time, classes] = [40, 6];
  const targets = [[1, 1, 2, 3, 3, 3, 4], [5, 4, 3, 2, 1], [], [2]];
  const values = Array.from({ length: time * 4 * classes }, () => size * random.normal());
  const batch = { values, time, classes, targets, frames: [40, 9, 20, 33] };
  for (const fromLogProbs of [false, true]) {
    const given = { reduction: 'none', fromLogProbs } as const;
    const [fast, slow] = [await run(batch, given), await run(batch, given, reference)];
    expectClose(fast.loss, slow.loss, { atol: 1e-6, rtol: 1e-6 });
    expectClose(fast.gradient, slow.gradient, { atol: 2e-6, rtol: 0 });
  }
});

test('NaN among log-probabilities is found in a class that no path goes through', async () => {
  const logits = tensor(device, [-1, -1, NaN, -1, -1, -2], [2, 1, 3]);
  const loss = ctcLoss(logits, tensor(device, [1], [1, 1], { dtype: 'i32' }), {
    inputLengths: [2],
    targetLengths: [1],
    fromLogProbs: true,
  });
  expect(await loss.item()).toBeNaN();
});

test('NaN in a frame that counts is a loss of NaN, of that sequence alone', async () => {
  const values = [0, 0, NaN, 0, 0, 0, 0, 0, 0, 0, 1, 2];
  const batch = { values, time: 2, classes: 3, targets: [[1], [2]] };
  expect((await run(batch)).loss).toEqual([NaN]);
  const other = Math.log((3 * (1 + Math.E + Math.E ** 2)) / (1 + 2 * Math.E ** 2));
  for (const on of [device, reference]) {
    const { loss, gradient } = await run(batch, { reduction: 'none' }, on);
    expect(loss).toEqual([NaN, expect.closeTo(other, 6)]);
    const broken = gradient.flatMap((g, i) => (Number.isNaN(g) ? [Math.floor(i / 3) % 2] : []));
    expect([...new Set(broken)]).toEqual([0]);
  }
  // Decoders name the frame.
  const frames = { shape: [2, 2, 3], data: values };
  expect(() => ctcGreedy(frames, { lengths: [2, 2] })).toThrow(
    /frame 0 of sequence 0 has NaN for class 2/,
  );
});

test('backward frees the logits, and a detached view of them is read', async () => {
  const leaf = tensor(device, SINES, [3, 2, 4], { requiresGrad: true });
  const logits = mul(leaf, 1);
  const kept = detach(logits);
  const options = { inputLengths: [3, 3], targetLengths: [1, 1] };
  const losses = ctcLoss(logits, ids([1, 2], [2, 1]), { ...options, reduction: 'none' });
  const keptLosses = detach(losses);
  backward(sum(losses));
  for (const freed of [logits, losses]) {
    await expect(async () => freed.data()).rejects.toThrow(DisposedError);
  }
  expect(await keptLosses.data()).toHaveLength(2);
  const frames = { shape: kept.shape, data: await kept.data() };
  expect(ctcGreedy(frames, { lengths: [3, 3] })).toHaveLength(2);
});

test('three dispatches up to 2,048 frames, one more for each 2,048 beyond', () => {
  const params = { time: 2000, batch: 32, classes: 40, labels: 30, longest: 30, gradients: 1 };
  const rest = { concatenated: 0, blank: 0, from_log_probs: 0, divide: 1, scale: 1 };
  const launches = (time: number) =>
    ctc.launch({ ...params, ...rest, infeasible: Infinity, first: 0, time });
  expect(launches(2000).map(({ entry }) => entry)).toEqual(['prepare', 'sweep', 'gradient']);
  expect(launches(5000)).toHaveLength(5);
});

test('memory is that of the longest target, however long all of them together are', async () => {
  const [time, batch, length] = [3000, 32, 100];
  const labels = Array.from({ length: batch * length }, (_, i) => 1 + (i % 2));
  const options = {
    inputLengths: new Array<number>(batch).fill(time),
    targetLengths: new Array<number>(batch).fill(length),
  };
  // As many states for each sequence would take 4.6 GB.
  const logits = zeros(device, [time, batch, 3], { requiresGrad: true });
  const concatenated = await ctcLoss(logits, ids(labels, [labels.length]), options).item();
  expect(concatenated).toBe(await ctcLoss(logits, ids(labels, [batch, length]), options).item());
  const byTensor = { ...options, targetLengths: ids(options.targetLengths, [batch]) };
  const again = ctcLoss(logits, ids(labels, [labels.length]), byTensor);
  expect(await again.item()).toBe(concatenated);
  const scratch = (longest: number, gradients: number) =>
    ctcScratch({
      ...{ time: 1000, batch: 32, classes: 40, labels: 3200, longest, concatenated: 1, blank: 0 },
      ...{ gradients, from_log_probs: 0, divide: 1, scale: 1, infeasible: Infinity, first: 0 },
    });
  // 2 T (2 L + 1) floats for each sequence, and little besides.
  expect((4 * scratch(100, 1)) / 1e6).toBeCloseTo(51.6, 1);
  expect(4 * scratch(100, 0)).toBeLessThan(300_000);
});

test('backward leaves nothing behind', () => {
  const logits = tensor(device, SINES, [6, 1, 4], { requiresGrad: true });
  const targets = ids([1, 2], [1, 2]);
  const before = device.memory().liveTensors;
  for (const reduction of ['none', 'sum', 'mean'] as const) {
    const loss = ctcLoss(logits, targets, { inputLengths: [6], targetLengths: [2], reduction });
    const root = reduction === 'none' ? sum(loss) : loss;
    backward(root);
    root.dispose();
  }
  logits.grad!.dispose();
  expect(device.memory().liveTensors).toBe(before);
});

test('a recorded step reads logits, targets and lengths anew', async () => {
  const random = new Random(16);
  const draw = () => Array.from({ length: 6 * 2 * 4 }, () => random.normal());
  const logits = tensor(device, draw(), [6, 2, 4], { requiresGrad: true });
  const targets = ids([1, 1, 2, 3, 0, 0], [2, 3]);
  const [frames, counts] = [ids([6, 4], [2]), ids([3, 1], [2])];
  const lengths = { inputLengths: frames, targetLengths: counts };
  const step = device.record(() => {
    const loss = ctcLoss(logits, targets, lengths);
    backward(loss);
    const { grad } = logits;
    logits.grad = undefined;
    return [loss, grad!];
  }, [logits, targets, frames, counts]);
  const values = draw();
  step.replay(values, [2, 9, 9, 3, 3, 1], [5, 6], [1, 3]);
  const wanted = await run({
    values,
    time: 6,
    classes: 4,
    targets: [[2], [3, 3, 1]],
    frames: [5, 6],
  });
  const [loss, gradient] = await Promise.all(step.result.map((x) => x.data()));
  expect([[...loss], [...gradient]]).toEqual([wanted.loss, wanted.gradient]);
  for (const [labels, inputs, numbers] of [
    [
      [2, 4, 9, 3, 3, 1],
      [5, 6],
      [2, 3],
    ],
    [
      [2, 1, 1, 3, 3, 1],
      [5, 7],
      [2, 3],
    ],
    [
      [2, 1, 1, 3, 3, 1],
      [5, 6],
      [2, 4],
    ],
  ]) {
    expect(() => step.replay(values, labels, inputs, numbers)).toThrow(IndexError);
  }
  step.dispose();
});

test('lists of lengths stand in a recorded step', async () => {
  const logits = tensor(device, SINES, [6, 1, 4]);
  const targets = ids([1, 2], [1, 2]);
  const options = { inputLengths: new Int32Array([5]), targetLengths: [2] };
  const step = device.record(() => ctcLoss(logits, targets, options), [logits]);
  step.replay(SINES.map((x) => 2 * x));
  const doubled = mul(logits, 1);
  expect(await step.result.item()).toBe(await ctcLoss(doubled, targets, options).item());
  step.dispose();
});

describe('what does not fit is refused', () => {
  const logits = tensor(device, SINES, [3, 2, 4]);
  const targets = ids([1, 2, 3, 9], [2, 2]);
  const fits = { inputLengths: [3, 3], targetLengths: [2, 1] };
  const call =
    (options: object, labels = targets, x = logits) =>
    () =>
      ctcLoss(x, labels, { ...fits, ...options });

  test('the padding counts nothing', async () => {
    expect(await call({})().item()).toBeGreaterThan(0);
  });

  test.each<[string, new (message: string) => Error, RegExp, () => unknown]>([
    [
      'a label too large',
      IndexError,
      /targets holds 9 at place 1 of sequence 1, classes run from 0 to 3/,
      call({ targetLengths: [2, 2] }),
    ],
    [
      'a negative label',
      IndexError,
      /targets holds -1 at place 0 of sequence 0/,
      call({}, ids([-1, 2, 3, 9], [2, 2])),
    ],
    [
      'a blank label',
      IndexError,
      /targets holds 2 at place 1 of sequence 0, which is blank/,
      call({ blank: 2 }),
    ],
    [
      'a length beyond the frames',
      IndexError,
      /inputLengths holds 4 at position 1; there are 0 to 3 frames/,
      call({ inputLengths: [3, 4] }),
    ],
    [
      'a negative length',
      IndexError,
      /targetLengths holds -1 at position 0; there are 0 to 2 labels/,
      call({ targetLengths: [-1, 1] }),
    ],
    [
      'a length beyond the labels',
      IndexError,
      /targetLengths holds 3 at position 0/,
      call({ targetLengths: ids([3, 1], [2]) }),
    ],
    [
      'too few labels one after the other',
      IndexError,
      /add up to more than the 3 labels/,
      call({ targetLengths: [2, 2] }, ids([1, 2, 1], [3])),
    ],
    [
      'a tensor as options',
      ArgumentError,
      /options = a tensor; an object is needed/,
      () => ctcLoss(logits, targets, ids([3, 3], [2]) as never),
    ],
    [
      'batch-first logits',
      ShapeError,
      /targets has shape \[2, 2\]; .* as logits of \[2, 3, 4\] are \[time, batch, classes\]/,
      call({}, ids([1, 1, 1, 1], [2, 2]), tensor(device, SINES, [2, 3, 4])),
    ],
    [
      'batch-first logits and labels one after the other',
      ShapeError,
      /inputLengths has 2 lengths for a batch of 3; .* as logits of \[2, 3, 4\] are/,
      call({ inputLengths: [3, 3] }, ids([1, 1], [2]), tensor(device, SINES, [2, 3, 4])),
    ],
    [
      'no lengths',
      ArgumentError,
      /inputLengths = undefined; a list or an i32 tensor of \[2\]/,
      call({ inputLengths: undefined }),
    ],
    ['one length', ArgumentError, /targetLengths = 2; a list/, call({ targetLengths: 2 })],
    [
      'half a frame',
      ArgumentError,
      /inputLengths\[0\] = 2.5; an integer/,
      call({ inputLengths: [2.5, 3] }),
    ],
    [
      'too few lengths',
      ShapeError,
      /inputLengths has 1 lengths for a batch of 2/,
      call({ inputLengths: [3] }),
    ],
    [
      'lengths of another shape',
      ShapeError,
      /targetLengths has shape \[3\]; \[2\]/,
      call({ targetLengths: ids([1, 1, 1], [3]) }),
    ],
    [
      'lengths as floats',
      DTypeError,
      /targetLengths is f32/,
      call({ targetLengths: tensor(device, [1, 1], [2]) }),
    ],
    ['targets as floats', DTypeError, /targets is f32/, call({}, tensor(device, [1, 1], [2, 1]))],
    [
      'targets of another batch',
      ShapeError,
      /targets has shape \[1, 2\]; \[2, longest\]/,
      call({}, ids([1, 1], [1, 2])),
    ],
    [
      'flat logits',
      ShapeError,
      /logits have shape \[24\]; \[time, batch, classes\]/,
      call({}, targets, tensor(device, SINES, [24])),
    ],
    ['logits of integers', DTypeError, /logits is i32/, call({}, targets, ids([1, 1], [1, 1, 2]))],
    [
      'a blank that is no class',
      ArgumentError,
      /blank = 4; a class is needed, an integer from 0 to 3/,
      call({ blank: 4 }),
    ],
    ['an unknown reduction', ArgumentError, /reduction = all/, call({ reduction: 'all' })],
    [
      'a flag that is none',
      ArgumentError,
      /zeroInfinity = 1; true or false/,
      call({ zeroInfinity: 1 }),
    ],
  ])('%s', (_, type, message, refused) => {
    expect(refused).toThrow(type);
    expect(refused).toThrow(message);
  });
});
