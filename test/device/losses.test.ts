/** Losses with masks, pooling and the conditional random field: WebGPU beside the CPU, recorded. A loss with its layer in one. */
import { expect, test } from 'vitest';

import {
  backward,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  dispose,
  l1Loss,
  lastStep,
  linear,
  linearCrossEntropy,
  maskedMax,
  maskedMean,
  mseLoss,
  noGrad,
  openDevice,
  Random,
  reshape,
  sum,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { CRF } from '../../src/nn/index';
import { cpu, gpu } from '../setup/devices';
import { expectClose } from '../setup/fixtures';

const [TIME, BATCH, N] = [5, 3, 4];
const random = new Random(2);
const draw = (): number[] => Array.from({ length: TIME * BATCH * N }, () => random.normal());
/** Of the first replay, and of the second, in which no sequence has a step. */
const VALUES = [draw(), draw()];
const LENGTHS = [
  [5, 0, 3],
  [0, 0, 0],
];
/** 1 where a sequence still has steps. */
const MASKS = LENGTHS.map((lengths) =>
  Array.from({ length: TIME * BATCH }, (_, i) =>
    Number(Math.floor(i / BATCH) < lengths[i % BATCH]),
  ),
);
const TARGETS = VALUES[0].map((x) => Math.abs(x) % 1);
const TAGS = TARGETS.slice(0, TIME * BATCH).map((x) => Math.floor(N * x));

function given(on: Device) {
  const ids = { dtype: 'i32' } as const;
  return {
    x: tensor(on, VALUES[0], [TIME, BATCH, N], { requiresGrad: true }),
    mask: tensor(on, MASKS[0], [TIME, BATCH]),
    lengths: tensor(on, LENGTHS[0], [BATCH], ids),
    target: tensor(on, TARGETS, [TIME, BATCH, N]),
    tags: tensor(on, TAGS, [TIME, BATCH], ids),
    crf: new CRF(on, N, { random: new Random(3) }),
  };
}
type Given = ReturnType<typeof given>;

const elements =
  (loss: typeof mseLoss) =>
  ({ x, target, mask }: Given): Tensor =>
    loss(x, target, { mask: reshape(mask, [TIME, BATCH, 1]) });

const BODIES: Readonly<Record<string, (given: Given) => Tensor>> = {
  mseLoss: elements(mseLoss),
  l1Loss: elements(l1Loss),
  binaryCrossEntropyWithLogits: elements(binaryCrossEntropyWithLogits),
  maskedMean: ({ x, mask }) => sum(maskedMean(x, mask)),
  maskedMax: ({ x, mask }) => sum(maskedMax(x, mask)),
  lastStep: ({ x, lengths }) => sum(lastStep(x, lengths)),
  'CRF.loss': ({ crf, x, tags, lengths }) => crf.loss(x, tags, lengths),
  'CRF.loss of each sequence': ({ crf, x, tags, lengths }) =>
    sum(crf.loss(x, tags, lengths, { reduction: 'none' })),
};

test.each(Object.entries(BODIES))('%s', async (_, body) => {
  const results: number[][][] = [];
  for (const on of [cpu, gpu]) {
    const all = given(on);
    const { x, mask, lengths, crf } = all;
    const step = on.record(() => {
      const loss = body(all);
      backward(loss);
      const gradients = [x, ...crf.parameters()].flatMap(({ grad }) => grad ?? []);
      for (const leaf of [x, ...crf.parameters()]) leaf.grad = undefined;
      return [loss, noGrad(() => body(all)), ...gradients];
    }, [x, mask, lengths]);
    for (const i of [0, 1]) {
      step.replay(VALUES[i], MASKS[i], LENGTHS[i]);
      const read = await Promise.all(step.result.map((y) => y.data()));
      results.push(read.map((values) => [...values]));
    }
    dispose([step.result, all]);
    step.dispose();
  }
  for (const i of [0, 1]) {
    const [loss, quiet, ...gradients] = results[i];
    results[i + 2].forEach((found, k) =>
      expectClose(found, results[i][k], { atol: 1e-5, rtol: 1e-5 }),
    );
    expectClose(quiet, loss, { atol: 1e-6, rtol: 1e-6 });
    for (const gradient of gradients) expect(gradient.some((g) => g !== 0)).toBe(i === 0);
  }
});

const reference = await openDevice('cpu', { reference: true });

/** With rows for a thread each, and for a workgroup each. */
const CLASSES = [1, 5, 70, 1100];
const OPTIONS = [-100, null].flatMap((ignoreIndex) =>
  [0, 0.3].flatMap((labelSmoothing) =>
    [false, true].map((weighs) => ({ ignoreIndex, labelSmoothing, weighs })),
  ),
);

test.each(CLASSES.flatMap((n) => OPTIONS.map((options) => ({ n, ...options }))))(
  'linearCrossEntropy is crossEntropy of linear: $n classes, ignoreIndex $ignoreIndex, smoothing $labelSmoothing, weights $weighs',
  async ({ n, ignoreIndex, labelSmoothing, weighs }) => {
    const [rows, inputs] = [6, 3];
    const draw = new Random(n);
    const drawn = (size: number): number[] => Array.from({ length: size }, () => draw.normal());
    const values = { x: drawn(rows * inputs), weight: drawn(n * inputs), bias: drawn(n) };
    const classes = Array.from({ length: n }, (_, i) => (i % 3) * draw.uniform() + (n < 3 ? 1 : 0));
    const labels = Array.from({ length: rows }, (_, r) =>
      ignoreIndex !== null && r % 3 === 1 ? ignoreIndex : (7 * r) % n,
    );
    const run = async (on: Device, dtype: DType, together: boolean): Promise<number[][][]> => {
      const leaf = (data: number[], shape: number[]): Tensor =>
        tensor(on, data, shape, { dtype, requiresGrad: true });
      const leaves = [
        leaf(values.x, [rows, inputs]),
        leaf(values.weight, [n, inputs]),
        leaf(values.bias, [n]),
      ] as const;
      const targets = tensor(on, labels, [rows], { dtype: 'i32' });
      const weight = weighs ? tensor(on, classes, [n], { dtype }) : undefined;
      const options = { labelSmoothing, ...(weight && { weight }) };
      const results: number[][][] = [];
      for (const scale of [undefined, 2]) {
        const loss = together
          ? linearCrossEntropy(...leaves, targets, { ...options, ignoreIndex })
          : crossEntropy(linear(...leaves), targets, options);
        const gradient = scale && tensor(on, [scale], [], { dtype });
        backward(loss, gradient ? { gradient } : {});
        const read = await Promise.all(
          [loss, ...leaves.map(({ grad }) => grad!)].map((y) => y.data()),
        );
        results.push(read.map((y) => [...y]));
        dispose([loss, gradient, leaves.map(({ grad }) => grad)]);
        for (const x of leaves) x.grad = undefined;
      }
      dispose([leaves, targets, weight]);
      return results;
    };
    const expected = await run(reference, 'f64', false);
    expect(expected[0].flat().some((y) => Math.abs(y) > 1e-3)).toBe(n > 1);
    const close = (found: number[][][], atol: number): void =>
      found.forEach((all, i) =>
        all.forEach((y, k) => expectClose(y, expected[i][k], { atol, rtol: atol })),
      );
    close(await run(reference, 'f64', true), 1e-12);
    for (const on of [reference, cpu, gpu]) close(await run(on, 'f32', true), 2e-5);
  },
);
