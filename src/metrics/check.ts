import { ArgumentError, DataError, ShapeError } from '../errors';
import { describeValue } from '../options';

/** @throws when one is no list, when they differ in length, or when both are empty. */
export function requirePairs(
  owner: string,
  names: readonly [string, string],
  a: ArrayLike<unknown>,
  b: ArrayLike<unknown>,
): void {
  for (const [name, list] of [[names[0], a] as const, [names[1], b] as const]) {
    if (!Array.isArray(list) && !ArrayBuffer.isView(list)) {
      throw new ArgumentError(`${owner}: ${name} = ${describeValue(list)}; a list is needed`);
    }
  }
  if (a.length !== b.length) {
    throw new ShapeError(
      `${owner}: ${names[0]} has ${a.length} entries and ${names[1]} ${b.length}; they are held side by side`,
    );
  }
  if (a.length === 0) throw new DataError(`${owner}: ${names[0]} is empty; give one at least`);
}
