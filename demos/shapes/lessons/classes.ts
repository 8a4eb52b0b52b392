/** Classifiers of sequences: what they think after each step. */
import { TokenVocabulary } from '../../../src/data/index';
import { DataError } from '../../../src/errors';
import { ones } from '../../../src/index';
import type { Lesson } from '../../learn/lesson';
import type { Example } from '../../tasks/example';
import type { ClassifierSizes, SequenceClassifier } from '../../tasks/many_to_one/classifier';
import { bayesFigures, beginningProbabilities } from '../../tasks/many_to_one/task';
import type { ClassData, ClassMeta } from '../../tasks/many_to_one/task';
import { FIRST } from '../switches';
import { ownLabelled } from './own_file';
import type { OwnFile } from './own_file';
import { foundLabelled, learntFrom } from './own_found';
import type { LessonSettings } from './settings';
import { columnOf, gradientsOf, largest, watch } from './watched';

export interface ClassReply {
  readonly tokens: readonly string[];
  /** Whether each was there in training. */
  readonly known: readonly boolean[];
  /** The classes by name. */
  readonly classes: readonly string[];
  /** [steps][classes], of the sequence as far as that step. */
  readonly probabilities: readonly (readonly number[])[];
}

const PAIRS = { of: 'tokens', most: 2, smoothing: 1 } as const;

/** Rows of one's own that are learnt from at once. */
const OWN_BATCH = 32;

interface NamedClasses {
  readonly classes: readonly string[];
}

/**
 * @param tokensOf of an input: characters or words.
 * @param classesOf the names of the classes of the example's own data.
 * @param sizes that learn within a minute in a page.
 */
export function classLesson<Data extends ClassData, Meta extends ClassMeta>(
  learnt: Example<Data, Meta, SequenceClassifier>,
  tokensOf: (input: string) => string[],
  classesOf: (data: Data) => readonly string[],
  sizes: Pick<ClassifierSizes, 'hidden' | 'embedding'>,
): Lesson<LessonSettings, string, ClassReply, SequenceClassifier, Meta & NamedClasses> {
  // Beside the baseline's line the page draws the accuracy, whatever tells the best epoch elsewhere.
  const training = { ...learnt.training, monitor: 'accuracy', mode: 'max' as const };
  const example = { ...learnt, training };
  const ownLearnt = (own: OwnFile) => {
    const data = ownLabelled(own, tokensOf);
    const found = learntFrom(example, data, OWN_BATCH, ({ tokens }) => tokens.length);
    return { ...found, load: async () => data };
  };
  return {
    evaluations: 12,
    found: ({ own }) => own && foundLabelled(own, ownLabelled(own, tokensOf)),
    example(settings) {
      const { cell, directions } = settings?.switches ?? FIRST;
      const own = settings?.own ?? null;
      const named = (data: Data & Partial<NamedClasses>): readonly string[] =>
        data.classes ?? classesOf(data);
      const chosen = {
        ...example,
        ...(own && {
          ...ownLearnt(own),
          baseline: (data: ClassData & NamedClasses) => ({
            name: 'naive Bayes',
            metrics: bayesFigures(data, data.classes.length, PAIRS),
          }),
        }),
        meta(data: Data & Partial<NamedClasses>) {
          const classes = named(data);
          // The example's meta wants data of its own kind, of which it needs the names of the classes alone.
          const meta = example.meta({ languages: classes, ...data });
          return {
            ...meta,
            // The page shows the network alone.
            spelling: undefined,
            classes,
            ...(own && { batchSize: OWN_BATCH }),
            sizes: {
              ...meta.sizes,
              ...sizes,
              cell,
              bidirectional: directions === 'both',
              classes: classes.length,
            },
          };
        },
      };
      return chosen;
    },
    async answer(model, meta, input) {
      const tokens = tokensOf(input);
      if (tokens.length === 0) throw new DataError('There is nothing to read: type something.');
      const probabilities = await beginningProbabilities(model, meta, tokens);
      const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
      const known = tokens.map((token) => vocabulary.has(token));
      return { tokens, known, classes: meta.classes, probabilities };
    },
    async gradient(model, meta, input) {
      const ids = TokenVocabulary.fromJSON(meta.vocabulary).encode(tokensOf(input));
      const found = await gradientsOf(model, () => {
        const { embedding, rnn } = model;
        const { device } = embedding.weight;
        const layer = watch(rnn, embedding.forward(columnOf(device, ids)));
        const all = ones(device, [ids.length, 1]);
        const logits = model.classify(layer.output, layer.state[0], all);
        return { answer: largest(logits, 0), layers: [layer] };
      });
      if (model.sizes.pooling !== 'last') return found;
      // The answer is made from what each direction hands on at its end: the last step, and the first.
      const up = found.up.map(() => 0);
      up[ids.length - 1] = found.ahead.at(-1)!;
      up[0] = Math.hypot(up[0], found.back[0]);
      return { ...found, up };
    },
  };
}
