import { wholePercent } from '../../learn/percent';

/** A probability below which an output is a guess. */
export const GUESSED = 0.6;

/** @param what has the probability, in a sentence. */
export const unsureTold = (what: string, probability: number): string[] =>
  probability < GUESSED
    ? [`Not sure: ${what} has a probability of ${wholePercent(probability)}.`]
    : [];
