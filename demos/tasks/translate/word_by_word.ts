import type { Pair } from '../pairs/pairs';

const ROUNDS = 5;
/** Sentence pairs that it learns from, the first ones: more take long, and change little. */
const LEARNT_FROM = 10_000;
/** Stands beside the words of every source, for words of the target that none of them answers. */
const NULL = '';

/**
 * Translates word by word: the likeliest translation of each source word, in the source's order, as IBM
 * model 1 learns them from sentence pairs by expectation maximisation (Brown et al., 1993). Words that it
 * has not seen stay as they are.
 */
export function wordByWord(pairs: readonly Pair[]): (source: readonly string[]) => string[] {
  const some = pairs.slice(0, LEARNT_FROM);
  const sources = numbering();
  const targets = numbering();
  // Every source word with every target word that it was seen with: p(target | source) stands there.
  const couples = numbering<number>();
  const ofCouple: [source: number, target: number][] = [];
  const rows = some.map(({ source, target }) => {
    const s = [NULL, ...source].map(sources.of);
    const t = target.map(targets.of);
    const found = t.flatMap((to) =>
      s.map((from) => {
        const couple = couples.of(from * 0x1000000 + to);
        ofCouple[couple] = [from, to];
        return couple;
      }),
    );
    return { words: s.length, couples: Int32Array.from(found) };
  });
  const p = new Float64Array(ofCouple.length).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Float64Array(p.length);
    const totals = new Float64Array(sources.items.length);
    for (const { words, couples } of rows) {
      for (let start = 0; start < couples.length; start += words) {
        const end = start + words;
        let sum = 0;
        for (let i = start; i < end; i++) sum += p[couples[i]];
        for (let i = start; i < end; i++) counts[couples[i]] += p[couples[i]] / sum;
      }
    }
    for (const [couple, [from]] of ofCouple.entries()) totals[from] += counts[couple];
    for (const [couple, [from]] of ofCouple.entries()) p[couple] = counts[couple] / totals[from];
  }
  const best = new Map<string, { target: string; p: number }>();
  for (const [couple, [from, to]] of ofCouple.entries()) {
    const source = sources.items[from];
    if (p[couple] > (best.get(source)?.p ?? 0)) {
      best.set(source, { target: targets.items[to], p: p[couple] });
    }
  }
  return (source) => source.map((word) => best.get(word)?.target ?? word);
}

/** Numbers items as they first occur. */
function numbering<T = string>(): { readonly items: T[]; readonly of: (item: T) => number } {
  const numbers = new Map<T, number>();
  const items: T[] = [];
  const of = (item: T): number => {
    let number = numbers.get(item);
    if (number === undefined) {
      number = items.push(item) - 1;
      numbers.set(item, number);
    }
    return number;
  };
  return { items, of };
}
