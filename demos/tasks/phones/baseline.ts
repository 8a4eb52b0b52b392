import type { Entry } from './entries';

/** A letter says up to two phones; as words in one string, '' where it is silent. */
type Chunk = string;

/** Letters to each side that are looked at. */
const CONTEXT = 2;
const ROUNDS = 4;
/** Words from which it is learnt which phones belong to which letter. */
const LEARNT_FROM = 10_000;

/**
 * Reads a word letter by letter, each as it was read most often between the same letters: two to each
 * side, or as few of them as it takes to find the letter between them at all.
 *
 * Which phones belong to which letter is learnt first: letters and phones are laid side by side in the
 * likeliest way, in order, and counted anew, a few rounds long (EM with the best path alone).
 */
export function letterReader(entries: readonly Entry[]): (word: string) => string[] {
  const usual = new Map<string, Map<Chunk, number>>();
  for (const [letters, chunks] of aligned(entries)) {
    for (const [i, chunk] of chunks.entries()) {
      for (let width = 0; width <= CONTEXT; width++) {
        count(usual, between(letters, i, width), chunk);
      }
    }
  }
  const choice = new Map(Array.from(usual, ([key, counts]) => [key, mostFrequent(counts)]));
  return (word) =>
    Array.from(word, (_, i) => {
      for (let width = CONTEXT; width >= 0; width--) {
        const chunk = choice.get(between(word, i, width));
        if (chunk !== undefined) return chunk.split(' ').filter(Boolean);
      }
      return [];
    }).flat();
}

/** The letter at i with `width` letters to each side; the word's ends are letters too. */
function between(word: string, i: number, width: number): string {
  const padded = '_'.repeat(width) + word + '_'.repeat(width);
  return padded.slice(i, i + 2 * width + 1);
}

/** The words that have no more than two phones a letter, each with what its letters say. */
function aligned(entries: readonly Entry[]): [word: string, chunks: Chunk[]][] {
  const some = entries.slice(0, LEARNT_FROM);
  let cost = firstCost(some);
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Map<string, Map<Chunk, number>>();
    for (const [word, chunks] of alignAll(some, cost)) {
      chunks.forEach((chunk, i) => count(counts, word[i], chunk));
    }
    cost = costOf(counts);
  }
  return alignAll(entries, cost);
}

function alignAll(entries: readonly Entry[], cost: Cost): [word: string, chunks: Chunk[]][] {
  return entries.flatMap(({ word, phones }) => {
    const chunks = align(word, phones[0], cost);
    return chunks ? [[word, chunks] as [string, Chunk[]]] : [];
  });
}

type Cost = (letter: string, chunk: Chunk) => number;

/** What was never seen costs this much: e to the -12. */
const UNSEEN = 12;

function costOf(counts: ReadonlyMap<string, ReadonlyMap<Chunk, number>>): Cost {
  const costs = new Map<string, Map<Chunk, number>>();
  for (const [letter, chunks] of counts) {
    const total = Array.from(chunks.values()).reduce((a, b) => a + b, 0);
    costs.set(letter, new Map(Array.from(chunks, ([key, n]) => [key, -Math.log(n / total)])));
  }
  return (letter, chunk) => costs.get(letter)?.get(chunk) ?? UNSEEN;
}

/** Before anything is laid side by side: a letter says a phone that is often in words with the letter. */
function firstCost(entries: readonly Entry[]): Cost {
  const together = new Map<string, Map<Chunk, number>>();
  const alone = new Map<Chunk, number>();
  for (const { word, phones } of entries) {
    for (const phone of new Set(phones[0])) {
      alone.set(phone, (alone.get(phone) ?? 0) + 1);
      for (const letter of new Set(word)) count(together, letter, phone);
    }
  }
  return (letter, chunk) => {
    if (chunk === '') return 1.5;
    const phones = chunk.split(' ');
    const share = (phone: string) =>
      (together.get(letter)?.get(phone) ?? 0.1) / (alone.get(phone) ?? 1);
    return phones.reduce((sum, phone) => sum - Math.log(share(phone)), 1.5 * (phones.length - 1));
  };
}

/** The cheapest way to share the phones out to the letters in order; undefined where they are too many. */
function align(word: string, phones: readonly string[], cost: Cost): Chunk[] | undefined {
  const columns = phones.length + 1;
  const best = new Float64Array((word.length + 1) * columns).fill(Infinity);
  const taken = new Uint8Array(best.length);
  best[0] = 0;
  const parts = [0, 1, 2].map((n) =>
    Array.from(phones, (_, j) => phones.slice(j, j + n).join(' ')),
  );
  parts[0].push('');
  for (let i = 0; i < word.length; i++) {
    for (let j = 0; j < columns; j++) {
      const before = best[i * columns + j];
      if (before === Infinity) continue;
      for (let n = 0; n <= 2 && j + n < columns; n++) {
        const total = before + cost(word[i], parts[n][j]);
        const to = (i + 1) * columns + j + n;
        if (total >= best[to]) continue;
        best[to] = total;
        taken[to] = n;
      }
    }
  }
  if (best.at(-1) === Infinity) return undefined;
  const chunks: Chunk[] = [];
  for (let i = word.length, j = phones.length; i > 0; i--) {
    const n = taken[i * columns + j];
    chunks.unshift(phones.slice(j - n, j).join(' '));
    j -= n;
  }
  return chunks;
}

function count(table: Map<string, Map<Chunk, number>>, key: string, chunk: Chunk): void {
  let counts = table.get(key);
  if (!counts) table.set(key, (counts = new Map<Chunk, number>()));
  counts.set(chunk, (counts.get(chunk) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<Chunk, number>): Chunk {
  let best: [Chunk, number] = ['', 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return best[0];
}
