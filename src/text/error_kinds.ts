import { ArgumentError, ShapeError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { isWordCharacter } from './character';

/** What may explain an error, in the order in which errors are taken away. */
export const ERROR_KINDS = [
  'ngram',
  'memory',
  'rareWord',
  'wordStart',
  'punctuation',
  'boost',
] as const;

/** What may explain an error: a name of `ERROR_KINDS`. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** A character is an error where the model gave it less than this. */
const RIGHT = 0.5;

/** Some of the errors, and what would take them away. */
export interface ErrorSlice {
  /** What explains them. */
  readonly kind: ErrorKind;
  /**
   * How much of it: the lowest order of an n-gram model that is right, characters of memory, occurrences in
   * the training text, probability added. `null` for kinds that have no measure.
   */
  readonly limit: number | null;
  /** Characters. */
  readonly count: number;
}

/** What `errorKinds` gives, for n characters. */
export interface ErrorKinds {
  /** In order: errors of one slice are those that none before it explains. Slices may be empty. */
  readonly slices: readonly ErrorSlice[];
  /** [n] The slice of each character; -1 where it is no error. */
  readonly sliceOf: Int16Array<ArrayBuffer>;
  /** Characters that are errors: the sum of the slices. */
  readonly errors: number;
}

/** What `errorKinds` takes. */
export interface ErrorKindsOptions {
  /** Text that the model was trained on: tells which words are rare. */
  train: string;
  /** [orders][n] The probability of each character under n-gram models of order 1, 2 and so on. */
  ngrams: readonly ArrayLike<number>[];
  /** Characters that a memory reaches back, ascending. */
  memories?: readonly number[];
  /** A word is rare with up to so many occurrences in `train`. */
  rareWords?: number;
}

const OPTIONS: OptionNames<ErrorKindsOptions> = {
  train: true,
  ngrams: true,
  memories: true,
  rareWords: true,
};

/**
 * Error analysis of a character model: counts its errors on a text by what would take them away. A character is an error where its
 * probability is below one half. Each error goes to the first of these that explains it:
 *
 * - `ngram`: an n-gram model of some order gets the character right.
 * - `memory`: it is in a word, after the first character, that stands in the last 100 (500, 1000, 5000)
 *   characters before the word, in a word of its own or within another.
 * - `rareWord`: it is in a word that occurs at most 0 (1, ..., 5) times in the training text.
 * - `wordStart`: it comes after white space or a quote.
 * - `punctuation`: it is a sign, neither letter, digit nor white space.
 * - `boost`: a probability higher by 0.1 (0.2, ..., 0.5) would have been enough; what remains.
 *
 * The order decides the shares: what is explained twice counts for the first. Words are runs of letters,
 * digits and underscores.
 *
 * Source: Karpathy, Johnson and Fei-Fei (2015), section 4.4.
 *
 * @param text of n characters (code points).
 * @param probabilities [n] what the model gave each of them.
 * @throws ShapeError unless `probabilities` and each of `ngrams` have n values.
 * @throws ArgumentError for `memories` that are not ascending integers from 1, or `rareWords` that is no
 *   integer from 0.
 */
export function errorKinds(
  text: string,
  probabilities: ArrayLike<number>,
  options: ErrorKindsOptions,
): ErrorKinds {
  checkOptions('errorKinds', options, OPTIONS);
  const { train, ngrams, memories = [100, 500, 1000, 5000], rareWords = 5 } = options;
  const characters = Array.from(text);
  checkLengths(characters.length, probabilities, ngrams);
  checkLimits(memories, rareWords);
  const words = wordsOf(characters);
  const nearest = distancesBack(characters);
  const occurrences = countWords(train);
  const measures: Record<ErrorKind, Measure> = {
    ngram: {
      limits: ngrams.map((_, i) => i + 1),
      of: (t) => 1 + ngrams.findIndex((order) => order[t] >= RIGHT) || Infinity,
    },
    memory: {
      limits: memories,
      of: (t) => (words[t] && words[t].begin < t ? nearest(words[t]) : Infinity),
    },
    rareWord: {
      limits: Array.from({ length: rareWords + 1 }, (_, n) => n),
      of: (t) => (words[t] ? (occurrences.get(words[t].text) ?? 0) : Infinity),
    },
    wordStart: {
      limits: [null],
      of: (t) => (/[\s"'“”‘’«»]/u.test(characters[t - 1] ?? ' ') ? 0 : Infinity),
    },
    punctuation: {
      limits: [null],
      of: (t) => (/[\p{P}\p{S}]/u.test(characters[t]) ? 0 : Infinity),
    },
    boost: { limits: [0.1, 0.2, 0.3, 0.4, 0.5], of: (t) => RIGHT - probabilities[t] },
  };
  const slices = ERROR_KINDS.flatMap((kind) =>
    measures[kind].limits.map((limit) => ({ kind, limit, count: 0 })),
  );
  const sliceOf = new Int16Array(characters.length).fill(-1);
  let errors = 0;
  for (let t = 0; t < characters.length; t++) {
    if (probabilities[t] >= RIGHT) continue;
    errors++;
    const found = slices.findIndex(
      ({ kind, limit }) => measures[kind].of(t) <= (limit ?? 0) + TOLERANCE,
    );
    // What is no number, as of a model that diverged, is never enough.
    sliceOf[t] = found < 0 ? slices.length - 1 : found;
    slices[sliceOf[t]].count++;
  }
  return { slices, sliceOf, errors };
}

/** Of the difference of two probabilities. */
const TOLERANCE = 1e-9;

/** The least amount of something that takes away the error at `t`; Infinity where none does. */
interface Measure {
  readonly limits: readonly (number | null)[];
  readonly of: (t: number) => number;
}

interface Word {
  readonly begin: number;
  readonly text: string;
}

/** The word that each character is in; undefined outside of words. */
function wordsOf(characters: readonly string[]): (Word | undefined)[] {
  const words = Array<Word | undefined>(characters.length);
  for (let begin = 0; begin < characters.length; begin++) {
    let end = begin;
    while (end < characters.length && isWordCharacter(characters[end])) end++;
    if (end > begin) words.fill({ begin, text: characters.slice(begin, end).join('') }, begin, end);
    begin = Math.max(begin, end - 1);
  }
  return words;
}

/** How far before a word its characters begin that stand last before it; each word is sought once. */
function distancesBack(characters: readonly string[]): (word: Word) => number {
  const found = new Map<Word, number>();
  // The place in UTF-16 units of each character, and back.
  const units = new Int32Array(characters.length + 1);
  characters.forEach((character, t) => (units[t + 1] = units[t] + character.length));
  const text = characters.join('');
  const ofUnit = new Int32Array(text.length + 1);
  units.forEach((unit, t) => (ofUnit[unit] = t));
  return (word) => {
    let distance = found.get(word);
    if (distance === undefined) {
      const at = text.slice(0, units[word.begin]).lastIndexOf(word.text);
      distance = at < 0 ? Infinity : word.begin - ofUnit[at];
      found.set(word, distance);
    }
    return distance;
  };
}

function countWords(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function checkLengths(
  n: number,
  probabilities: ArrayLike<number>,
  ngrams: readonly ArrayLike<number>[],
): void {
  const given = [
    ['probabilities', probabilities] as const,
    ...ngrams.map((order, i) => [`ngrams[${i}]`, order] as const),
  ];
  for (const [name, { length }] of given) {
    if (length === n) continue;
    throw new ShapeError(`errorKinds: ${name} has ${length} values, the text ${n} characters`);
  }
}

function checkLimits(memories: readonly number[], rareWords: number): void {
  const ascending = memories.every(
    (value, i) => Number.isInteger(value) && value > (i > 0 ? memories[i - 1] : 0),
  );
  if (!ascending) {
    throw new ArgumentError(
      `errorKinds: memories = ${JSON.stringify(memories)}; ascending integers from 1 are needed`,
    );
  }
  if (Number.isInteger(rareWords) && rareWords >= 0) return;
  throw new ArgumentError(
    `errorKinds: rareWords = ${describeValue(rareWords)}; an integer from 0 is needed`,
  );
}
