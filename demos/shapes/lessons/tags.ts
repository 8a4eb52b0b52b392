import { DataError } from '../../../src/errors';
import { wordTokens } from '../../../src/data/index';
import { batchTensors } from '../../../src/train/index';
import type { Lesson } from '../../learn/lesson';
import { sentenceBatch, tags as example, Tagger, tagWords } from '../../tasks/tags/index';
import type { TaggerMeta } from '../../tasks/tags/encode';
import { FIRST } from '../switches';
import type { LessonSettings } from './settings';
import { stepGradients } from './watched';

export interface TagReply {
  readonly words: readonly {
    readonly word: string;
    readonly tag: string;
    readonly probability: number;
    /** Whether training had the word, twice at least. */
    readonly known: boolean;
  }[];
}

/** Units of each direction: enough for the grammar's sentences. */
const HIDDEN = 48;

export const tags: Lesson<LessonSettings, string, TagReply, Tagger, TaggerMeta> = {
  example(settings) {
    const { cell, directions } = settings?.switches ?? FIRST;
    const network = { cell, bidirectional: directions === 'both', hidden: HIDDEN };
    const chosen: typeof example = {
      ...example,
      model: (device, meta, sources) => new Tagger(device, meta, sources, network),
    };
    return chosen;
  },
  async answer(model, meta, input) {
    const words = wordTokens(input);
    if (words.length === 0) throw new DataError('There is nothing to read: type something.');
    return { words: await tagWords(model, meta, words) };
  },
  gradient(model, meta, input, output) {
    const { rnn, decoder } = model;
    const batch = sentenceBatch(meta, wordTokens(input));
    return stepGradients(model, { rnn, decoder }, output, () =>
      model.inputs(batchTensors(decoder.weight.device, batch)),
    );
  },
};
