import { requireCount, requireSome } from './check';
import { DataError } from '../errors';

/** A step of a series: one number, or one for each column. */
export type SeriesRow = number | readonly number[];

/** A stretch of a series, and what comes after it. */
export interface SeriesWindow<R extends SeriesRow> {
  /** The row at which the input begins. */
  readonly start: number;
  /** [window] rows. */
  readonly input: readonly R[];
  /** [horizon] rows that follow. */
  readonly target: readonly R[];
}

/**
 * Every stretch of `window` rows of a series that has `horizon` rows after it, one row apart.
 *
 * @param values [n] Numbers, or lists of one number for each column.
 * @returns [n - window - horizon + 1].
 * @throws DataError naming the first row that is ragged, NaN or infinite; when the series is too short.
 *
 * @example
 * ```ts
 * import { slidingWindows } from 'lethe/data';
 *
 * const windows = slidingWindows([10, 20, 30, 40, 50], 3);
 * console.log(windows.length, windows[1].input, windows[1].target); // 2 [ 20, 30, 40 ] [ 50 ]
 * ```
 */
export function slidingWindows<R extends SeriesRow>(
  values: ArrayLike<R>,
  window: number,
  horizon = 1,
): SeriesWindow<R>[] {
  requireCount('slidingWindows', 'window', window);
  requireCount('slidingWindows', 'horizon', horizon);
  checkSeries('slidingWindows', values);
  const rows = Array.from(values);
  const count = rows.length - window - horizon + 1;
  if (count < 1) {
    throw new DataError(
      `slidingWindows: ${rows.length} rows are fewer than window + horizon = ${window + horizon}; ` +
        'use a shorter window',
    );
  }
  return Array.from({ length: count }, (_, start) => ({
    start,
    input: rows.slice(start, start + window),
    target: rows.slice(start + window, start + window + horizon),
  }));
}

/**
 * @returns the number of columns.
 * @throws DataError naming the first row that is ragged, NaN or infinite; when there are no rows.
 */
export function checkSeries(owner: string, values: ArrayLike<SeriesRow>): number {
  requireSome(owner, 'values', values);
  const columns = columnsOf(values[0]).length;
  for (let i = 0; i < values.length; i++) {
    const row = columnsOf(values[i]);
    if (row.length !== columns) {
      throw new DataError(`${owner}: row ${i} has ${row.length} columns, and row 0 has ${columns}`);
    }
    for (const [column, value] of row.entries()) {
      if (Number.isFinite(value)) continue;
      const place = columns === 1 ? '' : ` in column ${column}`;
      throw new DataError(`${owner}: row ${i} is ${value}${place}; fill the gap, or cut there`);
    }
  }
  return columns;
}

export function columnsOf(row: SeriesRow): readonly number[] {
  return typeof row === 'number' ? [row] : row;
}
