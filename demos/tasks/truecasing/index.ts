/**
 * Truecasing: a text in lower case gets its capitals back, a decision at each character, from the characters on both
 * sides (synchronous many to many).
 */
import { DataError, linearCrossEntropy, reshape, softmax } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { bucketBatches, padSequences, TokenVocabulary } from 'lethe/data';
import type { Batch, BucketBatches, TokenVocabularyData } from 'lethe/data';
import { classScores } from 'lethe/metrics';
import { Dropout, Embedding, GRU, Linear, LSTM, Module, RNN } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors, Metrics } from 'lethe/train';

import type { Example } from '../example';
import { describeParts } from '../parts';
import type { Parts } from '../parts';
import { isCapital, lowered, raised } from './capitals';
import { dividedPassages } from './passages';
import { usualForm } from './usual_form';

export interface TruecaserMeta {
  readonly characters: TokenVocabularyData;
  readonly sizes: {
    readonly cell: 'lstm' | 'gru' | 'rnn';
    readonly bidirectional: boolean;
    readonly embedding: number;
    /** Units of each direction. */
    readonly hidden: number;
  };
}

const DROPOUT = 0.2;

export class Truecaser extends Module {
  readonly embedding: Embedding;
  readonly rnn: LSTM | GRU | RNN;
  readonly decoder: Linear;
  readonly dropout: Dropout;

  constructor(
    device: Device,
    { characters, sizes }: TruecaserMeta,
    { random, generator }: { random: Random; generator: Generator },
  ) {
    super();
    const { size } = TokenVocabulary.fromJSON(characters);
    const { cell, bidirectional, embedding, hidden } = sizes;
    const Layers = { lstm: LSTM, gru: GRU, rnn: RNN }[cell];
    this.embedding = new Embedding(device, size, embedding, { random });
    this.rnn = new Layers(device, embedding, hidden, { bidirectional, random });
    this.decoder = new Linear(device, (bidirectional ? 2 : 1) * hidden, 2, { random });
    this.dropout = new Dropout(DROPOUT, generator);
  }

  /** What is known at each character: [time batch, directions hidden]. */
  states({ ids, lengths }: BatchTensors<Batch>): Tensor {
    const x = this.dropout.forward(this.embedding.forward(ids));
    const { output } = this.rnn.run(x, undefined, { lengths });
    const [, , width] = output.shape;
    return this.dropout.forward(reshape(output, [-1, width]));
  }
}

/** Passages of similar length: ids in lower case and labels, both [time, batch], and `lengths`. */
function passageBatches(
  passages: readonly string[],
  meta: TruecaserMeta,
  options: { batchSize: number; seed?: number; shuffle?: boolean },
): BucketBatches<string, Batch> {
  const vocabulary = TokenVocabulary.fromJSON(meta.characters);
  return bucketBatches(passages, {
    ...options,
    lengthOf: (passage) => lowered(passage).length,
    collate(some, [time]) {
      const rows = some.map((passage) => vocabulary.encode(lowered(passage)));
      const labels = some.map((passage) => Array.from(passage, (one) => Number(isCapital(one))));
      const { ids, lengths } = padSequences(rows, { padding: vocabulary.pad, time });
      return { ids, lengths, labels: padSequences(labels, { padding: -100, time }).ids };
    },
  });
}

/** The probability that each character of a passage is a capital; passages in an order of their own. */
async function capitals(
  model: Truecaser,
  passages: readonly string[],
  meta: TruecaserMeta,
): Promise<{ passage: string; probabilities: number[] }[]> {
  const { device } = model.decoder.weight;
  const batches = passageBatches(passages, meta, { batchSize: 64, shuffle: false });
  const found: { passage: string; probabilities: number[] }[] = [];
  for (let i = 0; i < batches.perEpoch; i++) {
    const probabilities = evalMode(model, () =>
      softmax(model.decoder.forward(model.states(batchTensors(device, batches.batch(0, i)))), 1),
    );
    const values = await probabilities.data();
    probabilities.dispose();
    const some = batches.examples(0, i);
    for (const [row, passage] of some.entries()) {
      const at = (t: number): number => values[2 * (t * some.length + row) + 1];
      found.push({ passage, probabilities: Array.from(passage, (_, t) => at(t)) });
    }
  }
  return found;
}

