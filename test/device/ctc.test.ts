/** The CTC loss: WebGPU beside the CPU, long sequences, recorded. */
import { expect, test } from 'vitest';

import { backward, ctcLoss, dispose, noGrad, Random, tensor } from '../../src/index';
import type { CTCLossOptions, Device } from '../../src/index';
import { cpu, gpu } from '../setup/devices';
import { expectClose } from '../setup/fixtures';

interface Batch {
  readonly shape: readonly [time: number, batch: number, classes: number];
  readonly values: readonly number[];
  readonly targets: readonly (readonly number[])[];
  readonly frames: readonly number[];
}

function random(
  [time, batch, classes]: Batch['shape'],
  lengths: readonly number[],
  scale = 2,
): Batch {
  const source = new Random(time + classes);
  return {
    shape: [time, batch, classes],
    values: Array.from({ length: time * batch * classes }, () => scale * source.normal()),
    // Not all pairs differ.
    targets: lengths.map((length) =>
      Array.from({ length }, () => 1 + Math.floor((classes - 1) * source.uniform() ** 2)),
    ),
    frames: Array.from({ length: batch }, (_, b) => time - 3 * b),
  };
}

async function run(on: Device, { shape, values, targets, frames }: Batch, given: object = {}) {
  const logits = tensor(on, values, shape, { requiresGrad: true });
  const labels = tensor(on, targets.flat(), [targets.flat().length], { dtype: 'i32' });
  const options: CTCLossOptions = {
    inputLengths: frames,
    targetLengths: targets.map(({ length }) => length),
    ...given,
  };
  const loss = ctcLoss(logits, labels, options);
  const quiet = noGrad(() => ctcLoss(logits, labels, options));
  const gradient = tensor(on, new Array<number>(loss.size).fill(1), loss.shape);
  backward(loss, { gradient, retainGraph: true });
  const results = await Promise.all([loss, quiet, logits.grad!].map((x) => x.data()));
  dispose([logits, logits.grad!, labels, gradient, loss, quiet]);
  return results.map((x) => [...x]);
}

test.each<[string, Batch, object]>([
  ['each loss', random([50, 4, 7], [6, 0, 12, 20]), { reduction: 'none' }],
  ['mean', random([50, 4, 7], [6, 0, 12, 20]), {}],
  [
    'sum, from log-probabilities',
    random([30, 2, 5], [3, 8]),
    { reduction: 'sum', fromLogProbs: true },
  ],
  ['more states than threads', random([260, 2, 40], [100, 70]), { reduction: 'none' }],
  ['more classes than threads', random([40, 2, 200], [10, 4]), { blank: 0, reduction: 'none' }],
  ['scores that underflow', random([60, 3, 6], [9, 25, 1], 60), { reduction: 'none' }],
  ['no path', random([8, 2, 3], [8, 7], 1), { reduction: 'none', zeroInfinity: true }],
  ['no path is infinity', random([8, 2, 3], [8, 7], 1), { reduction: 'sum' }],
])('%s', async (_, batch, given) => {
  const wanted = await run(cpu, batch, given);
  const found = await run(gpu, batch, given);
  expectClose(found[0], wanted[0], { atol: 1e-5, rtol: 1e-5 });
  expectClose(found[1], found[0], { atol: 1e-6, rtol: 1e-6 });
  expectClose(found[2], wanted[2], { atol: 1e-5, rtol: 1e-5 });
  expect(await run(gpu, batch, given)).toEqual(found);
});

// By the number of paths, binomial(T + L, 2 L); over more than one dispatch a direction.
test.each([
  [5000, 400, false],
  [2300, 60, true],
])('uniform logits, %i frames, %i labels', async (time, length, differentiate) => {
  const classes = 4;
  let wanted = time * Math.log(classes);
  for (let k = 1; k <= 2 * length; k++) wanted -= Math.log((time - length + k) / k);
  const zeros = new Array<number>(time * classes).fill(0);
  const logits = tensor(gpu, zeros, [time, 1, classes], { requiresGrad: differentiate });
  const labels = Array.from({ length }, (_, j) => 1 + (j % 2));
  const targets = tensor(gpu, labels, [1, length], { dtype: 'i32' });
  const options = { inputLengths: [time], targetLengths: [length], reduction: 'sum' } as const;
  const loss = ctcLoss(logits, targets, options);
  expectClose(await loss.data(), [wanted], { atol: 0, rtol: 1e-5 });
  if (differentiate) {
    backward(loss);
    const gradient = [...(await logits.grad!.data())];
    for (let t = 0; t < time; t++) {
      const frame = gradient.slice(classes * t, classes * t + classes);
      expect(Math.abs(frame.reduce((a, b) => a + b, 0))).toBeLessThan(2e-6);
      expect(frame[3]).toBeCloseTo(0.25, 6);
    }
    logits.grad!.dispose();
  }
  dispose([logits, targets, loss]);
});

test('NaN in a frame that counts is a loss of NaN, of that sequence alone', async () => {
  const batch = random([20, 3, 5], [4, 2, 3]);
  const [time, sequences, classes] = batch.shape;
  for (const t of [0, 7, time - 7]) {
    const values = batch.values.with((t * sequences + 1) * classes + 2, NaN);
    const [loss, quiet, gradient] = await run(gpu, { ...batch, values }, { reduction: 'none' });
    expect(loss.map(Number.isNaN)).toEqual([false, true, false]);
    expect(quiet).toEqual(loss);
    expect(gradient.some(Number.isNaN)).toBe(true);
    gradient.forEach((g, i) => {
      if (Math.floor(i / classes) % sequences !== 1) expect(g).not.toBeNaN();
    });
  }
});

test('NaN in padding counts nothing', async () => {
  const batch = random([20, 3, 5], [4, 2, 0]);
  const values = batch.values.map((x, i) =>
    Math.floor(i / 15) < batch.frames[Math.floor(i / 5) % 3] ? x : NaN,
  );
  const found = await run(gpu, { ...batch, values });
  expect(found).toEqual(await run(gpu, batch));
  found[2].forEach((g, i) => {
    if (Number.isNaN(values[i])) expect(g).toBe(0);
  });
});

test('four dispatches for loss and gradient; replay reads lengths and targets anew', async () => {
  const { shape, values } = random([12, 2, 5], [3, 3]);
  const results = [];
  for (const on of [cpu, gpu]) {
    const logits = tensor(on, values, shape, { requiresGrad: true });
    const ids = (list: number[], size: number[]) => tensor(on, list, size, { dtype: 'i32' });
    const targets = ids([1, 1, 2, 4, 3, 2], [2, 3]);
    const [frames, counts] = [ids([12, 9], [2]), ids([2, 1], [2])];
    const step = on.record(() => {
      const loss = ctcLoss(logits, targets, { inputLengths: frames, targetLengths: counts });
      backward(loss);
      const { grad } = logits;
      logits.grad = undefined;
      return [loss, grad!];
    }, [targets, frames, counts]);
    // One more is the copy that a leaf keeps as its gradient.
    if (on === gpu) expect(step.dispatches).toBe(4 + 1);
    step.replay([3, 9, 9, 2, 2, 2], [5, 11], [1, 3]);
    results.push(await Promise.all(step.result.map((x) => x.data())));
    dispose([step.result, logits, targets, frames, counts]);
    step.dispose();
  }
  const [wanted, found] = results;
  expectClose(found[0], wanted[0], { atol: 1e-5, rtol: 1e-5 });
  expectClose(found[1], wanted[1], { atol: 1e-5, rtol: 1e-5 });
});
