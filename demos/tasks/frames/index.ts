/**
 * Labels of the frames of a clip: what a shape does that bounces about and passes behind a wall (synchronous
 * many to many). No single frame tells, so a network that keeps a state must beat one that sees frame by frame.
 */
import { ArgumentError, argmax, linearCrossEntropy, openDevice, Random, softmax } from 'lethe';
import { fixedBatches } from 'lethe/data';
import { accuracy, macroF1 } from 'lethe/metrics';
import type { Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { batchTensors, evalMode, Trainer } from 'lethe/train';
import type { Task } from 'lethe/train';

import type { Example } from '../example';
import { describeParts } from '../parts';
import type { Parts } from '../parts';
import { collate } from './batch';
import type { FrameBatch } from './batch';
import { drawClips, LABELS } from './clips';
import type { Clip } from './clips';
import { Glance, Watcher } from './models';
import type { Labeller } from './models';

export const FRAMES = 32;

const taskOf = (model: Labeller, data: Parts<Clip>, seed: number): Task<FrameBatch> => ({
  model,
  batches: fixedBatches(data.train, { batchSize: 20, seed, collate }),
  loss: ({ pixels, labels }) =>
    linearCrossEntropy(model.features(pixels), model.decoder.weight, model.decoder.bias, labels),
  evaluate: () => measure(model, data.valid),
});

/** The most likely label of each frame: the first frames of all clips, then the second ones. */
async function predict(model: Labeller, batch: FrameBatch): Promise<number[]> {
  const { device } = model.decoder.weight;
  const best = evalMode(model, () =>
    argmax(model.decoder.forward(model.features(batchTensors(device, batch).pixels)), 1),
  );
  const labels = Array.from(await best.data());
  best.dispose();
  return labels;
}

/** The probability of each of `LABELS`, for each frame of a clip. */
export async function frameProbabilities(model: Labeller, clip: Clip): Promise<number[][]> {
  const { device } = model.decoder.weight;
  const probabilities = evalMode(model, () => {
    const { pixels } = batchTensors(device, collate([clip]));
    return softmax(model.decoder.forward(model.features(pixels)), 1);
  });
  const values = await probabilities.data();
  const [, labels] = probabilities.shape;
  probabilities.dispose();
  return clip.labels.map((_, t) => Array.from(values.subarray(t * labels, (t + 1) * labels)));
}

async function measure(model: Labeller, clips: readonly Clip[]) {
  const batch = collate(clips);
  const predicted = await predict(model, batch);
  const targets = Array.from(batch.labels.data);
  return { accuracy: accuracy(predicted, targets), macroF1: macroF1(predicted, targets) };
}

const newOptimizer = (model: Module): Adam => new Adam(model, { lr: 3e-3 });
const training = {
  epochs: 12,
  optimizer: newOptimizer,
  clipNorm: 5,
  monitor: 'accuracy',
  mode: 'max',
} as const;

export const frames: Example<Parts<Clip>, { labels: readonly string[] }, Watcher> = {
  name: 'frames',
  title: 'What happens in each frame of a clip: a label at each step',
  data: '1,160 clips of a bouncing shape, drawn by code. There is no real set.',
  question: '7',
  async load(source) {
    if (source !== undefined) {
      throw new ArgumentError(
        `frames: DATA = ${source}; its clips are drawn by code: leave it out`,
      );
    }
    const [train, valid, test] = [1000, 60, 100].map((count, i) => drawClips(count, FRAMES, i + 1));
    return { train, valid, test };
  },
  describe: describeParts('clips'),
  async baseline(data) {
    const device = await openDevice('cpu');
    const model = new Glance(device, new Random(1));
    const optimizer = newOptimizer(model);
    const trainer = new Trainer(device, taskOf(model, data, 1), { optimizer, clipNorm: 5 });
    const { epochs, monitor, mode } = training;
    for await (const _ of trainer.fit({ epochs, monitor, mode })) continue;
    trainer.restoreBest();
    const metrics = await measure(model, data.test);
    device.dispose();
    return { name: 'MLP on single frames', metrics };
  },
  meta: () => ({ labels: LABELS }),
  model: (device, _meta, { random }) => new Watcher(device, random),
  task: (model, data, _meta, { seed }) => taskOf(model, data, seed),
  test: (model, data) => measure(model, data.test),
  async ask(model, meta, input) {
    const seed = Number(input);
    if (input.trim() === '' || !Number.isSafeInteger(seed)) {
      throw new ArgumentError(
        `frames: --ask ${input}; a whole number is needed, of a clip to draw`,
      );
    }
    const clips = drawClips(1, FRAMES, seed);
    const seen = await predict(model, collate(clips));
    const lines = clips[0].labels.map((label, t) => `${label.padEnd(9)}  ${meta.labels[seen[t]]}`);
    return ['what it is, and what the network says', ...lines].join('\n');
  },
  training,
};
