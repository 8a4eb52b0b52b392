/** Numbers with their mean taken off, and the sum of their squares. */
export interface Centred {
  readonly values: Float64Array;
  readonly squares: number;
}

/**
 * Takes the mean off; with `groups`, that of its group off each value, so that what a group has in
 * common counts for nothing. From the first value of each on, so that constants become exact zeros.
 *
 * @param groups [n] a whole number below n for each value.
 */
export function centre(given: ArrayLike<number>, groups?: ArrayLike<number>): Centred {
  const count = given.length;
  const first = new Float64Array(count);
  const sum = new Float64Array(count);
  const size = new Float64Array(count);
  const values = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    const group = groups ? groups[t] : 0;
    if (size[group]++ === 0) first[group] = given[t];
    sum[group] += given[t] - first[group];
  }
  let squares = 0;
  for (let t = 0; t < count; t++) {
    const group = groups ? groups[t] : 0;
    values[t] = given[t] - first[group] - sum[group] / size[group];
    squares += values[t] * values[t];
  }
  return { values, squares };
}

/** Pearson's correlation of two that are centred; 0 where one is constant, or not finite somewhere. */
export function correlationOf(a: Centred, b: Centred): number {
  const product = a.squares * b.squares;
  if (!(product > 0 && product < Infinity)) return 0;
  let covariance = 0;
  for (let t = 0; t < a.values.length; t++) covariance += a.values[t] * b.values[t];
  return covariance / Math.sqrt(product);
}

/** The values of one unit over the text, [time], of `values`, [time, hidden]. */
export function unitColumn(values: ArrayLike<number>, hidden: number, unit: number): Float32Array {
  const column = new Float32Array(values.length / hidden);
  for (let t = 0; t < column.length; t++) column[t] = values[t * hidden + unit];
  return column;
}
