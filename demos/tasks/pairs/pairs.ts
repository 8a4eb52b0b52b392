import { splitExamples } from 'lethe/data';

import type { Parts } from '../parts';

/** A sequence and what it is to become, as lists of tokens: characters, phones or words. */
export interface Pair {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

export type PairSets<P extends Pair = Pair> = Parts<P>;

/** The same division every time, so that figures of several runs are of one test. */
const SPLIT_SEED = 1;

/** Divides items by chance; `held` is the share of validation, and that of the test. */
export function split<E>(items: readonly E[], held: number): { train: E[]; valid: E[]; test: E[] } {
  const [train, valid, test] = splitExamples(items, [1 - 2 * held, held, held], SPLIT_SEED);
  return { train, valid, test };
}

/** Not more than `count` of the items, from all over the list. */
export function some<E>(items: readonly E[], count: number): E[] {
  const step = Math.max(1, items.length / count);
  return Array.from(
    { length: Math.min(count, items.length) },
    (_, i) => items[Math.floor(i * step)],
  );
}
