import { ArgumentError, TextError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Ids } from './ids';

/** The longest context is one character less. */
export const MAX_ORDER = 20;

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

/**
 * What is taken off a count of 0, 1, 2, and 3 or more, by Chen and Goodman's estimate from the numbers
 * of n-grams that occur once, twice, three and four times. Where there are too few for that, as of
 * single letters in a long text, it is half, one, and one and a half.
 */
function discountsOf(counts: Int32Array): readonly [number, number, number, number] {
  const n = [0, 0, 0, 0, 0];
  for (const count of counts) if (count < n.length) n[count]++;
  const y = n[1] / (n[1] + 2 * n[2]);
  const estimate = (count: number) => count - ((count + 1) * y * n[count + 1]) / n[count];
  const [d1, d2, d3] = [1, 2, 3].map(estimate);
  const fits = [d1, d2, d3].every((d, i) => d > 0 && d <= i + 1);
  return fits ? [0, d1, d2, d3] : [0, 0.5, 1, 1.5];
}

/** Distinct n-grams that there is room for at first; a power of two. */
const INITIAL_NGRAMS = 1 << 10;

/**
 * The distinct n-grams of one order in a text, numbered as they first occur: an n-gram is the number of
 * its context, an n-gram of the order below, and a character.
 */
class Grams {
  readonly order: number;
  /** How many distinct ones there are. */
  readonly size: number;
  /** How many distinct contexts there may be. */
  readonly contextCount: number;
  /** [size or more] */
  contextOf = new Int32Array(INITIAL_NGRAMS);
  /** [size or more] */
  occurrences = new Int32Array(INITIAL_NGRAMS);
  /** [n + 1] The n-gram that ends before each position, from position `order` on. */
  readonly ends: Int32Array<ArrayBuffer>;
  #lastOf = new Int32Array(INITIAL_NGRAMS);
  /** Numbers + 1 by hash, 0 where a place is free; open addressing, half of it free. */
  #places = new Int32Array(2 * INITIAL_NGRAMS);

  /** @param contexts what ends before each position of the text, of the order below; one for order 1. */
  constructor(ids: Ids, contexts: Int32Array | undefined, order: number, contextCount: number) {
    this.order = order;
    this.contextCount = contextCount;
    this.ends = new Int32Array(ids.length + 1);
    let size = 0;
    for (let i = order - 1; i < ids.length; i++) {
      const context = contexts ? contexts[i] : 0;
      const place = this.#place(context, ids[i]);
      let gram = this.#places[place] - 1;
      if (gram < 0) {
        gram = size++;
        this.#places[place] = size;
        this.contextOf[gram] = context;
        this.#lastOf[gram] = ids[i];
        if (size === this.contextOf.length) this.#grow();
      }
      this.occurrences[gram]++;
      this.ends[i + 1] = gram;
    }
    this.size = size;
  }

  /** Twice the room, once it is full. */
  #grow(): void {
    const size = this.contextOf.length;
    this.contextOf = enlarged(this.contextOf);
    this.occurrences = enlarged(this.occurrences);
    this.#lastOf = enlarged(this.#lastOf);
    this.#places = new Int32Array(2 * this.#places.length);
    for (let gram = 0; gram < size; gram++) {
      this.#places[this.#place(this.contextOf[gram], this.#lastOf[gram])] = gram + 1;
    }
  }

  /** The n-gram that ends with each character of a text, or -1 where it does not occur here. */
  find(ids: Ids, contexts: Int32Array): Int32Array<ArrayBuffer> {
    return Int32Array.from(ids, (id, i) =>
      contexts[i] < 0 ? -1 : this.#places[this.#place(contexts[i], id)] - 1,
    );
  }

  /** After how many different characters each n-gram occurs; the beginning of the text is one. */
  continuations(longer: Grams): Int32Array<ArrayBuffer> {
    const counts = new Int32Array(this.size);
    // A longer n-gram is first met at its first end, where its own end is the n-gram here.
    let met = 0;
    for (let end = longer.order; end < this.ends.length; end++) {
      if (longer.ends[end] !== met) continue;
      counts[this.ends[end]]++;
      met++;
    }
    if (this.order < this.ends.length) counts[this.ends[this.order]]++;
    return counts;
  }

  /** The place of an n-gram, or the free one where it belongs. */
  #place(context: number, last: number): number {
    const mask = this.#places.length - 1;
    let place = mix(context, last) & mask;
    for (;;) {
      const gram = this.#places[place] - 1;
      if (gram < 0 || (this.contextOf[gram] === context && this.#lastOf[gram] === last)) {
        return place;
      }
      place = (place + 1) & mask;
    }
  }
}

function enlarged(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}

/** Spreads pairs of numbers over 32 bits: two multiplications by odd constants, folded. */
function mix(a: number, b: number): number {
  const h = Math.imul(a ^ Math.imul(b + 1, 0x85ebca6b), 0x9e3779b1);
  return h ^ (h >>> 15);
}

function requireInteger(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ArgumentError(
    `${name} = ${describeValue(value)}; an integer from 1 to ${most} is needed`,
  );
}
