import type { Parts } from '../parts';
import { split } from '../pairs/pairs';
import type { Pair, PairSets } from '../pairs/pairs';

/** Summands are from 0 to one less. */
export const BELOW = 100;

const pairOf = (a: number, b: number): Pair => ({
  source: [...`${a}+${b}`],
  target: [...String(a + b)],
});

/**
 * All additions of two numbers below 100, as characters. Whoever has seen 45+27 knows 27+45, so both are in the same
 * part.
 */
export function additions(): PairSets {
  const both = Array.from({ length: BELOW }, (_, a) =>
    Array.from({ length: BELOW - a }, (_, more) => [a, a + more] as const),
  ).flat();
  const inBothOrders = ([a, b]: readonly [number, number]): Pair[] =>
    a === b ? [pairOf(a, b)] : [pairOf(a, b), pairOf(b, a)];
  const { train, valid, test }: Parts<readonly [number, number]> = split(both, 0.1);
  return {
    train: train.flatMap(inBothOrders),
    valid: valid.flatMap(inBothOrders),
    test: test.flatMap(inBothOrders),
  };
}

/** What comes out where each column is added by itself, and nothing is carried: 27+45 is 62. */
export function withoutCarry({ source }: Pair): string {
  const [a, b] = source.join('').split('+');
  const long = Math.max(a.length, b.length);
  const columns = Array.from({ length: long }, (_, i) => {
    const digit = (n: string): number => Number(n.padStart(long, '0')[i]);
    return String((digit(a) + digit(b)) % 10);
  });
  return String(Number(columns.join('')));
}
