import { ArgumentError, TextError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { discountsOf, Grams } from './grams';
import type { Ids } from './ids';

/** The longest context is one character less. */
export const MAX_ORDER = 20;

/** What `ngramScores` and `ngramEntropies` take. */
export interface NgramOptions {
  /** Ids run from 0 to `vocabularySize - 1`; the shortest context backs off to 1 / vocabularySize. */
  vocabularySize: number;
  /** From 1 to {@link MAX_ORDER}. */
  maxOrder: number;
}

const NGRAM_OPTIONS: OptionNames<NgramOptions> = { vocabularySize: true, maxOrder: true };

/** What an n-gram model makes of a held-out text. */
export interface NgramScore {
  /** Characters that it looks at, the one it predicts included. */
  order: number;
  /** [n] The probability of each character of the held-out text, given those before it. */
  probabilities: Float64Array<ArrayBuffer>;
  /** Mean of -ln of these, in nats per character. */
  entropy: number;
}

/**
 * Scores a held-out text with n-gram models of characters of the orders 1, 2 and so on, counted on
 * another text: interpolated Kneser-Ney smoothing (Kneser and Ney, 1995), modified to three discounts
 * an order (Chen and Goodman, 1999). With c the count of an n-gram w h of context h, and the sums over
 * the characters seen after h,
 *
 *     p(w | h) = max(c(h w) - D(c), 0) / c(h) + (sum of D) / c(h) * p(w | h without its first)
 *
 * where the lower orders count not how often an n-gram occurs but after how many different characters;
 * the beginning of the text is one of these. Below all is the uniform distribution. A context that was
 * never seen backs off as a whole. At the beginning of the held-out text contexts are shorter.
 *
 * Two orders at a time are in memory: 4 bytes for each character of the text that is counted, and some 30
 * for each distinct n-gram. An order takes time in proportion to both texts.
 *
 * @param train [n] The ids that are counted.
 * @param heldOut [m] The ids that are scored.
 * @throws ArgumentError for an order or a vocabulary out of range.
 * @throws TextError when either text is empty. Both come at the call.
 */
export function ngramScores(
  train: Ids,
  heldOut: Ids,
  options: NgramOptions,
): Generator<NgramScore, void> {
  checkOptions('ngramScores', options, NGRAM_OPTIONS);
  const { vocabularySize, maxOrder } = options;
  requireInteger('maxOrder', maxOrder, MAX_ORDER);
  requireInteger('vocabularySize', vocabularySize, 0x110000);
  for (const [name, { length }] of Object.entries({ train, heldOut })) {
    if (length > 0) continue;
    throw new TextError(`${name}: the text is empty; n-grams need one to count and one to score`);
  }
  return score(train, heldOut, vocabularySize, maxOrder);
}

/**
 * The cross-entropy of a held-out text, in nats per character, under n-gram models of the orders 1 to
 * `maxOrder`; see {@link ngramScores}.
 *
 * @returns [maxOrder]
 */
export function ngramEntropies(train: Ids, heldOut: Ids, options: NgramOptions): number[] {
  return Array.from(ngramScores(train, heldOut, options), ({ entropy }) => entropy);
}

/**
 * The entropy of the frequencies of ids, in nats per character: what a model pays on this very text
 * that knows how often each character occurs and nothing else. 0 for no ids.
 */
export function unigramEntropy(ids: Ids): number {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  let nats = 0;
  for (const count of counts.values()) nats += (count / ids.length) * Math.log(ids.length / count);
  return nats;
}

function* score(
  train: Ids,
  heldOut: Ids,
  vocabularySize: number,
  maxOrder: number,
): Generator<NgramScore, void> {
  let grams = new Grams(train, undefined, 1, 1);
  // The context before each position of the held-out text; -1 where it was never seen.
  let contexts = new Int32Array(heldOut.length);
  let lower = new Float64Array(heldOut.length).fill(1 / vocabularySize);
  for (let order = 1; order <= maxOrder; order++) {
    const found = grams.find(heldOut, contexts);
    const probabilities = interpolate(grams, grams.occurrences, contexts, found, lower);
    yield { order, probabilities, entropy: meanLoss(probabilities) };
    if (order === maxOrder) return;
    const longer = new Grams(train, grams.ends, order + 1, grams.size);
    const continuations = grams.continuations(longer);
    lower = interpolate(grams, continuations, contexts, found, lower);
    contexts = shifted(found);
    grams = longer;
  }
}

/** What ends at a position is the context of the next; before the first there is none. */
function shifted(found: Int32Array): Int32Array<ArrayBuffer> {
  const contexts = new Int32Array(found.length);
  contexts[0] = -1;
  contexts.set(found.subarray(0, -1), 1);
  return contexts;
}

function meanLoss(probabilities: Float64Array): number {
  let sum = 0;
  for (const p of probabilities) sum -= Math.log(p);
  return sum / probabilities.length;
}

/** One order of the recursion, at every position of the held-out text. */
function interpolate(
  grams: Grams,
  counts: Int32Array,
  contexts: Int32Array,
  found: Int32Array,
  lower: Float64Array,
): Float64Array<ArrayBuffer> {
  const discounts = discountsOf(counts.subarray(0, grams.size));
  const total = new Float64Array(grams.contextCount);
  const spared = new Float64Array(grams.contextCount);
  for (let gram = 0; gram < grams.size; gram++) {
    const context = grams.contextOf[gram];
    total[context] += counts[gram];
    spared[context] += discounts[Math.min(counts[gram], 3)];
  }
  return Float64Array.from(contexts, (context, i) => {
    if (context < 0 || total[context] === 0) return lower[i];
    const count = found[i] < 0 ? 0 : counts[found[i]];
    const kept = count - discounts[Math.min(count, 3)];
    return (kept + spared[context] * lower[i]) / total[context];
  });
}

/** @throws ArgumentError unless `value` is an integer from 1 to `most`. */
export function requireInteger(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ArgumentError(
    `${name} = ${describeValue(value)}; an integer from 1 to ${most} is needed`,
  );
}
