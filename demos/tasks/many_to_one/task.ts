/** Batches, loss and figures of a task that tells the class of a sequence. */
import { add, crossEntropy, logSoftmax, mean, mul, softmax } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { bucketBatches, hostArray, padSequences, TokenVocabulary } from 'lethe/data';
import type { Batch, BucketBatches, HostArray, TokenVocabularyData, WordVectors } from 'lethe/data';
import { accuracy, macroF1 } from 'lethe/metrics';
import { batchTensors, evalMode } from 'lethe/train';
import type { Metrics, Task } from 'lethe/train';

import { NaiveBayes } from '../baselines/naive_bayes';
import type { Parts } from '../parts';
import { affixIds } from './affixes';
import { ngramsOf } from './ngrams';
import type { Ngrams } from './ngrams';
import { SequenceClassifier } from './classifier';
import type { ClassifierSizes } from './classifier';
import { spellingScores, spellingWidth } from './spelling';
import type { Spelling } from './spelling';
import { vectorRows } from './vectors';

/** A sequence of words or characters, and the number of its class. */
export interface Labelled {
  readonly tokens: readonly string[];
  /** The class that counts in figures. */
  readonly label: number;
  /** The class that is learnt, a finer one, of training data; the label where it is left out. */
  readonly detail?: number;
}

export interface ClassData extends Parts<Labelled> {
  /** Vectors of words that were learnt elsewhere, where some are given. */
  readonly vectors?: WordVectors;
}

const learntClass = ({ label, detail }: Labelled): number => detail ?? label;

/** What is kept with a trained model. */
export interface ClassMeta {
  readonly vocabulary: TokenVocabularyData;
  /** The affixes of tokens, where those are read too. */
  readonly affixes?: TokenVocabularyData;
  /** The words that have vectors learnt elsewhere. */
  readonly vectors?: TokenVocabularyData;
  readonly sizes: ClassifierSizes;
  readonly batchSize: number;
  /** The share of each target that is spread over all classes, so that no answer is learnt as certain; none when left out. */
  readonly smoothing?: number;
  /** The label of each class that is learnt, where those are finer. */
  readonly labelOf?: readonly number[];
  /** The language models of characters that are asked besides. */
  readonly spelling?: Spelling;
}

/**
 * [time, batch] of ids and mask, [batch] of lengths, [parts, time, batch] where affixes are read, [time, batch] of
 * `known` where there are vectors learnt elsewhere, and [batch, scores] where language models are asked.
 */
type Sequences = Batch &
  Readonly<Record<'ids' | 'lengths' | 'mask', HostArray>> &
  Readonly<Partial<Record<'parts' | 'known' | 'scores', HostArray>>>;
/** With labels of [batch]. */
export type ClassBatch = Sequences & { readonly labels: HostArray };

/** Makes of sequences what the model reads; of an empty one an unknown token. */
function sequenceReader({ spelling, sizes, ...kept }: ClassMeta) {
  const vocabulary = TokenVocabulary.fromJSON(kept.vocabulary);
  const affixes = kept.affixes && TokenVocabulary.fromJSON(kept.affixes);
  const known = kept.vectors && TokenVocabulary.fromJSON(kept.vectors);
  /** @param counted the labels of sequences that are among those of the language models. */
  return (
    sequences: readonly (readonly string[])[],
    { time, counted }: { time?: number; counted?: readonly number[] } = {},
  ): Sequences => {
    const rows = sequences.map((tokens) =>
      tokens.length > 0 ? vocabulary.encode(tokens) : [vocabulary.unk],
    );
    const padded = padSequences(rows, { padding: vocabulary.pad, time });
    return {
      ...padded,
      ...(affixes && { parts: affixIds(affixes, sequences, padded.ids.shape[0]) }),
      ...(known && { known: knownIds(known, sequences, padded.ids.shape[0]) }),
      ...(spelling && {
        scores: spellingScores(spelling, sizes.classes, sequences, counted),
      }),
    };
  };
}

/** Ids of [time, batch]: that of no word behind the end. */
function knownIds(
  known: TokenVocabulary,
  sequences: readonly (readonly string[])[],
  time: number,
): HostArray {
  const rows = sequences.map((tokens) => known.encode(tokens));
  return padSequences(rows, { padding: known.unk, time, minLength: 0 }).ids;
}

/** @throws DataError when the model knows none of the tokens. */
function requireKnown({ vocabulary, vectors }: ClassMeta, tokens: readonly string[]): void {
  const known = vectors && TokenVocabulary.fromJSON(vectors);
  if (known && tokens.some((token) => known.has(token))) return;
  TokenVocabulary.fromJSON(vocabulary).requireKnown(tokens);
}

interface Settings {
  batchSize: number;
  seed: number;
  shuffle?: boolean;
  /** Whether these are the examples that language models were counted from. */
  counted?: boolean;
}

