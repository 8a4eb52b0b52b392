/**
 * The language of a surname. Its characters are read in both directions, and an MLP is given the last state of
 * each. Where there are many names, a language model of characters is counted for each language, and a linear layer
 * weighs how likely each makes a name: a number for each reading, length of n-grams and language.
 */
import { characterTokens, splitExamples, TokenVocabulary } from 'lethe/data';
import { Adam, cosine } from 'lethe/optim';

import type { Example } from '../example';
import type { Ngrams } from '../many_to_one/ngrams';
import type { SequenceClassifier } from '../many_to_one/classifier';
import { bayesFigures, manyToOne, rankedLabels } from '../many_to_one/task';
import type { ClassData, ClassMeta } from '../many_to_one/task';
import { describeParts } from '../parts';
import { inventedSurnames, LANGUAGES } from './generated';

interface NamesData extends ClassData {
  readonly languages: readonly string[];
  /** What is right at most where every name has one answer, for some belong to several languages. */
  readonly ceiling: number;
}

const NGRAMS: Ngrams = { of: 'characters', most: 4, smoothing: 0.1 };

interface NamesMeta extends ClassMeta {
  readonly languages: readonly string[];
}

export const names: Example<NamesData, NamesMeta, SequenceClassifier> = {
  name: 'names',
  title: 'Language of a surname, by its characters: many to one',
  data:
    'Bundled: 3,000 surnames from syllables of ten languages. Real: 11,477 surnames of 18 languages in the npm ' +
    'package @faker-js/faker (MIT): npm install --no-save @faker-js/faker@10, then ' +
    'lethe task names node_modules/@faker-js/faker, with --epochs 8',
  question: 'Kowalski',

  async load(source) {
    const { names, languages } =
      source === undefined
        ? { names: inventedSurnames(300, 1), languages: LANGUAGES }
        : await (await import('./load')).loadSurnames(source);
    const examples = names.map(({ name, label }) => ({ tokens: characterTokens(name), label }));
    const [train, valid, test] = splitExamples(examples, [0.85, 0.05, 0.1], 1);
    const ceiling = new Set(names.map(({ name }) => name)).size / names.length;
    return { train, valid, test, languages, ceiling };
  },

  describe: describeParts('names'),

  baseline: (data) => ({
    name: `naive Bayes over 1 to 4 characters (at most ${(100 * data.ceiling).toFixed(1)} % can be told)`,
    metrics: bayesFigures(data, data.languages.length, NGRAMS),
  }),

  meta({ train, languages }) {
    const sequences = train.map(({ tokens }) => tokens);
    const vocabulary = TokenVocabulary.fromSequences(sequences);
    // Counted from few names they tell little that holds.
    const spelling = train.length > 5000 ? { most: 5, examples: train } : undefined;
    return {
      languages,
      spelling,
      vocabulary: vocabulary.toJSON(),
      batchSize: 32,
      sizes: {
        tokens: vocabulary.size,
        classes: languages.length,
        embedding: 64,
        cell: 'gru',
        // Beside language models there is less to learn.
        hidden: spelling ? 96 : 160,
        layers: 1,
        head: [],
        pooling: 'last',
        dropout: 0.5,
        tokenDropout: 0,
      },
    };
  },

  ...manyToOne,

  async ask(model, meta, input) {
    const tokens = characterTokens(input.normalize('NFC').trim());
    const ranked = await rankedLabels(model, meta, tokens);
    return ranked
      .slice(0, 3)
      .map(
        ({ label, probability }) => `${meta.languages[label]} ${Math.round(100 * probability)} %`,
      )
      .join(', ');
  },

  training: {
    epochs: 16,
    optimizer: (model) => new Adam(model, { lr: 3e-3 }),
    schedule: (steps) => cosine(steps),
    clipNorm: 5,
    // Of a few hundred names the accuracy tells epochs apart by chance.
    monitor: 'loss',
    mode: 'min',
  },
};
