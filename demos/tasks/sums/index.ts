/**
 * Additions read and answered as characters: no number is ever told, and what a digit is worth depends on where it
 * stands (many to many, with attention).
 */
import { ArgumentError, DataError } from 'lethe';
import { exactMatch } from 'lethe/metrics';
import type { EncoderDecoder } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics } from 'lethe/train';

import { aligned, write } from '../pairs/evaluate';
import { pairMeta, pairModel, pairTask } from '../pairs/model';
import type { PairExample, PairMeta } from '../pairs/model';
import type { Pair } from '../pairs/pairs';
import { describeParts } from '../parts';
import { additions, withoutCarry } from './additions';
import { sumTokens } from './tokens';

function figures(pairs: readonly Pair[], written: readonly string[]): Metrics {
  return {
    exactMatch: exactMatch(
      written,
      pairs.map(({ target }) => target.join('')),
    ),
  };
}

async function measure(model: EncoderDecoder, pairs: readonly Pair[], meta: PairMeta) {
  const sources = pairs.map(({ source }) => source);
  const written = await write(model, sources, meta);
  return figures(
    pairs,
    written.map(({ tokens }) => tokens.join('')),
  );
}

/** Pairs that are learnt from at once. */
const BATCH = 64;

export const sums: PairExample = {
  name: 'sums',
  title: 'Additions as characters: many to many, with attention',
  data: 'Bundled: all 10,000 additions of two numbers below 100. There is no real set.',
  question: '27+45',
  async load(source) {
    if (source !== undefined) {
      throw new ArgumentError(`sums: DATA = ${source}; additions are generated: leave it out`);
    }
    return additions();
  },
  describe: describeParts('additions'),
  baseline: ({ test }) => ({
    name: 'columns added without carry',
    metrics: figures(test, test.map(withoutCarry)),
  }),
  meta: (data) =>
    pairMeta(data, { cell: 'gru', embedding: 32, hidden: 64, attention: 'general', dropout: 0 }),
  batchSize: () => BATCH,
  model: pairModel,
  task: (model, data, meta, { seed }) =>
    pairTask(model, data, meta, {
      batchSize: BATCH,
      seed,
      evaluate: () => measure(model, data.valid, meta),
    }),
  test: (model, { test }, meta) => measure(model, test, meta),
  async ask(model, meta, input) {
    const source = sumTokens(input);
    if (!/^\d+\+\d+$/.test(source.join(''))) {
      throw new DataError(`${input}: two numbers with a plus between are needed, such as 27+45`);
    }
    return aligned(model, source, meta);
  },
  training: {
    epochs: 12,
    optimizer: (model) => new Adam(model, { lr: 4e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'exactMatch',
    mode: 'max',
  },
};
