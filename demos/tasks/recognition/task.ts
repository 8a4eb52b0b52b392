/** What all recognisers have in common: the model, training by CTC, and figures. */
import { ctcLoss, dispose } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { ctcGreedy } from 'lethe/ctc';
import { exactMatch, wordErrorRate } from 'lethe/metrics';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors, Metrics, Task } from 'lethe/train';

import { Recogniser } from './recogniser';
import type { RecogniserSizes } from './recogniser';
import { trainingBatches, utteranceBatches } from './utterances';
import type { RecognitionData, Utterance, UtteranceBatch } from './utterances';

/** What is kept with a trained recogniser. */
export interface RecognitionMeta {
  /** The labels, class 1 first; class 0 is the blank. */
  readonly alphabet: readonly string[];
  readonly sizes: RecogniserSizes;
  readonly batchSize: number;
}

type Settings = Omit<RecogniserSizes, 'features' | 'classes'> & { batchSize: number };

/** The sizes that follow from the data, and those that are chosen. */
export function recognitionMeta(
  { features, alphabet }: Pick<RecognitionData, 'features' | 'alphabet'>,
  { batchSize, ...chosen }: Settings,
): RecognitionMeta {
  return { alphabet, batchSize, sizes: { features, classes: alphabet.length + 1, ...chosen } };
}

/** A line on the data. */
export function describeUtterances({ train, valid, test, features }: RecognitionData): string {
  const frames = train.reduce((sum, utterance) => sum + utterance.frames.length / features, 0);
  const labels = train.reduce((sum, utterance) => sum + utterance.labels.length, 0);
  return (
    `${train.length} to learn from (${(frames / train.length).toFixed(0)} frames and ` +
    `${(labels / train.length).toFixed(1)} labels each), ${valid.length} held out to choose by, ${test.length} to test`
  );
}

/** The share of wrong labels, to compare a baseline by: edits over the labels that are right. */
export const labelError = (
  read: readonly (readonly number[])[],
  utterances: readonly Utterance[],
): number =>
  wordErrorRate(
    read,
    utterances.map(({ labels }) => labels),
  );

/** Logits [time, batch, classes], and the loss of each utterance [batch] or their mean over the labels of each. */
function learnt(
  model: Recogniser,
  { frames, frameCounts, labels, labelCounts }: BatchTensors<UtteranceBatch>,
  reduction: 'none' | 'mean',
): { logits: Tensor; loss: Tensor } {
  const logits = model.forward(frames, frameCounts);
  const lengths = { inputLengths: frameCounts, targetLengths: labelCounts };
  return { logits, loss: ctcLoss(logits, labels, { ...lengths, reduction }) };
}

/** What tasks of a recogniser spread into their example, beside data, baseline and `meta`. */
export const recognition = {
  model: (
    device: Device,
    { sizes }: RecognitionMeta,
    sources: { random: Random; generator: Generator },
  ) => new Recogniser(device, sizes, sources),

  task(
    model: Recogniser,
    data: RecognitionData,
    { batchSize, sizes }: RecognitionMeta,
    { seed }: { seed: number },
  ): Task<UtteranceBatch> {
    return {
      model,
      batches: trainingBatches(data, sizes.features, { batchSize, seed }),
      loss: (batch) => learnt(model, batch, 'mean').loss,
      evaluate: () => recognitionFigures(model, data.valid),
    };
  },

  test: (model: Recogniser, { test }: RecognitionData) => recognitionFigures(model, test),
};

/** How recognisers are trained, but for the number of epochs. */
export const recognitionTraining = {
  optimizer: (model: Recogniser) => new Adam(model, { lr: 3e-3 }),
  schedule: (steps: number) => cosine(steps),
  clipNorm: 5,
  monitor: 'labelError',
  mode: 'min',
} as const;

/**
 * By greedy decoding: `labelError`, edits over the labels that are right; `exact`, the share of utterances without
 * any; `blanks`, the share of frames that are read as blank; `loss`, in nats a label, as in training.
 */
export async function recognitionFigures(
  model: Recogniser,
  utterances: readonly Utterance[],
): Promise<Metrics> {
  const { features } = model.sizes;
  const batches = utteranceBatches(utterances, features, {
    batchSize: 64,
    seed: 0,
    shuffle: false,
  });
  const read: number[][] = [];
  const right: (readonly number[])[] = [];
  let [nats, labelled, frames] = [0, 0, 0];
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    const { logits, loss } = evalMode(model, () =>
      learnt(model, batchTensors(model.device, batch), 'none'),
    );
    const given = { shape: logits.shape, data: await logits.data() };
    const losses = await loss.data();
    dispose([logits, loss]);
    const lengths = batch.frameCounts.data;
    for (const [b, { labels, spans }] of ctcGreedy(given, { lengths }).entries()) {
      const wanted = batches.examples(0, i)[b].labels;
      read.push(labels);
      right.push(wanted);
      nats += losses[b] / Math.max(1, wanted.length);
      labelled += spans.reduce((sum, { start, end }) => sum + end - start, 0);
      frames += lengths[b];
    }
  }
  return {
    loss: nats / utterances.length,
    labelError: wordErrorRate(read, right),
    exact: exactMatch(read, right),
    blanks: 1 - labelled / frames,
  };
}
