import { TokenVocabulary } from '../../../src/data/index';
import { DataError } from '../../../src/errors';
import type { Lesson } from '../../learn/lesson';
import { lowered } from '../../tasks/truecasing/capitals';
import { truecase, truecasing as example } from '../../tasks/truecasing/index';
import type { Truecaser, TruecaserMeta } from '../../tasks/truecasing/index';
import { FIRST } from '../switches';
import type { LessonSettings } from './settings';
import { columnOf, stepGradients } from './watched';

export interface CaseReply {
  /** In lower case. */
  readonly characters: readonly string[];
  /** Whether training had each, twice at least. */
  readonly known: readonly boolean[];
  /** That each is a capital. */
  readonly probabilities: readonly number[];
}

export const truecasing: Lesson<LessonSettings, string, CaseReply, Truecaser, TruecaserMeta> = {
  example(settings) {
    const { cell, directions } = settings?.switches ?? FIRST;
    const chosen: typeof example = {
      ...example,
      meta(data) {
        const meta = example.meta(data);
        return {
          ...meta,
          sizes: { ...meta.sizes, cell, bidirectional: directions === 'both' },
        };
      },
    };
    return chosen;
  },
  async answer(model, meta, input) {
    const text = input.trim();
    if (text === '') throw new DataError('There is nothing to read: type something.');
    const vocabulary = TokenVocabulary.fromJSON(meta.characters);
    const { characters, probabilities } = await truecase(model, meta, text);
    return { characters, known: characters.map((one) => vocabulary.has(one)), probabilities };
  },
  gradient(model, meta, input, output) {
    const ids = TokenVocabulary.fromJSON(meta.characters).encode(lowered(input.trim()));
    const { embedding, rnn, decoder } = model;
    return stepGradients(model, { rnn, decoder }, output, () =>
      embedding.forward(columnOf(embedding.weight.device, ids)),
    );
  },
};
