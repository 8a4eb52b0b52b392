/** Two neighbouring symbols that become one; symbols are numbers below 2^20. */
export type Merge = readonly [left: number, right: number];

/** Bytes are the first symbols, and merge i makes the symbol BYTES + i. */
export const BYTES = 256;

/** Ids of symbols stay below this, so that a pair of them is one exact number. */
export const MAX_SYMBOLS = 2 ** 20;

export function pairKey(left: number, right: number): number {
  return left * MAX_SYMBOLS + right;
}

/** The symbols with every `left right`, from the left, replaced by `made`. */
export function mergePair(
  symbols: readonly number[],
  [left, right]: Merge,
  made: number,
): number[] {
  const merged: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const meets = symbols[i] === left && symbols[i + 1] === right;
    merged.push(meets ? made : symbols[i]);
    if (meets) i++;
  }
  return merged;
}

interface Word {
  symbols: readonly number[];
  readonly count: number;
}

/**
 * The merges of byte-pair encoding: again and again the most frequent pair becomes a symbol; of pairs as
 * frequent, the one with the lowest symbols, so that the same words give the same merges. Only words that
 * hold the pair are looked at, and a heap gives the next one.
 *
 * @param words by their bytes, with how often each occurs.
 */
export function learnMerges(words: Word[], merges: number, minCount: number): Merge[] {
  const counts = new PairCounts();
  for (const [i, word] of words.entries()) counts.add(word.symbols, word.count, i);
  counts.settle();
  const learned: Merge[] = [];
  while (learned.length < merges) {
    const best = counts.pop();
    if (best === undefined || best.count < minCount) break;
    const merge = [Math.floor(best.key / MAX_SYMBOLS), best.key % MAX_SYMBOLS] as const;
    const made = BYTES + learned.length;
    for (const i of counts.wordsOf(best.key)) {
      const word = words[i];
      const merged = mergePair(word.symbols, merge, made);
      if (merged.length === word.symbols.length) continue;
      counts.add(word.symbols, -word.count, i);
      counts.add(merged, word.count, i);
      word.symbols = merged;
    }
    counts.settle();
    learned.push(merge);
  }
  return learned;
}

/** How often each pair occurs, and in which words. */
class PairCounts {
  readonly #counts = new Map<number, number>();
  /** Words that hold a pair; some held it once and no longer. */
  readonly #words = new Map<number, Set<number>>();
  readonly #changed = new Set<number>();
  readonly #heap: Entry[] = [];

  /** Adds the pairs of a word `times`, which may be negative. */
  add(symbols: readonly number[], times: number, word: number): void {
    for (let i = 1; i < symbols.length; i++) {
      const key = pairKey(symbols[i - 1], symbols[i]);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + times);
      this.#changed.add(key);
      if (times < 0) continue;
      const words = this.#words.get(key);
      if (words) words.add(word);
      else this.#words.set(key, new Set([word]));
    }
  }

  /** Puts what has changed on the heap; what stands there of the same pairs is out of date. */
  settle(): void {
    for (const key of this.#changed) {
      const count = this.#counts.get(key)!;
      if (count > 0) push(this.#heap, { count, key });
      else this.#words.delete(key);
    }
    this.#changed.clear();
  }

  pop(): Entry | undefined {
    for (;;) {
      const entry = pop(this.#heap);
      if (entry === undefined || this.#counts.get(entry.key) === entry.count) return entry;
    }
  }

  wordsOf(key: number): number[] {
    return [...(this.#words.get(key) ?? [])];
  }
}

interface Entry {
  readonly count: number;
  readonly key: number;
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!comesBefore(entry, heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child + 1 < heap.length && comesBefore(heap[child + 1], heap[child])) child++;
    if (child >= heap.length || !comesBefore(heap[child], last)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}
