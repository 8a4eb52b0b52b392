import { DataError, Random } from 'lethe';
import { characterErrorRate, exactMatch } from 'lethe/metrics';
import type { EncoderDecoder } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics } from 'lethe/train';

import { aligned, write } from '../pairs/evaluate';
import { pairMeta, pairModel, pairTask, vocabularies } from '../pairs/model';
import type { PairExample, PairMeta } from '../pairs/model';
import { describeParts } from '../parts';
import { split } from '../pairs/pairs';
import type { Pair, PairSets } from '../pairs/pairs';
import { DAYS, datePairs } from './generate';

/** Each day in one format; those of the test are in no other set. */
async function load(source?: string): Promise<PairSets> {
  if (source !== undefined) return split(await (await import('./load')).loadDates(source), 0.05);
  const days = split(
    Array.from({ length: DAYS }, (_, day) => day),
    0.05,
  );
  const random = new Random(1);
  return {
    train: datePairs(days.train, 1, random),
    valid: datePairs(days.valid, 1, random),
    test: datePairs(days.test, 1, random),
  };
}

function figures(pairs: readonly Pair[], written: readonly (readonly string[])[]): Metrics {
  const wanted = pairs.map(({ target }) => target.join(''));
  const found = written.map((tokens) => tokens.join(''));
  return {
    exactMatch: exactMatch(found, wanted),
    characterError: characterErrorRate(found, wanted),
  };
}

/** What JavaScript reads by itself; nothing where it finds no date. */
function parsed({ source }: Pair): string[] {
  const text = source.join('');
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return [];
  // What stands as ISO 8601 has it is of UTC, all else of the time zone here.
  if (/^\d{4}-/.test(text)) return [...date.toISOString().slice(0, 10)];
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0'));
  return [...`${date.getFullYear()}-${month}-${day}`];
}

async function measure(model: EncoderDecoder, pairs: readonly Pair[], meta: PairMeta) {
  const written = await write(
    model,
    pairs.map(({ source }) => source),
    meta,
  );
  return figures(
    pairs,
    written.map(({ tokens }) => tokens),
  );
}

/** Pairs that are learnt from at once. */
const BATCH = 64;

export const dates: PairExample = {
  name: 'dates',
  title: 'Dates in seventeen formats to ISO 8601: many to many, with attention',
  data:
    'Bundled: generated, each day from 1950 to 2049. Your own: a file with a line for each date, the text, ' +
    'a tab, and the date as YYYY-MM-DD.',
  question: '3rd of May 1987',
  load,
  describe: describeParts('pairs'),
  baseline: ({ test }) => ({
    name: "JavaScript's own Date.parse",
    metrics: figures(test, test.map(parsed)),
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
    const source = [...input.trim().toLowerCase()];
    const [unknown] = vocabularies(meta).source.unknown(source);
    if (source.length === 0 || unknown !== undefined) {
      throw new DataError(
        source.length === 0
          ? 'the date is empty; give one such as 3rd of May 1987'
          : `no date that was learnt has a ${unknown}; write it like 3rd of May 1987`,
      );
    }
    return aligned(model, source, meta);
  },
  training: {
    epochs: 3,
    optimizer: (model) => new Adam(model, { lr: 4e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'exactMatch',
    mode: 'max',
  },
};
