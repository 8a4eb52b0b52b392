import { Random } from '../../src/random';
import { drawTest } from './toys/toy';
import type { Toy, ToySequence } from './toys/toy';

/** Seed of the sequences that the page shows: they are drawn apart from those that are learnt from, and tested on. */
const SEED = 3;

/** The sequence of a number, the same on the page and in its workers. */
export function shownSequence(toy: Toy, number: number): ToySequence {
  return drawTest(toy, new Random(SEED, number));
}
