import { add, Random } from 'lethe';
import { wordTokens } from 'lethe/data';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics } from 'lethe/train';

import type { Example } from '../example';
import { line, pairPerplexity, write } from '../pairs/evaluate';
import { pairBatches, pairMeta, SMALL, vocabularies } from '../pairs/model';
import type { PairMeta, PairSizes } from '../pairs/model';
import { trigramPerplexity } from '../pairs/ngram';
import { describeParts } from '../parts';
import { split } from '../pairs/pairs';
import type { Pair, PairSets } from '../pairs/pairs';
import { Dialogue } from './model';
import { exchanges } from './repartee';

/** Turns with more words than these have come from a real play. */
const WORDS_OF_THE_BUNDLED = 300;
const BEAM = 4;

const LARGE: PairSizes = { ...SMALL, embedding: 64, hidden: 128, dropout: 0.4 };

async function load(source?: string): Promise<PairSets> {
  if (source !== undefined) return split(await (await import('./load')).loadTurns(source), 0.1);
  return split(exchanges(2500, new Random(1)), 0.1);
}

/** A word that occurs once is unknown. */
function meta(data: PairSets): PairMeta {
  const words = new Set(data.train.flatMap(({ target }) => target));
  return pairMeta(data, words.size <= WORDS_OF_THE_BUNDLED ? SMALL : LARGE, 2);
}

async function measure(model: Dialogue, pairs: readonly Pair[], meta: PairMeta): Promise<Metrics> {
  const perplexity = (loss: Parameters<typeof pairPerplexity>[3]) =>
    pairPerplexity(model, pairs, meta, loss);
  return {
    perplexity: await perplexity((batch) => model.answeringLoss(batch)),
    withoutContext: await perplexity((batch) => model.deafLoss(batch)),
  };
}

export const dialogue: Example<PairSets, PairMeta, Dialogue> = {
  name: 'dialogue',
  title: 'Answers to what was said: many to many, against a model that did not hear it',
  data:
    'Bundled: questions and answers of a small grammar. Real: a play as a text file, each turn with "NAME:" on ' +
    'a line of its own and an empty line behind it, such as tinyshakespeare (public domain), with --epochs 8.',
  question: 'Where did you leave the kettle?',
  load,
  describe: describeParts('pairs'),
  baseline(data) {
    const perplexity = trigramPerplexity(data, meta(data));
    return {
      name: 'a trigram model of the answers',
      metrics: { perplexity, withoutContext: perplexity },
    };
  },
  meta,
  model: (device, meta, options) => new Dialogue(device, meta, options),
  task: (model, data, meta, { seed }) => ({
    model,
    batches: pairBatches(data.train, meta, { batchSize: 32, seed }),
    loss: (batch) => add(model.answeringLoss(batch), model.deafLoss(batch)),
    evaluate: () => measure(model, data.valid, meta),
  }),
  test: (model, { test }, meta) => measure(model, test, meta),
  async ask(model, meta, input) {
    const said = wordTokens(input, { lowerCase: true });
    vocabularies(meta).source.requireKnown(said);
    const [written] = await write(model.answering, [said], meta, BEAM);
    return line(written, ' ');
  },
  training: {
    epochs: 15,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 5,
    monitor: 'perplexity',
    mode: 'min',
  },
};