/** Sequences of similar lengths side by side. */
function classBatches(
  examples: readonly Labelled[],
  meta: ClassMeta,
  { counted = false, ...settings }: Settings,
): BucketBatches<Labelled, ClassBatch> {
  const read = sequenceReader(meta);
  return bucketBatches(examples, {
    ...settings,
    lengthOf: ({ tokens }) => Math.max(1, tokens.length),
    collate(rows, [time]) {
      const sequences = rows.map(({ tokens }) => tokens);
      // Counted by their labels, whatever finer class is learnt.
      const labels = counted ? rows.map(({ label }) => label) : undefined;
      const inputs = read(sequences, { time, counted: labels });
      return { ...inputs, labels: hostArray(rows.map(learntClass), 'i32') };
    },
  });
}

/** Cross-entropy against targets of which a share stands on all classes alike (Szegedy et al., 2016). */
function smoothedLoss(logits: Tensor, labels: Tensor, share = 0): Tensor {
  const loss = crossEntropy(logits, labels);
  if (share === 0) return loss;
  return add(mul(loss, 1 - share), mul(mean(logSoftmax(logits, 1)), -share));
}

/**
 * What the tasks have in common that tell the class of a sequence: the model, training on `train`, and figures
 * on `valid` and `test`.
 */
export const manyToOne = {
  model: (
    device: Device,
    { sizes, spelling }: ClassMeta,
    sources: { random: Random; generator: Generator },
  ) =>
    new SequenceClassifier(
      device,
      sizes,
      sources,
      spelling && spellingWidth(spelling, sizes.classes),
    ),

  task(
    model: SequenceClassifier,
    { train, valid, vectors }: ClassData,
    meta: ClassMeta,
    { seed }: { seed: number },
  ): Task<ClassBatch> {
    if (vectors) model.pretrained?.weight.write(vectorRows(vectors));
    const settings = { batchSize: meta.batchSize, seed, counted: true };
    return {
      model,
      batches: classBatches(train, meta, settings),
      loss: ({ labels, ...batch }) => smoothedLoss(model.forward(batch), labels, meta.smoothing),
      evaluate: () => classFigures(model, meta, valid),
    };
  },

  test: (model: SequenceClassifier, { test }: ClassData, meta: ClassMeta) =>
    classFigures(model, meta, test),
};

/** The baseline: figures on `test` of naive Bayes over n-grams. */
export function bayesFigures({ train, test }: ClassData, classes: number, ngrams: Ngrams): Metrics {
  const bayes = new NaiveBayes(
    train.map(({ tokens }) => ngramsOf(tokens, ngrams)),
    train.map(({ label }) => label),
    classes,
    ngrams.smoothing,
  );
  const predicted = test.map(({ tokens }) => bayes.predict(ngramsOf(tokens, ngrams)));
  return figures(
    predicted,
    test.map(({ label }) => label),
  );
}

/** The probability of each label, of each sequence of a batch; those of finer classes are added up. */
async function labelProbabilities(
  model: SequenceClassifier,
  batch: Sequences,
  labelOf: readonly number[] | undefined,
): Promise<number[][]> {
  const probabilities = evalMode(model, () =>
    softmax(model.forward(batchTensors(model.embedding.weight.device, batch)), 1),
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
  meta: ClassMeta,
  examples: readonly Labelled[],
): Promise<Metrics> {
  const settings = { batchSize: 256, seed: 0, shuffle: false };
  const batches = classBatches(examples, meta, settings);
  const predicted: number[] = [];
  const targets: number[] = [];
  let loss = 0;
  for (let i = 0; i < batches.perEpoch; i++) {
    const { labels: _, ...batch } = batches.batch(0, i);
    const rows = await labelProbabilities(model, batch, meta.labelOf);
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

/** The probability of each label, of every beginning of a sequence: [length][label]. */
export async function beginningProbabilities(
  model: SequenceClassifier,
  meta: ClassMeta,
  tokens: readonly string[],
): Promise<number[][]> {
  requireKnown(meta, tokens);
  const beginnings = tokens.map((_, i) => tokens.slice(0, i + 1));
  const batch = sequenceReader(meta)(beginnings.length > 0 ? beginnings : [[]]);
  return labelProbabilities(model, batch, meta.labelOf);
}

/** The labels of a sequence with their probabilities, the most probable first. */
export async function rankedLabels(
  model: SequenceClassifier,
  meta: ClassMeta,
  tokens: readonly string[],
): Promise<{ label: number; probability: number }[]> {
  requireKnown(meta, tokens);
  const batch = sequenceReader(meta)([tokens]);
  const [probabilities] = await labelProbabilities(model, batch, meta.labelOf);
  return probabilities
    .map((probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
}
