import type { Ids } from './ids';

/**
 * What is taken off a count of 0, 1, 2, and 3 or more, by Chen and Goodman's estimate from the numbers
 * of n-grams that occur once, twice, three and four times. Where there are too few for that, as of
 * single letters in a long text, it is half, one, and one and a half.
 */
export function discountsOf(counts: Int32Array): readonly [number, number, number, number] {
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
export class Grams {
  readonly order: number;
  /** How many distinct ones there are. */
  readonly size: number;
  /** How many distinct contexts there may be. */
  readonly contextCount: number;
  /** [size or more] */
  contextOf = new Int32Array(INITIAL_NGRAMS);
  /** [size or more] Its last character. */
  lastOf = new Int32Array(INITIAL_NGRAMS);
  /** [size or more] */
  occurrences = new Int32Array(INITIAL_NGRAMS);
  /** [n + 1] The n-gram that ends before each position, from position `order` on. */
  readonly ends: Int32Array<ArrayBuffer>;
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
        this.lastOf[gram] = ids[i];
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
    this.lastOf = enlarged(this.lastOf);
    this.#places = new Int32Array(2 * this.#places.length);
    for (let gram = 0; gram < size; gram++) {
      this.#places[this.#place(this.contextOf[gram], this.lastOf[gram])] = gram + 1;
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
      if (gram < 0 || (this.contextOf[gram] === context && this.lastOf[gram] === last)) {
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
export function mix(a: number, b: number): number {
  const h = Math.imul(a ^ Math.imul(b + 1, 0x85ebca6b), 0x9e3779b1);
  return h ^ (h >>> 15);
}
