import type { Random } from 'lethe';

/** A sequence, and what is asked of it. */
export interface ToySequence {
  /** [time][features]. */
  readonly inputs: readonly (readonly number[])[];
  /** For each step a class, or a number for toys of numbers; null where nothing is asked. */
  readonly targets: readonly (number | null)[];
}

/** A task of a few lines whose sequences are drawn, to see what a cell can remember. */
export interface Toy {
  readonly name: string;
  /** Numbers in a step of the input. */
  readonly features: number;
  /** Classes to tell apart; 'number' for a number, which is right within `TOLERANCE`. */
  readonly answer: { readonly classes: number } | 'number';
  /** What is right or wrong as a whole: each answer, or all answers of a sequence. */
  readonly unit: 'answer' | 'sequence';
  /** Steps of the longest sequence to learn from. */
  readonly time: number;
  readonly training: { readonly steps: number; readonly lr: number; readonly hidden: number };
  /** A sequence to learn from. */
  draw(random: Random): ToySequence;
  /** Sequences to test on, where those are longer than any that is learnt from. */
  readonly test?: { readonly time: number; draw(random: Random): ToySequence };
}

/** A sequence to test on. */
export function drawTest(toy: Toy, random: Random): ToySequence {
  return (toy.test?.draw ?? toy.draw)(random);
}

/** Sequences to choose the best model by, and as many to test it on. */
export const HELD_OUT = 200;

/** How far from the right number an answer may be. */
export const TOLERANCE = 0.1;

/** A whole number from 0 to `below - 1`. */
export function below(count: number, random: Random): number {
  return Math.floor(random.uniform() * count);
}

/** Zeros, and a one at a place. */
export function oneHot(place: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Number(i === place));
}

/** The share that is right of answers [sequences][time] to what the sequences ask. */
export function accuracyOf(
  { answer, unit }: Pick<Toy, 'answer' | 'unit'>,
  sequences: readonly ToySequence[],
  answers: readonly (readonly number[])[],
): number {
  const right = (target: number, said: number): boolean =>
    answer === 'number' ? Math.abs(said - target) <= TOLERANCE : said === target;
  const verdicts = sequences.map(({ targets }, i) =>
    targets.flatMap((target, t) => (target === null ? [] : [right(target, answers[i][t])])),
  );
  const counted = unit === 'sequence' ? verdicts.map((all) => all.every(Boolean)) : verdicts.flat();
  return counted.filter(Boolean).length / counted.length;
}
