import type { Ids } from '../../../src/text/index';

/** Characters of the passage that models are compared on, and those read before it. */
const [PASSAGE_CHARACTERS, LEAD_CHARACTERS] = [500, 100];
/** Probabilities below this count as this: a few surprises would outweigh all the rest. */
const LEAST = 1e-4;

/** The end of a held-out text: it is the same whatever share of the text was held out. */
export interface Passage {
  /** With the characters that are read first; a copy, which does not hold the text. */
  readonly ids: Ids;
  /** Characters that count, at the end. */
  readonly length: number;
}

export function passageOf(valid: Ids): Passage {
  const length = Math.min(PASSAGE_CHARACTERS, valid.length);
  return { ids: valid.slice(-(length + LEAD_CHARACTERS)), length };
}

/** ln of the last `length` probabilities, and their mean loss. */
export function vectorOf(
  probabilities: ArrayLike<number>,
  length: number,
): { vector: Float32Array<ArrayBuffer>; loss: number } {
  const vector = new Float32Array(length);
  const first = probabilities.length - length;
  for (let i = 0; i < length; i++) {
    // What is no number, as of a model that diverged, foresees nothing.
    vector[i] = Math.log(Math.max(probabilities[first + i] || 0, LEAST));
  }
  return { vector, loss: -vector.reduce((sum, value) => sum + value, 0) / length };
}
