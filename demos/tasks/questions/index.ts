/**
 * What a question asks for: a person, a place, a number. Words are embedded, a recurrent network reads them in
 * both directions, and an MLP is given the largest value of each output over time.
 */
import { splitExamples, TokenVocabulary, wordTokens } from 'lethe/data';
import { Adam, cosine } from 'lethe/optim';

import { tokenNgrams } from '../baselines/naive_bayes';
import type { Example } from '../example';
import type { SequenceClassifier } from '../many_to_one/classifier';
import { bayesFigures, describeParts, manyToOne, rankedClasses } from '../many_to_one/task';
import type { ClassData, ClassMeta, Labelled } from '../many_to_one/task';
import { loadQuestions } from './load';
import { CLASSES, ownQuestions } from './questions';
import type { Question } from './questions';

const words = (text: string): string[] => wordTokens(text, { lowerCase: true });
const tokenized = (questions: readonly Question[]): Labelled[] =>
  questions.map(({ text, label }) => ({ tokens: words(text), label }));

export const questions: Example<ClassData, ClassMeta, SequenceClassifier> = {
  name: 'questions',
  title: 'What a question asks for: many to one',
  data:
    'Bundled: 300 questions of our own. Real: TREC, 5,452 questions and 500 to test (Li and Roth, 2002; for ' +
    'research), from cogcomp.seas.upenn.edu/Data/QA/QC: a folder with train_5500.label and TREC_10.label',
  question: 'Who sailed around the world alone?',

  async load(source) {
    if (source === undefined) {
      const [train, valid, test] = splitExamples(tokenized(ownQuestions()), [0.7, 0.1, 0.2], 1);
      return { train, valid, test };
    }
    const real = await loadQuestions(source);
    const [train, valid] = splitExamples(tokenized(real.train), [0.9, 0.1], 1);
    return { train, valid, test: tokenized(real.test) };
  },

  describe: describeParts,

  baseline: (data) => ({
    name: 'naive Bayes over words and pairs of words',
    metrics: bayesFigures(data, CLASSES.length, (tokens) => tokenNgrams(tokens, 2), 0.3),
  }),

  meta({ train }) {
    const vocabulary = TokenVocabulary.fromSequences(
      train.map(({ tokens }) => tokens),
      { minCount: 2 },
    );
    return {
      vocabulary: vocabulary.toJSON(),
      batchSize: train.length < 1000 ? 8 : 32,
      sizes: {
        tokens: vocabulary.size,
        classes: CLASSES.length,
        embedding: 64,
        cell: 'gru',
        hidden: 64,
        layers: 1,
        head: [],
        pooling: 'max',
        dropout: 0.5,
        tokenDropout: 0.1,
      },
    };
  },

  ...manyToOne,

  async ask(model, meta, input) {
    const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
    const tokens = words(input);
    vocabulary.requireKnown(tokens);
    const ranked = await rankedClasses(model, vocabulary, tokens);
    return ranked
      .slice(0, 2)
      .map(({ label, probability }) => `${Math.round(100 * probability)} % ${CLASSES[label].asks}`)
      .join('\n');
  },

  training: {
    epochs: 15,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps),
    clipNorm: 5,
    monitor: 'accuracy',
    mode: 'max',
  },
};
