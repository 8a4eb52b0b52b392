import { ArgumentError, IndexError, TextError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { discountsOf, Grams, mix } from './grams';
import type { Ids } from './ids';
import { MAX_ORDER, requireInteger } from './ngram';

/** What `NgramModel` takes. */
export interface NgramModelOptions {
  /** Ids run from 0 to `vocabularySize - 1`. */
  vocabularySize: number;
  /** Characters that it looks at, the one it predicts included: from 1 to {@link MAX_ORDER}. */
  order: number;
}

const NGRAM_MODEL: OptionNames<NgramModelOptions> = { vocabularySize: true, order: true };

/** What an n-gram model makes of the next character. */
export interface NgramStep {
  /** ln of its probability. */
  logProbability: number;
  /** What the model remembers behind it. */
  state: number;
}

/**
 * An n-gram model of characters that is asked for one character at a time, as a beam search asks: the
 * probabilities of {@link ngramScores} of that order (interpolated, modified Kneser-Ney), in its
 * back-off form (Chen and Goodman, 1999). Each n-gram has the ln of its interpolated probability, each
 * context the ln of the share that it leaves to the context without its first character.
 *
 * A state is the longest end of the text so far, of `order - 1` characters at most, that occurs in the
 * text that was counted, as a number. States are plain numbers: keep as many as you like.
 *
 * Takes some 50 bytes for each distinct n-gram of any order up to `order`.
 */
export class NgramModel {
  /** Characters of the longest n-grams that were counted, from 1. */
  readonly order: number;
  /** Ids that it gives probabilities to. */
  readonly vocabularySize: number;
  /** Everything is by state: 0 is the empty context, then come the n-grams, order by order. */
  readonly #suffix: Int32Array;
  readonly #context: Int32Array;
  readonly #last: Int32Array;
  readonly #logProbability: Float64Array;
  readonly #logBackOff: Float64Array;
  /** N-grams from here on are too long to be contexts. */
  readonly #longest: number;
  /** States by the hash of context and character, 0 where a place is free; open addressing, half of it free. */
  readonly #places: Int32Array;

  /**
   * @param ids [n] The ids that are counted.
   * @throws ArgumentError for an order or a vocabulary out of range, and for ids that are no list.
   * @throws IndexError for an id outside of the vocabulary.
   * @throws TextError when there are no ids.
   */
  constructor(ids: Ids, options: NgramModelOptions) {
    checkOptions('NgramModel', options, NGRAM_MODEL);
    const { vocabularySize, order } = options;
    requireInteger('order', order, MAX_ORDER);
    requireInteger('vocabularySize', vocabularySize, 0x110000);
    checkIds(ids, vocabularySize);
    this.order = order;
    this.vocabularySize = vocabularySize;
    const orders = [new Grams(ids, undefined, 1, 1)];
    for (let n = 2; n <= order; n++) {
      const { ends, size } = orders[n - 2];
      orders.push(new Grams(ids, ends, n, size));
    }
    const states = orders.reduce((sum, { size }) => sum + size, 1);
    this.#suffix = new Int32Array(states);
    this.#context = new Int32Array(states);
    this.#last = new Int32Array(states);
    const probability = new Float64Array(states);
    const backOff = new Float64Array(states).fill(1);
    probability[0] = 1 / vocabularySize;
    let [shorter, base] = [0, 1];
    for (const [i, grams] of orders.entries()) {
      const { size, contextCount } = grams;
      const counts = i + 1 < order ? grams.continuations(orders[i + 1]) : grams.occurrences;
      const discounts = discountsOf(counts.subarray(0, size));
      const total = new Float64Array(contextCount);
      const spared = new Float64Array(contextCount);
      for (let gram = 0; gram < size; gram++) {
        total[grams.contextOf[gram]] += counts[gram];
        spared[grams.contextOf[gram]] += discounts[Math.min(counts[gram], 3)];
      }
      for (let context = 0; context < contextCount; context++) {
        if (total[context] > 0) backOff[shorter + context] = spared[context] / total[context];
      }
      if (i > 0) {
        // Both n-grams end at the same place of the text.
        for (let end = i + 1; end < grams.ends.length; end++) {
          this.#suffix[base + grams.ends[end]] = shorter + orders[i - 1].ends[end];
        }
      }
      for (let gram = 0; gram < size; gram++) {
        const context = grams.contextOf[gram];
        const kept = counts[gram] - discounts[Math.min(counts[gram], 3)];
        const state = base + gram;
        probability[state] =
          (kept + spared[context] * probability[this.#suffix[state]]) / total[context];
        this.#context[state] = shorter + context;
        this.#last[state] = grams.lastOf[gram];
      }
      [shorter, base] = [base, base + size];
    }
    this.#longest = shorter;
    this.#logProbability = probability.map(Math.log);
    this.#logBackOff = backOff.map(Math.log);
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(2 * states)));
    for (let state = 1; state < states; state++) {
      this.#places[this.#place(this.#context[state], this.#last[state])] = state;
    }
  }

  /** The state before the first character. */
  start(): number {
    return 0;
  }

  /**
   * One character behind a state.
   *
   * @throws IndexError for an id outside of the vocabulary.
   */
  next(state: number, id: number): NgramStep {
    if (!(Number.isInteger(id) && id >= 0 && id < this.vocabularySize)) {
      throw new IndexError(
        `NgramModel: id = ${describeValue(id)}; the vocabulary has ${this.vocabularySize} ids, from 0 on`,
      );
    }
    let logProbability = 0;
    for (let context = state; ; context = this.#suffix[context]) {
      const found = this.#places[this.#place(context, id)];
      if (found > 0) {
        logProbability += this.#logProbability[found];
        return { logProbability, state: found < this.#longest ? found : this.#suffix[found] };
      }
      logProbability += this.#logBackOff[context];
      if (context === 0) break;
    }
    return { logProbability: logProbability + this.#logProbability[0], state: 0 };
  }

  /** The place of an n-gram, or the free one where it belongs. */
  #place(context: number, last: number): number {
    const mask = this.#places.length - 1;
    let place = mix(context, last) & mask;
    for (;;) {
      const state = this.#places[place];
      if (state === 0 || (this.#context[state] === context && this.#last[state] === last)) {
        return place;
      }
      place = (place + 1) & mask;
    }
  }
}

function checkIds(ids: Ids, size: number): void {
  if (!Array.isArray(ids) && !ArrayBuffer.isView(ids)) {
    throw new ArgumentError(
      `NgramModel: ids = ${describeValue(ids)}; a list of ids is needed, as of vocabulary.encode(text)`,
    );
  }
  if (ids.length === 0) throw new TextError('ids: the text is empty; n-grams need one to count');
  for (let i = 0; i < ids.length; i++) {
    if (Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < size) continue;
    throw new IndexError(
      `NgramModel: ids[${i}] = ${describeValue(ids[i])}; the vocabulary has ${size} ids, from 0 on`,
    );
  }
}
