import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Ids } from '../text/ids';
import type { Unknown, Vocabulary } from '../text/vocabulary';
import { primeOf } from './prime';

/** Keeps the draws of `sample` apart from other random numbers of one seed. */
export const RANDOM_STREAM = 2;

/** What `sample` and `sampleText` take. */
export interface SampleOptions {
  /** Read before the first character is drawn; a line end when left out. */
  prime?: string;
  /** What becomes of characters of the prime that the vocabulary lacks; an error when left out. */
  unknown?: Unknown;
  /** Characters to draw; 200 when left out. */
  length?: number;
  /** Divides the logits: below 1 safer, above 1 wilder, 0 always the likeliest; 1 when left out. */
  temperature?: number;
  /** Draws among so many likeliest characters; 0, as when left out, among all. */
  topK?: number;
  /** Draws among the fewest characters that hold so much of the probability; 1, as when left out, among all. */
  topP?: number;
  /** The same seed draws the same characters: another text needs another one. 0 when left out. */
  seed?: number;
}

const SAMPLE_OPTIONS: OptionNames<SampleOptions> = {
  prime: true,
  unknown: true,
  length: true,
  temperature: true,
  topK: true,
  topP: true,
  seed: true,
};

/** What `sampleTexts` takes. */
export interface SampleTextsOptions extends SampleOptions {
  /** Texts, each with a seed of its own, from `seed` on; 1 when left out. */
  batch?: number;
}

const SAMPLE_TEXTS_OPTIONS: OptionNames<SampleTextsOptions> = { ...SAMPLE_OPTIONS, batch: true };

/** @throws ArgumentError unless it is a finite number from 0. */
export function checkTemperature(temperature: number): void {
  if (temperature >= 0 && Number.isFinite(temperature)) return;
  throw new ArgumentError(
    `temperature = ${describeValue(temperature)}; a finite number from 0 is needed`,
  );
}

/** @throws ArgumentError unless topK is an integer from 0, and topP above 0, up to 1. */
export function checkLikeliest(topK: number, topP: number): void {
  checkInteger('topK', topK, Infinity);
  if (topP > 0 && topP <= 1) return;
  throw new ArgumentError(`topP = ${describeValue(topP)}; a number above 0, up to 1, is needed`);
}

/** What `sample` is to do. */
export interface SamplePlan {
  /** Of the prime, which is read first. */
  ids: Ids;
  /** Characters to draw. */
  length: number;
  /** Divides the logits; 0 always takes the likeliest. */
  temperature: number;
  /** The likeliest characters among which one is drawn; 0 for all. */
  topK: number;
  /** The share of the probability among whose fewest characters one is drawn; 1 for all. */
  topP: number;
  /** Of the draws. */
  seed: number;
}

function checkInteger(name: string, value: number, highest: number, least = 0): void {
  if (Number.isInteger(value) && value >= least && value <= highest) return;
  const range = highest === Infinity ? `from ${least}` : `from ${least} to ${highest}`;
  throw new ArgumentError(`${name} = ${describeValue(value)}; an integer ${range} is needed`);
}

/**
 * What `sample` is to do, with the defaults filled in and the prime encoded.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks.
 * @throws ArgumentError for an empty prime, or a number out of range.
 */
export function checkSample(vocabulary: Vocabulary, options: SampleOptions): SamplePlan {
  checkOptions('sample', options, SAMPLE_OPTIONS);
  const { prime, unknown, length = 200, temperature = 1, topK = 0, topP = 1, seed = 0 } = options;
  checkTemperature(temperature);
  checkInteger('length', length, Infinity);
  checkLikeliest(topK, topP);
  checkInteger('seed', seed, 2 ** 32 - 1);
  return { ids: primeOf(vocabulary, prime, unknown), length, temperature, topK, topP, seed };
}

/**
 * What `sampleTexts` is to do, as `checkSample` tells it, with the number of texts.
 *
 * @throws what `checkSample` throws, and ArgumentError for a `batch` that is no integer from 1.
 */
export function checkSampleTexts(
  vocabulary: Vocabulary,
  options: SampleTextsOptions,
): SamplePlan & {
  /** Texts to draw. */
  batch: number;
} {
  checkOptions('sampleTexts', options, SAMPLE_TEXTS_OPTIONS);
  const { batch = 1, ...rest } = options;
  checkInteger('batch', batch, Infinity, 1);
  return { ...checkSample(vocabulary, rest), batch };
}
