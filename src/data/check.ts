import { ArgumentError, DataError } from '../errors';
import { describeValue } from '../options';

/** @throws ArgumentError unless `value` is an integer from `least`. */
export function requireCount(owner: string, name: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ArgumentError(
    `${owner}: ${name} = ${describeValue(value)}; an integer from ${least} is needed`,
  );
}

/** @throws ArgumentError unless `value` is a string. */
export function requireText(owner: string, name: string, value: string): void {
  if (typeof value === 'string') return;
  throw new ArgumentError(`${owner}: ${name} = ${describeValue(value)}; a string is needed`);
}

/** @throws DataError when the list is empty; ArgumentError when it is none. */
export function requireSome(owner: string, name: string, list: ArrayLike<unknown>): void {
  if (!Array.isArray(list) && !ArrayBuffer.isView(list)) {
    throw new ArgumentError(`${owner}: ${name} = ${describeValue(list)}; a list is needed`);
  }
  if (list.length === 0) throw new DataError(`${owner}: ${name} is empty; give one at least`);
}
