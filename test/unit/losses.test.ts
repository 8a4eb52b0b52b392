/** What is masked: element losses and pooling over time; PyTorch's fixtures have the rest. */
import { describe, expect, test } from 'vitest';

import {
  backward,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  IndexError,
  l1Loss,
  lastStep,
  maskedMax,
  maskedMean,
  mseLoss,
  openDevice,
  ShapeError,
  sum,
  tensor,
} from '../../src/index';
import type { Tensor } from '../../src/index';
import { Linear } from '../../src/nn/index';
import { penalty } from '../../src/optim/index';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
const leaf = (values: number[], shape: number[]): Tensor =>
  tensor(device, values, shape, { requiresGrad: true });
const values = (list: number[], shape: number[]): Tensor => tensor(device, list, shape);
const lengthsOf = (list: number[]): Tensor => tensor(device, list, [list.length], { dtype: 'i32' });

async function valueAndGradient(x: Tensor, f: (x: Tensor) => Tensor) {
  const y = f(x);
  const value = [...(await y.data())];
  backward(y.size === 1 ? y : sum(y));
  const gradient = [...(await x.grad!.data())];
  x.grad = undefined;
  return [value, gradient];
}

describe('masks of element losses', () => {
  test('the mean is over the sum of the mask', async () => {
    const x = leaf([1, 2, 3, 4], [2, 2]);
    const target = values([0, 0, 0, 0], [2, 2]);
    const mask = values([1, 0, 0.5, 0.5], [2, 2]);
    expect(await valueAndGradient(x, (x) => mseLoss(x, target, { mask }))).toEqual([
      [(1 + 4.5 + 8) / 2],
      [1, 0, 1.5, 2],
    ]);
    expect(await valueAndGradient(x, (x) => l1Loss(x, target, { mask, reduction: 'sum' }))).toEqual(
      [[4.5], [1, 0, 0.5, 0.5]],
    );
  });

  test.each([mseLoss, l1Loss, binaryCrossEntropyWithLogits])(
    'what is left out may be NaN, in the input and in the target: %o',
    async (loss) => {
      const mask = values([1, 0], [2]);
      const whole = values([0], [1]);
      const [[value], [gradient]] = await valueAndGradient(leaf([2], [1]), (x) => loss(x, whole));
      const x = leaf([2, NaN], [2]);
      const target = values([0, NaN], [2]);
      expect(await valueAndGradient(x, (x) => loss(x, target, { mask }))).toEqual([
        [value],
        [gradient, 0],
      ]);
    },
  );

  test('a mask that broadcasts counts each element that it covers', async () => {
    const x = leaf([1, 2, 3, 4, 5, 6], [3, 1, 2]);
    const target = values([0, 0, 0, 0, 0, 0], [3, 1, 2]);
    const mask = values([1, 0, 1], [3, 1, 1]);
    const [value, gradient] = await valueAndGradient(x, (x) => l1Loss(x, target, { mask }));
    expect(value).toEqual([(1 + 2 + 5 + 6) / 4]);
    expect(gradient).toEqual([0.25, 0.25, 0, 0, 0.25, 0.25]);
  });

  test.each([mseLoss, l1Loss, binaryCrossEntropyWithLogits])(
    'a mask of zeros gives 0, and a gradient of 0: %o',
    async (loss) => {
      const x = leaf([1, -2], [2]);
      const mask = values([0, 0], [2]);
      const [value, gradient] = await valueAndGradient(x, (x) =>
        loss(x, values([0, 1], [2]), { mask }),
      );
      expect(value).toEqual([0]);
      expect(gradient.map(Math.abs)).toEqual([0, 0]);
    },
  );

  test('what does not fit is refused', () => {
    const x = values([1, 2, 3, 4], [2, 2]);
    expect(() => mseLoss(x, values([1, 2], [2]))).toThrow(
      'mseLoss: target has shape [2]; [2, 2] is needed',
    );
    expect(() => l1Loss(x, x, { mask: values([1, 1, 1, 1], [2, 1, 2]) })).toThrow(
      "l1Loss: mask has shape [2, 1, 2]; one that broadcasts to [2, 2], the input's, is needed",
    );
    expect(() => mseLoss(x, x, { mask: values([1, 1, 1], [3]) })).toThrow(ShapeError);
    expect(() => mseLoss(x, x, { reduction: 'max' as never })).toThrow(
      'mseLoss: reduction = max; choose one of mean, sum, none',
    );
  });
});

