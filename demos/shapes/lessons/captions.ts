import { TokenVocabulary } from '../../../src/data/index';
import { DataError } from '../../../src/errors';
import { reshape, tensor } from '../../../src/index';
import type { Lesson } from '../../learn/lesson';
import { captions as example } from '../../tasks/captions/index';
import type { CaptionMeta } from '../../tasks/captions/index';
import type { Captioner } from '../../tasks/captions/captioner';
import type { LessonSettings } from './settings';
import { attended, columnOf, gradientsOf, largest, watch } from './watched';

export interface CaptionReply {
  /** How much of a word's look went to each patch of the picture, row by row. */
  readonly words: readonly { word: string; looks: readonly number[] }[];
  /** False where it found no end. */
  readonly finished: boolean;
  /** The likeliest captions, the best first. */
  readonly choices: readonly { caption: string; probability: number }[];
}

/** What noise on an empty ground comes to, from the darkest pixel of a colour to the brightest; a thing has twice that. */
const GROUND_VARIES = 0.2;

/** Whether the pixels of each colour are alike. */
const isEmpty = (pixels: readonly number[]): boolean =>
  [0, 1, 2].every((colour) => {
    const values = pixels.filter((_, i) => i % 3 === colour);
    return Math.max(...values) - Math.min(...values) < GROUND_VARIES;
  });

/** Pixels of [24, 24, 3]. */
export const captions: Lesson<
  LessonSettings,
  readonly number[],
  CaptionReply,
  Captioner,
  CaptionMeta
> = {
  example: () => example,
  async answer(model, { vocabulary, longest }, given) {
    const words = TokenVocabulary.fromJSON(vocabulary);
    if (isEmpty(given)) {
      throw new DataError('Nothing is drawn: draw two things, or have a picture drawn.');
    }
    const picture = { pixels: Float32Array.from(given) };
    return {
      ...(await model.told(picture, words, longest)),
      choices: await model.choices(picture, words, longest),
    };
  },
  async gradient(model, { vocabulary, longest }, given, output) {
    const known = TokenVocabulary.fromJSON(vocabulary);
    const told = await model.told({ pixels: Float32Array.from(given) }, known, longest);
    const ids = known.encode(
      told.words.map(({ word }) => word),
      { bos: true },
    );
    const found = await gradientsOf(model, () => {
      const { decoder, device } = model;
      const pixels = tensor(device, given, [1, given.length], { requiresGrad: true });
      const { state, memory } = model.encode(pixels);
      const words = decoder.embedding.forward(columnOf(device, ids));
      const layer = watch(decoder.rnn, words, [state]);
      const logits = decoder.out.forward(attended(decoder, layer.output, memory));
      const answer = largest(reshape(logits, [ids.length, -1]), output ?? ids.length - 1);
      // The one input is the picture, by the first state and by attention.
      return { answer, layers: [{ ...layer, inputs: pixels }] };
    });
    return { ...found, into: ids.map((_, i) => found.into[i] ?? 0) };
  },
};
