import { Random } from 'lethe';
import { wordTokens } from 'lethe/data';
import { bleu } from 'lethe/metrics';
import type { EncoderDecoder } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics } from 'lethe/train';

import type { Example } from '../example';
import { alignmentText } from '../pairs/alignment';
import { line, pairPerplexity, write } from '../pairs/evaluate';
import { pairLoss, pairMeta, pairModel, pairTask, SMALL, vocabularies } from '../pairs/model';
import type { PairMeta, PairSizes } from '../pairs/model';
import { trigramPerplexity } from '../pairs/ngram';
import { describeParts } from '../parts';
import { split } from '../pairs/pairs';
import type { Pair, PairSets } from '../pairs/pairs';
import { sentencePairs } from './grammar';
import { wordByWord } from './word_by_word';

/** Sentence pairs from which on the network is as large as a language needs. */
const MANY = 20_000;
const BEAM = 4;

const LARGE: PairSizes = { ...SMALL, embedding: 64, hidden: 128, dropout: 0.2 };

async function load(source?: string): Promise<PairSets> {
  if (source !== undefined) return (await import('./load')).loadSentences(source);
  return split(sentencePairs(2500, new Random(1)), 0.08);
}

/** Words that occur once are unknown in a real text. */
const meta = (data: PairSets): PairMeta =>
  data.train.length < MANY ? pairMeta(data, SMALL) : pairMeta(data, LARGE, 2);

const perplexity = (
  model: EncoderDecoder,
  pairs: readonly Pair[],
  meta: PairMeta,
): Promise<number> => pairPerplexity(model, pairs, meta, (batch) => pairLoss(model, batch));

async function measure(
  model: EncoderDecoder,
  pairs: readonly Pair[],
  meta: PairMeta,
): Promise<Metrics> {
  const sources = pairs.map(({ source }) => source);
  const written = await write(model, sources, meta, BEAM);
  return {
    perplexity: await perplexity(model, pairs, meta),
    bleu: bleu(
      written.map(({ tokens }) => tokens),
      pairs.map(({ target }) => target),
    ),
  };
}

export const translate: Example<PairSets, PairMeta, EncoderDecoder> = {
  name: 'translate',
  title: 'German to English: many to many, with attention',
  data:
    'Bundled: 2,500 sentences of a grammar of a few rules. Real: a folder with train.de, train.en, val.de, ' +
    'val.en, test_2016_flickr.de and .en, packed as .gz or not, such as data/task1/raw of Multi30k ' +
    '(github.com/multi30k/dataset, for research), with --epochs 10.',
  question: 'Gestern hat der alte Bäcker einen roten Apfel gekauft.',
  load,
  describe: describeParts('pairs'),
  baseline(data) {
    const translated = wordByWord(data.train);
    return {
      name: 'word by word (IBM model 1); for perplexity a trigram model of the English alone',
      metrics: {
        perplexity: trigramPerplexity(data, meta(data)),
        bleu: bleu(
          data.test.map(({ source }) => translated(source)),
          data.test.map(({ target }) => target),
        ),
      },
    };
  },
  meta,
  model: pairModel,
  task: (model, data, meta, { seed }) =>
    pairTask(model, data, meta, {
      batchSize: data.train.length < MANY ? 32 : 64,
      seed,
      evaluate: async () => ({ perplexity: await perplexity(model, data.valid, meta) }),
    }),
  test: (model, { test }, meta) => measure(model, test, meta),
  async ask(model, meta, input) {
    const source = wordTokens(input, { lowerCase: true });
    const known = vocabularies(meta).source;
    known.requireKnown(source);
    const [written] = await write(model, [source], meta, BEAM);
    const unknown = known.unknown(source);
    return [
      line(written, ' '),
      ...(unknown.length > 0 ? [`(words that it does not know: ${unknown.join(', ')})`] : []),
      ...(written.tokens.length > 0
        ? ['', alignmentText(source, written.tokens, written.weights)]
        : []),
    ].join('\n');
  },
  training: {
    epochs: 15,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps, 0.05),
    clipNorm: 1,
    monitor: 'perplexity',
    mode: 'min',
  },
};