describe('pooling over time', () => {
  // Three steps of two sequences, one wide; the second is of length 1, then of 0.
  const x = leaf([-3, -5, 2, 9, 2, 9], [3, 2, 1]);

  test('maskedMean', async () => {
    const mask = values([1, 1, 1, 0, 1, 0], [3, 2]);
    const [value, gradient] = await valueAndGradient(x, (x) => maskedMean(x, mask));
    expect(value).toEqual([Math.fround(1 / 3), -5]);
    expect(gradient.map((g) => Math.round(12 * g))).toEqual([4, 12, 4, 0, 4, 0]);
    const none = values([0, 1, 0, 1, 0, 1], [3, 2]);
    const [empty, nothing] = await valueAndGradient(x, (x) => maskedMean(x, none));
    expect(empty[0]).toBe(0);
    expect([0, 2, 4].map((i) => Math.abs(nothing[i]))).toEqual([0, 0, 0]);
  });

  test('maskedMax: the first of equals, what is masked never', async () => {
    const mask = values([1, 1, 1, 0, 1, 0], [3, 2]);
    const [value, gradient] = await valueAndGradient(x, (x) => maskedMax(x, mask));
    expect(value).toEqual([2, -5]);
    expect(gradient).toEqual([0, 1, 1, 0, 0, 0]);
    const none = values([0, 1, 0, 1, 0, 1], [3, 2]);
    const [empty, nothing] = await valueAndGradient(x, (x) => maskedMax(x, none));
    expect(empty).toEqual([0, 9]);
    expect(nothing).toEqual([0, 0, 0, 1, 0, 0]);
  });

  test('lastStep', async () => {
    const [value, gradient] = await valueAndGradient(x, (x) => lastStep(x, lengthsOf([3, 1])));
    expect(value).toEqual([2, -5]);
    expect(gradient).toEqual([0, 1, 0, 0, 1, 0]);
    const [empty, nothing] = await valueAndGradient(x, (x) => lastStep(x, lengthsOf([0, 2])));
    expect(empty).toEqual([0, 9]);
    expect(nothing).toEqual([0, 0, 0, 1, 0, 0]);
  });

  test('NaN behind the end of a sequence goes no further', async () => {
    const x = leaf([1, 2, NaN], [3, 1, 1]);
    const mask = values([1, 1, 0], [3, 1]);
    expect(await valueAndGradient(x, (x) => maskedMean(x, mask))).toEqual([[1.5], [0.5, 0.5, 0]]);
    expect(await valueAndGradient(x, (x) => maskedMax(x, mask))).toEqual([[2], [0, 1, 0]]);
    expect(await valueAndGradient(x, (x) => lastStep(x, lengthsOf([2])))).toEqual([[2], [0, 1, 0]]);
  });

  test('a recorded step reads masks and lengths anew, and refuses bad lengths', async () => {
    const mask = values([1, 1, 1, 0, 1, 0], [3, 2]);
    const lengths = lengthsOf([3, 1]);
    const step = device.record(
      () => [maskedMean(x, mask), maskedMax(x, mask), lastStep(x, lengths)],
      [mask, lengths],
    );
    step.replay([0, 1, 1, 1, 0, 0], [2, 2]);
    const read = await Promise.all(step.result.map((y) => y.data()));
    expect(read.map((list) => [...list])).toEqual([
      [2, 2],
      [2, 9],
      [2, 9],
    ]);
    expect(() => step.replay([0, 1, 1, 1, 0, 0], [2, 4])).toThrow(IndexError);
    step.dispose();
  });

  test('what does not fit is refused', () => {
    expect(() => maskedMean(x, values([1, 1], [2]))).toThrow(
      'maskedMean: mask has shape [2]; [3, 2] is needed',
    );
    expect(() => maskedMax(values([1], [1]), values([1], [1]))).toThrow(
      'maskedMax: x has shape [1]; [time, batch, width] is needed',
    );
    expect(() => lastStep(x, lengthsOf([1, 4]))).toThrow(
      'lastStep: lengths holds 4 at position 1; sequences have 0 to 3 steps',
    );
    expect(() => lastStep(x, lengthsOf([1]))).toThrow(ShapeError);
    expect(() => lastStep(x, values([1, 1], [2]))).toThrow(/lengths is f32; pass them as tensor/);
  });
});

describe('penalty', () => {
  const given = (): [Tensor, Tensor] => [leaf([1, -2, 0], [3]), leaf([3], [1, 1])];

  test.each([
    [{ l1: 0.5 }, 3, [0.5, -0.5, 0, 0.5]],
    [{ l2: 0.25 }, 3.5, [0.5, -1, 0, 1.5]],
    [{ l1: 0.5, l2: 0.25 }, 6.5, [1, -1.5, 0, 2]],
  ])('%o', async (options, value, gradients) => {
    const [w, v] = given();
    const found = penalty([w, v, w], options);
    expect(found.shape).toEqual([]);
    expect(await found.item()).toBe(value);
    backward(found);
    const grads = await Promise.all([w, v].map((x) => x.grad!.data()));
    expect(grads.flatMap((g) => [...g]).map((g) => g + 0)).toEqual(gradients);
  });

  test('of a module; its gradient is checked', async () => {
    const linear = new Linear(device, 3, 2, { dtype: 'f64' });
    await expectGradients(() => penalty(linear, { l1: 0.3, l2: 0.2 }), linear.parameters());
  });

  test('what makes no sense is refused', () => {
    expect(() => penalty([], { l1: 1 })).toThrow('penalty: parameters is empty');
    expect(() => penalty(given(), {})).toThrow('penalty: give l1, l2, or both');
    expect(() => penalty(given(), { l1: -1 })).toThrow(
      'penalty: l1 = -1; a number from 0 is needed',
    );
    expect(() => penalty([1 as never], { l2: 1 })).toThrow(/^penalty: parameter 0 is 1/);
  });
});

test('cross-entropy over targets whose classes weigh nothing is 0, smoothed or not', async () => {
  const logits = [1, 2, 3, 4, 5, 6];
  const targets = tensor(device, [0, 0], [2], { dtype: 'i32' });
  const weight = values([0, 1, 2], [3]);
  for (const labelSmoothing of [0, 0.5]) {
    const x = leaf(logits, [2, 3]);
    const loss = crossEntropy(x, targets, { weight, labelSmoothing });
    expect(await loss.item()).toBe(0);
    backward(loss);
    expect([...(await x.grad!.data())].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  }
});
