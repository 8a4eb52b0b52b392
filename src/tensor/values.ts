import { toHostArray } from '../backend/dtype';
import type { DType, NumberArray } from '../backend/dtype';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';

const INTEGER_RANGE = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

/** Throws ArgumentError unless `values` is a list of numbers, as plain JavaScript may give anything. */
export function checkValues(operation: string, values: ArrayLike<number>): void {
  if (typeof values !== 'object' || values === null || !Number.isInteger(values.length)) {
    throw new ArgumentError(
      `${operation}: values = ${describeValue(values)}; a list of numbers, or a typed array, is needed`,
    );
  }
  // Typed arrays would make NaN of lists and texts. The elements of one are of one type.
  const count = ArrayBuffer.isView(values) ? Math.min(values.length, 1) : values.length;
  for (let i = 0; i < count; i++) {
    const value: unknown = values[i];
    if (typeof value === 'number') continue;
    const remedy = Array.isArray(value) ? '; give a flat list, and its shape after it' : '';
    throw new ArgumentError(
      `${operation}: ${describeValue(value)} at position ${i} is no number${remedy}`,
    );
  }
}

/**
 * `values` as a host array of `dtype`.
 *
 * @throws ArgumentError for a number that an integer dtype does not hold.
 */
export function exactArray(
  operation: string,
  dtype: DType,
  values: ArrayLike<number>,
): NumberArray {
  const array = toHostArray(dtype, values);
  if (array === values || (dtype !== 'i32' && dtype !== 'u32')) return array;
  const [low, high] = INTEGER_RANGE[dtype];
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= low && values[i] <= high) continue;
    throw new ArgumentError(`${operation}: ${values[i]} at position ${i} is no ${dtype}`);
  }
  return array;
}
