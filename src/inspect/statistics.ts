/** A tensor in a few numbers. */
export interface Statistics {
  /** Elements. */
  readonly count: number;
  /** Their arithmetic mean. */
  readonly mean: number;
  /** Of these values themselves, divided by their count. */
  readonly std: number;
  /** The smallest of them. */
  readonly min: number;
  /** The largest of them. */
  readonly max: number;
  /** The square root of the sum of squares. */
  readonly norm: number;
}

/** Mean, spread, range and norm; NaN where a value is, or where there is none. */
export function statistics(values: ArrayLike<number>): Statistics {
  const count = values.length;
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    sum += values[i];
    squares += values[i] ** 2;
    min = Math.min(min, values[i]);
    max = Math.max(max, values[i]);
  }
  const mean = sum / count;
  let spread = 0;
  for (let i = 0; i < count; i++) spread += (values[i] - mean) ** 2;
  const range = count > 0 ? { min, max } : { min: NaN, max: NaN };
  return { count, mean, std: Math.sqrt(spread / count), ...range, norm: Math.sqrt(squares) };
}
