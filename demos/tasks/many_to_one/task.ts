/** Batches, loss and figures of a task that tells the class of a sequence. */
import { crossEntropy, softmax } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { bucketBatches, hostArray, padSequences, TokenVocabulary } from 'lethe/data';
import type { BucketBatches, HostArray, TokenVocabularyData } from 'lethe/data';
import { accuracy, macroF1 } from 'lethe/metrics';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors, Metrics, Task } from 'lethe/train';

import { NaiveBayes } from '../baselines/naive_bayes';
import { SequenceClassifier } from './classifier';
import type { ClassifierSizes } from './classifier';

/** A sequence of words or characters, and the number of its class. */
export interface Labelled {
  readonly tokens: readonly string[];
  /** The class that counts in figures. */
  readonly label: number;
  /** The class that is learnt, a finer one, of training data; the label where it is left out. */
  readonly detail?: number;
}

export interface ClassData {
  readonly train: readonly Labelled[];
  readonly valid: readonly Labelled[];
  readonly test: readonly Labelled[];
}

/** What is kept with a trained model. */
export interface ClassMeta {
  readonly vocabulary: TokenVocabularyData;
  readonly sizes: ClassifierSizes;
  readonly batchSize: number;
  /** The label of each class that is learnt, where those are finer. */
  readonly labelOf?: readonly number[];
}

/** [time, batch] of ids, [batch] of lengths and labels. */
export type ClassBatch = Readonly<Record<'ids' | 'lengths' | 'mask' | 'labels', HostArray>>;

interface Settings {
  batchSize: number;
  seed: number;
  shuffle?: boolean;
}

/** Sequences of similar lengths side by side; of an empty one an unknown token is read. */
function classBatches(
  examples: readonly Labelled[],
  vocabulary: TokenVocabulary,
  settings: Settings,
): BucketBatches<Labelled, ClassBatch> {
  return bucketBatches(examples, {
    ...settings,
    lengthOf: ({ tokens }) => Math.max(1, tokens.length),
    collate(rows, [time]) {
      const ids = rows.map(({ tokens }) => encoded(tokens, vocabulary));
      const labels = hostArray(
        rows.map(({ label, detail }) => detail ?? label),
        'i32',
      );
      return { ...padSequences(ids, { padding: vocabulary.pad, time }), labels };
    },
  });
}

function encoded(tokens: readonly string[], vocabulary: TokenVocabulary): number[] {
  return tokens.length > 0 ? vocabulary.encode(tokens) : [vocabulary.unk];
}

function logitsOf(
  model: SequenceClassifier,
  batch: BatchTensors<Omit<ClassBatch, 'labels'>>,
): Tensor {
  return model.forward(batch.ids, batch.lengths, batch.mask);
}

/** A line on the data. */
export function describeParts({ train, valid, test }: ClassData): string {
  return `${train.length} examples, ${valid.length} held out to choose by, ${test.length} to test`;
}

/**
 * What the tasks have in common that tell the class of a sequence: the model, training on `train`, and figures
 * on `valid` and `test`.
 */
export const manyToOne = {
  model: (
    device: Device,
    { sizes }: ClassMeta,
    sources: { random: Random; generator: Generator },
  ) => new SequenceClassifier(device, sizes, sources),

  task(
    model: SequenceClassifier,
    { train, valid }: ClassData,
    meta: ClassMeta,
    { seed }: { seed: number },
  ): Task<ClassBatch> {
    const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
    return {
      model,
      batches: classBatches(train, vocabulary, { batchSize: meta.batchSize, seed }),
      loss: (batch) => crossEntropy(logitsOf(model, batch), batch.labels),
      evaluate: () => classFigures(model, meta, valid),
    };
  },

  test: (model: SequenceClassifier, { test }: ClassData, meta: ClassMeta) =>
    classFigures(model, meta, test),
};

/** The baseline: figures on `test` of naive Bayes over what `featuresOf` gives. */
export function bayesFigures(
  { train, test }: ClassData,
  classes: number,
  featuresOf: (tokens: readonly string[]) => string[],
  smoothing: number,
): Metrics {
  const rows = train.map(({ tokens }) => featuresOf(tokens));
  const labels = (examples: readonly Labelled[]) => examples.map(({ label }) => label);
  const bayes = new NaiveBayes(rows, labels(train), classes, smoothing);
  const predicted = test.map(({ tokens }) => bayes.predict(featuresOf(tokens)));
  return figures(predicted, labels(test));
}

/** The probability of each label, of each sequence of a batch; those of finer classes are added up. */
async function labelProbabilities(
  model: SequenceClassifier,
  batch: Omit<ClassBatch, 'labels'>,
  labelOf: readonly number[] | undefined,
): Promise<number[][]> {
  const probabilities = evalMode(model, () =>
    softmax(logitsOf(model, batchTensors(model.embedding.weight.device, batch)), 1),
  );
  const values = await probabilities.data();
  const [rows, classes] = probabilities.shape;
  probabilities.dispose();
  const labels = labelOf ? Math.max(...labelOf) + 1 : classes;
  return Array.from({ length: rows }, (_, row) => {
    const sums = new Array<number>(labels).fill(0);
    for (let c = 0; c < classes; c++) sums[labelOf?.[c] ?? c] += values[row * classes + c];
    return sums;
  });
}

/** Mean loss, accuracy and macro F1. */
async function classFigures(
  model: SequenceClassifier,
  { vocabulary, labelOf }: ClassMeta,
  examples: readonly Labelled[],
): Promise<Metrics> {
  const settings = { batchSize: 256, seed: 0, shuffle: false };
  const batches = classBatches(examples, TokenVocabulary.fromJSON(vocabulary), settings);
  const predicted: number[] = [];
  const targets: number[] = [];
  let loss = 0;
  for (let i = 0; i < batches.perEpoch; i++) {
    const { labels: _, ...batch } = batches.batch(0, i);
    const rows = await labelProbabilities(model, batch, labelOf);
    for (const [row, { label }] of batches.examples(0, i).entries()) {
      predicted.push(rows[row].indexOf(Math.max(...rows[row])));
      targets.push(label);
      // Of a probability that f32 rounds to 0 the logarithm is not to be infinite.
      loss -= Math.log(Math.max(rows[row][label] ?? 0, 1e-30));
    }
  }
  return { loss: loss / examples.length, ...figures(predicted, targets) };
}

function figures(predicted: readonly number[], targets: readonly number[]): Metrics {
  return { accuracy: accuracy(predicted, targets), macroF1: macroF1(predicted, targets) };
}

/** The labels of a sequence with their probabilities, the most probable first. */
export async function rankedLabels(
  model: SequenceClassifier,
  { vocabulary, labelOf }: ClassMeta,
  tokens: readonly string[],
): Promise<{ label: number; probability: number }[]> {
  const known = TokenVocabulary.fromJSON(vocabulary);
  known.requireKnown(tokens);
  const batch = padSequences([encoded(tokens, known)], { padding: known.pad });
  const [probabilities] = await labelProbabilities(model, batch, labelOf);
  return probabilities
    .map((probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
}