/** How well the capitals of passages were found. */
function figures(found: readonly boolean[], passages: readonly string[]): Metrics {
  const targets = passages.flatMap((passage) => Array.from(passage, isCapital));
  const scores = classScores(found.map(Number), targets.map(Number), { classes: [0, 1] });
  const [, { f1, precision, recall }] = scores;
  return { f1, precision, recall };
}

async function measure(model: Truecaser, passages: readonly string[], meta: TruecaserMeta) {
  const found = await capitals(model, passages, meta);
  return figures(
    found.flatMap(({ probabilities }) => probabilities.map((p) => p > 0.5)),
    found.map(({ passage }) => passage),
  );
}

/** The characters of a text in lower case, and the probability that each is a capital. */
export async function truecase(
  model: Truecaser,
  meta: TruecaserMeta,
  text: string,
): Promise<{ characters: string[]; probabilities: number[] }> {
  const characters = lowered(text);
  TokenVocabulary.fromJSON(meta.characters).requireKnown(characters);
  const [{ probabilities }] = await capitals(model, [characters.join('')], meta);
  // A sign or a digit has no capital, whatever the network thinks of it.
  const raisable = characters.map((one) => isCapital(one.toUpperCase()));
  return { characters, probabilities: probabilities.map((p, i) => (raisable[i] ? p : 0)) };
}

export const truecasing: Example<Parts<string>, TruecaserMeta, Truecaser> = {
  name: 'truecasing',
  title: 'Capitals for a text in lower case: a decision at each character',
  data:
    'Bundled: passages of the story that comes with Lethe. Your own: a text file in UTF-8, with a blank line ' +
    'between paragraphs.',
  question:
    'on sunday the ferry was late. "where is constance pargeter?" asked the mayor of stannow.',
  async load(source) {
    const text =
      source === undefined
        ? (await import('../../../src/text/bundled')).bundledText
        : await (await import('node:fs/promises')).readFile(source, 'utf8');
    return dividedPassages(text);
  },
  describe: describeParts('passages'),
  baseline({ train, test }) {
    const [withRule, withoutRule] = [true, false].map((rule) => {
      const formOf = usualForm(train, rule);
      return figures(
        test.flatMap((passage) => formOf(lowered(passage))),
        test,
      );
    });
    return {
      name: 'the usual form of a word with a rule for sentence beginnings',
      metrics: { ...withRule, f1WithoutRule: withoutRule.f1 },
    };
  },
  meta: ({ train }) => ({
    characters: TokenVocabulary.fromSequences(train.map(lowered), { minCount: 2 }).toJSON(),
    sizes: { cell: 'gru', bidirectional: true, embedding: 32, hidden: 96 },
  }),
  model: (device, meta, sources) => new Truecaser(device, meta, sources),
  task: (model, data, meta, { seed }) => ({
    model,
    batches: passageBatches(data.train, meta, { batchSize: 16, seed }),
    loss({ labels, ...inputs }) {
      const { weight, bias } = model.decoder;
      return linearCrossEntropy(model.states(inputs), weight, bias, reshape(labels, [-1]));
    },
    evaluate: () => measure(model, data.valid, meta),
  }),
  test: (model, data, meta) => measure(model, data.test, meta),
  async ask(model, meta, input) {
    if (input.trim() === '') throw new DataError('the text is empty; give one in lower case');
    const { characters, probabilities } = await truecase(model, meta, input);
    return raised(
      characters,
      probabilities.map((p) => p > 0.5),
    );
  },
  training: {
    epochs: 20,
    optimizer: (model) => new Adam(model, { lr: 4e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'f1',
    mode: 'max',
  },
};
