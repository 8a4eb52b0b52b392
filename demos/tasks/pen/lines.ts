/** Lines of handwriting, and what is learnt from them. */
import { ArgumentError, Random } from 'lethe';

import { classesOf, framesNeeded } from '../recognition/utterances';
import type { RecognitionData, Utterance } from '../recognition/utterances';
import { drawHand, write } from './hand';
import type { Ink } from './hand';
import { FEATURES, strokesToFrames } from './ink';

export interface PenLine extends Utterance {
  readonly ink: Ink;
}

export interface PenData extends RecognitionData {
  readonly test: readonly PenLine[];
  /** By hands of wider ranges than those that are learnt from. */
  readonly wild: readonly PenLine[];
}

/** The hands that are learnt from are calm and wild ones: people are. */
const LEARNT = [0.6, 1.4] as const;
const WILD = [1.5, 1.5] as const;

/** Symbols of the longest line. */
export const LONGEST = 5;

/**
 * Ink with what it says.
 *
 * @throws DataError for a symbol that is not to be read, ArgumentError for ink without enough strokes for its text.
 */
export function penLine(text: string, ink: Ink, symbols: readonly string[]): PenLine {
  const labels = classesOf(text, symbols);
  const frames = strokesToFrames(ink);
  if (frames.length / FEATURES < Math.max(1, framesNeeded(labels))) {
    throw new ArgumentError(
      `the ink of "${text}" is ${frames.length / FEATURES} frames long: too short for its symbols`,
    );
  }
  return { frames, labels, ink };
}

/** 1 to 5 symbols. */
export function drawText(symbols: readonly string[], random: Random): string {
  const below = (n: number) => Math.floor(n * random.uniform());
  const length = 1 + below(LONGEST);
  return Array.from({ length }, () => symbols[below(symbols.length)]).join('');
}

/**
 * Lines of 1 to 5 symbols, each in a hand of its own.
 *
 * @param wild how wide the ranges of hands are, from ... to ..., as of `drawHand`.
 */
export function drawLines(
  symbols: readonly string[],
  count: number,
  seed: number,
  [least, most]: readonly [number, number] = [1, 1],
): PenLine[] {
  return Array.from({ length: count }, (_, line) => {
    const random = new Random(seed, line);
    const text = drawText(symbols, random);
    const hand = drawHand(random, least + (most - least) * random.uniform());
    return penLine(text, write(text, hand, random), symbols);
  });
}

export function penData(symbols: readonly string[], lines: number, test?: PenLine[]): PenData {
  return {
    train: drawLines(symbols, lines, 1, LEARNT),
    valid: drawLines(symbols, 200, 2),
    test: test ?? drawLines(symbols, 500, 3),
    wild: drawLines(symbols, 500, 4, WILD),
    features: FEATURES,
    alphabet: symbols,
  };
}
