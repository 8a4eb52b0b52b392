import { DataError } from '../../../src/errors';
import type { Lesson } from '../../learn/lesson';
import { digitProbabilities, mlp as example } from '../../tasks/mlp/index';
import type { DigitClassifier, DigitMeta } from '../../tasks/mlp/index';
import type { LessonSettings } from './settings';

/** The probability of each digit. */
export type DigitReply = readonly number[];

/** The sum of the grey values of a digit; all that were learnt from have more. */
const LEAST_INK = 3;

/** Grey values of [8, 8]. */
export const digit: Lesson<
  LessonSettings,
  readonly number[],
  DigitReply,
  DigitClassifier,
  DigitMeta
> = {
  example: () => example,
  evaluations: 12,
  async answer(model, _meta, pixels) {
    const ink = pixels.reduce((sum, value) => sum + value, 0);
    if (ink < LEAST_INK) {
      throw new DataError(`${ink === 0 ? 'Nothing' : 'Hardly anything'} is drawn: draw a digit.`);
    }
    return digitProbabilities(model, Float32Array.from(pixels));
  },
};
