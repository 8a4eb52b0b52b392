/**
 * Whether an operation, at the values that it is given, is far enough from where it has a kink or a pole: there a
 * difference says nothing of a gradient, and devices that round otherwise take another side.
 */
import type { Arg } from './program';
import { isName } from './program';

/** What is known of a value, computed in f64. */
export interface Known {
  readonly shape: readonly number[];
  readonly dtype: 'float' | 'i32';
  readonly data: ArrayLike<number>;
}

/** How far from a kink. */
const APART = 0.02;
/** The least of a divisor, and of what a logarithm or a root is taken of. */
const LEAST = 0.25;

type Values = readonly (Known | number | undefined)[];
type Options = Readonly<Record<string, Arg>>;

const dataOf = (value: Known | number | undefined): number[] =>
  typeof value === 'number' ? [value] : Array.from(value?.data ?? []);
const every = (value: Values[number], holds: (x: number) => boolean): boolean =>
  dataOf(value).every(holds);

/** No number of one is near a number of the other, whatever is compared with what. */
function unlike(a: Values[number], b: Values[number]): boolean {
  const others = dataOf(b);
  return every(a, (x) => others.every((y) => Math.abs(x - y) > APART));
}

/** No two numbers of it are near each other. */
function distinct(value: Values[number]): boolean {
  const sorted = dataOf(value).sort((a, b) => a - b);
  return sorted.every((x, i) => i === 0 || x - sorted[i - 1] > APART / 4);
}

const offZero = ([x]: Values): boolean => every(x, (v) => Math.abs(v) > APART);
const above = ([x]: Values): boolean => every(x, (v) => v > LEAST);
const compared = ([a, b]: Values): boolean => unlike(a, b);

const CLEAR: Readonly<Record<string, (values: Values, options: Options) => boolean>> = {
  abs: offZero,
  relu: offZero,
  log: above,
  sqrt: above,
  reciprocal: ([x]) => every(x, (v) => Math.abs(v) > LEAST),
  div: ([, b]) => every(b, (v) => Math.abs(v) > LEAST),
  pow: ([a, b]) => every(a, (v) => v > LEAST) && every(b, (v) => Math.abs(v) < 4),
  maximum: compared,
  minimum: compared,
  gt: compared,
  ge: compared,
  lt: compared,
  le: compared,
  eq: compared,
  ne: compared,
  l1Loss: compared,
  clamp: ([x], { min, max }) =>
    [min, max].every((bound) => bound === undefined || unlike(x, bound as number)),
  amax: ([x]) => distinct(x),
  argmax: ([x]) => distinct(x),
  maskedMax: ([x]) => distinct(x),
};

/** @param known what is known of a name. */
export function isClear(
  op: string,
  args: readonly Arg[],
  known: ReadonlyMap<string, Known>,
): boolean {
  const values = args.map((arg) => {
    if (typeof arg === 'number') return arg;
    return typeof arg === 'object' && isName(arg) ? known.get(arg.$) : undefined;
  });
  const options = args.find(
    (arg) => typeof arg === 'object' && !isName(arg) && !Array.isArray(arg),
  );
  return CLEAR[op]?.(values, (options ?? {}) as Options) ?? true;
}
