/** Batches, loss and figures of a task that tells the class of a sequence. */
import { argmax, crossEntropy, softmax } from 'lethe';
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
  readonly label: number;
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
        rows.map(({ label }) => label),
        'i32',
      );
      return { ...padSequences(ids, { padding: vocabulary.pad, time }), labels };
    },
  });
}

function encoded(tokens: readonly string[], vocabulary: TokenVocabulary): number[] {
  return tokens.length > 0 ? vocabulary.encode(tokens) : [vocabulary.unk];
}

function logitsOf(model: SequenceClassifier, batch: BatchTensors<ClassBatch>): Tensor {
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
    { vocabulary, batchSize }: ClassMeta,
    { seed }: { seed: number },
  ): Task<ClassBatch> {
    const known = TokenVocabulary.fromJSON(vocabulary);
    return {
      model,
      batches: classBatches(train, known, { batchSize, seed }),
      loss: (batch) => crossEntropy(logitsOf(model, batch), batch.labels),
      evaluate: () => classFigures(model, known, valid),
    };
  },

  test: (model: SequenceClassifier, { test }: ClassData, { vocabulary }: ClassMeta) =>
    classFigures(model, TokenVocabulary.fromJSON(vocabulary), test),
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

/** Mean loss, accuracy and macro F1. */
async function classFigures(
  model: SequenceClassifier,
  vocabulary: TokenVocabulary,
  examples: readonly Labelled[],
): Promise<Metrics> {
  const batches = classBatches(examples, vocabulary, { batchSize: 256, seed: 0, shuffle: false });
  const { device } = model.embedding.weight;
  const predicted: number[] = [];
  const targets: number[] = [];
  let loss = 0;
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    const found = evalMode(model, () => {
      const tensors = batchTensors(device, batch);
      const logits = logitsOf(model, tensors);
      const sum = crossEntropy(logits, tensors.labels, { reduction: 'sum' });
      return { classes: argmax(logits, 1), sum };
    });
    predicted.push(...(await found.classes.data()));
    targets.push(...batch.labels.data);
    loss += await found.sum.item();
    found.classes.dispose();
    found.sum.dispose();
  }
  return { loss: loss / examples.length, ...figures(predicted, targets) };
}

function figures(predicted: readonly number[], targets: readonly number[]): Metrics {
  return { accuracy: accuracy(predicted, targets), macroF1: macroF1(predicted, targets) };
}

/** The classes of a sequence with their probabilities, the most probable first. */
export async function rankedClasses(
  model: SequenceClassifier,
  vocabulary: TokenVocabulary,
  tokens: readonly string[],
): Promise<{ label: number; probability: number }[]> {
  const { ids, lengths, mask } = padSequences([encoded(tokens, vocabulary)], {
    padding: vocabulary.pad,
  });
  const { device } = model.embedding.weight;
  const probabilities = evalMode(model, () => {
    const batch = batchTensors(device, { ids, lengths, mask });
    return softmax(model.forward(batch.ids, batch.lengths, batch.mask), 1);
  });
  const values = await probabilities.data();
  probabilities.dispose();
  return Array.from(values, (probability, label) => ({ label, probability })).sort(
    (a, b) => b.probability - a.probability,
  );
}
