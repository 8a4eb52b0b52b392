import { toHostArray } from '../backend/dtype';
import type { DType, NumberArray } from '../backend/dtype';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';

const INTEGER_RANGE = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

/** Throws ArgumentError unless `values` is a list, as plain JavaScript may give anything. */
export function checkValues(operation: string, values: ArrayLike<number>): void {
  if (typeof values === 'object' && values !== null && Number.isInteger(values.length)) return;
  throw new ArgumentError(
    `${operation}: values = ${describeValue(values)}; a list of numbers, or a typed array, is needed`,
  );
}

/**
 * `values` as a host array of `dtype`.
 *
 * @throws ArgumentError for what is no number, or for one that an integer dtype does not hold.
 */
export function exactArray(
  operation: string,
  dtype: DType,
  values: ArrayLike<number>,
): NumberArray {
  checkNumbers(operation, values);
  const array = toHostArray(dtype, values);
  if (array === values || (dtype !== 'i32' && dtype !== 'u32')) return array;
  const [low, high] = INTEGER_RANGE[dtype];
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= low && values[i] <= high) continue;
    throw new ArgumentError(`${operation}: ${values[i]} at position ${i} is no ${dtype}`);
  }
  return array;
}

/** A typed array would make NaN of lists and texts; one of 64-bit integers does not mix with others. */
function checkNumbers(operation: string, values: ArrayLike<unknown>): void {
  // The elements of a typed array are of one type.
  const count = ArrayBuffer.isView(values) ? Math.min(values.length, 1) : values.length;
  for (let i = 0; i < count; i++) {
    if (typeof values[i] === 'number') continue;
    const remedy = Array.isArray(values[i]) ? '; give a flat list, and its shape after it' : '';
    throw new ArgumentError(
      `${operation}: ${describeValue(values[i])} at position ${i} is no number${remedy}`,
    );
  }
}
