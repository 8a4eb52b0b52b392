/**
 * Names of persons, places and the like in messages: a tag for each word, B-person, I-person or O (synchronous
 * many to many). Tags depend on each other, so a linear-chain CRF stands on the network: it scores whole
 * sequences of tags, and Viterbi finds the best one.
 */
import { cat, dispose } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { TokenVocabulary, wordTokens } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { spanF1 } from 'lethe/metrics';
import { CRF, Dropout, Embedding, Linear, LSTM, Module } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors } from 'lethe/train';

import type { Example } from '../example';
import { describeParts } from '../parts';
import { taggedBatches, taggerMeta } from '../tags/encode';
import type { TaggedParts, TaggerMeta } from '../tags/encode';
import { gazetteer } from './gazetteer';
import { bundledEntities } from './sentences';
import type { TaggedSentence } from './sentences';

const marked = (word: string, part: string): string => (part === word ? part : `^${part}`);
const FEATURES = {
  words: (word: string) => word.toLowerCase(),
  starts: (word: string) => marked(word.slice(0, 3), word.slice(0, 3).toLowerCase()),
  endings: (word: string) => marked(word.slice(-3), word.slice(-3).toLowerCase()),
  /** `Xx+` for `Paris`, `X+0` for `LG7`. */
  shapes: (word: string) =>
    word
      .replace(/\p{Lu}/gu, 'X')
      .replace(/\p{Ll}/gu, 'x')
      .replace(/\d/g, '0')
      .replace(/(.)\1+/gu, '$1+')
      .slice(0, 6),
};

class Finder extends Module {
  readonly words: Embedding;
  readonly parts: readonly Embedding[];
  readonly lstm: LSTM;
  readonly emission: Linear;
  readonly crf: CRF;
  readonly dropout: Dropout;

  constructor(device: Device, meta: TaggerMeta, random: Random, generator: Generator) {
    super();
    const size = (name: string): number => TokenVocabulary.fromJSON(meta[name]).size;
    this.words = new Embedding(device, size('words'), 64, { random });
    this.parts = ['starts', 'endings', 'shapes'].map(
      (name) => new Embedding(device, size(name), 16, { random }),
    );
    this.lstm = new LSTM(device, 64 + 3 * 16, 128, { bidirectional: true, random });
    this.emission = new Linear(device, 2 * 128, size('tags'), { random });
    this.crf = new CRF(device, size('tags'), { random });
    this.dropout = new Dropout(0.5, generator);
  }

  /** A score of each tag for each word, [time, batch, tags], before the CRF weighs what follows what. */
  emissions({ words, starts, endings, shapes, lengths }: BatchTensors<Batch>): Tensor {
    const parts = [starts, endings, shapes].map((ids, i) => this.parts[i].forward(ids));
    const x = cat([this.words.forward(words), ...parts], 2);
    const [y] = this.lstm.forward(this.dropout.forward(x), undefined, { lengths });
    return this.emission.forward(this.dropout.forward(y));
  }
}

/** The best tags of each word of each sentence beside the right ones, sentences in an order of their own. */
async function predict(model: Finder, sentences: readonly TaggedSentence[], meta: TaggerMeta) {
  const { device } = model.emission.weight;
  const vocabulary = TokenVocabulary.fromJSON(meta.tags);
  const batches = taggedBatches(sentences, FEATURES, meta, { batchSize: 64, shuffle: false });
  const [predicted, targets]: [string[][], string[][]] = [[], []];
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    const scored = evalMode(model, () => {
      const inputs = batchTensors(device, batch);
      return { emissions: model.emissions(inputs), lengths: inputs.lengths };
    });
    const best = await model.crf.decode(scored.emissions, scored.lengths);
    dispose(scored);
    predicted.push(...best.tags.map((ids) => vocabulary.decode(ids)));
    targets.push(...batches.examples(0, i).map(({ tags }) => vocabulary.decode(tags)));
  }
  return { predicted, targets };
}

function scoresOf(
  predicted: readonly (readonly string[])[],
  targets: readonly (readonly string[])[],
) {
  const { f1, precision, recall } = spanF1(predicted, targets);
  return { f1, precision, recall };
}

async function measure(model: Finder, sentences: readonly TaggedSentence[], meta: TaggerMeta) {
  const { predicted, targets } = await predict(model, sentences, meta);
  return scoresOf(predicted, targets);
}

export const entities: Example<TaggedParts, TaggerMeta, Finder> = {
  name: 'entities',
  title: 'Names of persons, places and products in messages: a label at each step, with a CRF',
  data:
    '380 messages from templates. DATA is a folder with the files of WNUT17 (emerging entities; CC BY 4.0; ' +
    'github.com/leondz/emerging_entities_17): wnut17train.conll, emerging.dev.conll and ' +
    'emerging.test.annotated. Or a file of yours, such as theirs.',
  question: 'just landed in New York with Ivan Hill',
  async load(source) {
    if (source === undefined) return bundledEntities();
    const { readEntities } = await import('./load');
    return readEntities(source);
  },
  describe: describeParts('messages'),
  baseline({ train, test }) {
    const tagger = gazetteer(train);
    const metrics = scoresOf(
      test.map(({ words }) => tagger(words)),
      test.map(({ tags }) => tags),
    );
    return { name: 'names of the training part, found again', metrics };
  },
  meta: (data) => taggerMeta(data, FEATURES),
  model: (device, meta, { random, generator }) => new Finder(device, meta, random, generator),
  task: (model, data, meta, { seed }) => ({
    model,
    batches: taggedBatches(data.train, FEATURES, meta, { batchSize: 16, seed }),
    loss: ({ tags, ...inputs }) => model.crf.loss(model.emissions(inputs), tags, inputs.lengths),
    evaluate: () => measure(model, data.valid, meta),
  }),
  test: (model, data, meta) => measure(model, data.test, meta),
  async ask(model, meta, input) {
    const words = wordTokens(input);
    TokenVocabulary.fromJSON(meta.words).requireKnown(words.map(FEATURES.words));
    const { predicted } = await predict(model, [{ words, tags: words.map(() => 'O') }], meta);
    return words
      .map((word, i) => (predicted[0][i] === 'O' ? word : `${word}/${predicted[0][i]}`))
      .join(' ');
  },
  training: {
    epochs: 15,
    optimizer: (model) => new Adam(model, { lr: 3e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'f1',
    mode: 'max',
  },
};
