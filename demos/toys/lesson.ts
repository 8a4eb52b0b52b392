import type { CellName } from '../../src/nn/index';
import type { Lesson } from '../learn/lesson';
import { answers, toyExample } from './toys/example';
import type { ToyMeta } from './toys/example';
import type { ToyNetwork } from './toys/network';
import type { Toy } from './toys/toy';
import { shownSequence } from './shown';

export interface ToySettings {
  readonly cell: CellName;
}

/** Evaluations in a training: points of the curve. */
export const EVALUATIONS = 25;

/** A toy with any cell. A sequence is asked for by its number; the reply is what the network says at each step. */
export function toyLesson(toy: Toy): Lesson<ToySettings, number, number[], ToyNetwork, ToyMeta> {
  return {
    evaluations: EVALUATIONS,
    example: (settings) => toyExample(toy, settings?.cell ?? 'lstm'),
    async answer(model, _meta, number) {
      const sequence = shownSequence(toy, number);
      const [said] = await answers(model, [sequence], toy, sequence.inputs.length);
      return said;
    },
  };
}
