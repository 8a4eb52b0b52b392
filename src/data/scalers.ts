import { checkSeries, columnsOf } from './series';
import type { SeriesRow } from './series';
import { ArgumentError, CheckpointError, ShapeError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** A scaler as plain data, for JSON: each feature becomes `(x - offset) / scale`. */
export interface ScalerData {
  /** [features] What is taken off each feature, in its unit. */
  readonly offset: readonly number[];
  /** [features] What each feature is divided by then, in its unit. */
  readonly scale: readonly number[];
}

/** What `MinMaxScaler.fit` takes. */
export interface MinMaxOptions {
  /** What the smallest value becomes; 0 when left out. */
  low?: number;
  /** What the largest value becomes; 1 when left out. */
  high?: number;
}

const MIN_MAX_OPTIONS: OptionNames<MinMaxOptions> = { low: true, high: true };

/** `(x - offset) / scale`, by column. */
export class Scaler {
  /** @param data one offset and one scale for each column; no scale is 0. */
  constructor(readonly data: ScalerData) {
    const problem = scalerProblem(data);
    if (problem !== undefined) throw new ArgumentError(`Scaler: ${problem}`);
  }

  /**
   * What {@link Scaler.toJSON} wrote.
   *
   * @throws CheckpointError when the value is damaged.
   */
  static fromJSON(value: unknown): Scaler {
    const problem = scalerProblem(value);
    if (problem !== undefined) throw new CheckpointError(`the scaler is damaged: ${problem}`);
    return new Scaler(value as ScalerData);
  }

  /**
   * Scaled values.
   *
   * @param values [n] Rows with the columns of those that it was fitted to.
   * @throws DataError naming the first row that is ragged, NaN or infinite.
   * @throws ShapeError for another number of columns.
   */
  transform(values: ArrayLike<number>): number[];
  transform(values: readonly (readonly number[])[]): number[][];
  transform(values: ArrayLike<SeriesRow>): SeriesRow[] {
    return this.#map(values, (x, offset, scale) => (x - offset) / scale);
  }

  /** The values before {@link Scaler.transform}. */
  inverse(values: ArrayLike<number>): number[];
  inverse(values: readonly (readonly number[])[]): number[][];
  inverse(values: ArrayLike<SeriesRow>): SeriesRow[] {
    return this.#map(values, (x, offset, scale) => x * scale + offset);
  }

  /** For a checkpoint; {@link Scaler.fromJSON} reads it back. */
  toJSON(): ScalerData {
    return this.data;
  }

  #map(
    values: ArrayLike<SeriesRow>,
    f: (x: number, offset: number, scale: number) => number,
  ): SeriesRow[] {
    const columns = checkSeries('Scaler', values);
    const { offset, scale } = this.data;
    if (columns !== offset.length) {
      throw new ShapeError(`Scaler: ${columns} columns; it was fitted to ${offset.length}`);
    }
    return Array.from(values, (row) =>
      typeof row === 'number'
        ? f(row, offset[0], scale[0])
        : row.map((x, column) => f(x, offset[column], scale[column])),
    );
  }
}

/**
 * Mean 0 and standard deviation 1 (of the population, divided by n) for each column, as scikit-learn has
 * it. Fit it to the training part alone. A column that never changes becomes 0.
 *
 * @example
 * ```ts
 * import { StandardScaler } from 'lethe/data';
 *
 * const scaler = StandardScaler.fit([[1], [3]]); // rows of the training part
 * console.log(scaler.transform([[5]]), scaler.inverse([[3]])); // [ [ 3 ] ] [ [ 5 ] ]
 * ```
 */
export class StandardScaler extends Scaler {
  /**
   * @param values [n] Numbers, or lists of one number for each column.
   * @throws DataError naming the first row that is ragged, NaN or infinite; when there are no rows.
   */
  static fit(values: ArrayLike<SeriesRow>): StandardScaler {
    const columns = columnValues('StandardScaler', values);
    // Of equal values the mean may be off by a rounding, and the deviation would not be 0.
    const offset = columns.map((column) =>
      column.every((x) => x === column[0]) ? column[0] : mean(column),
    );
    const scale = columns.map((column, i) =>
      Math.sqrt(mean(column.map((x) => (x - offset[i]) ** 2))),
    );
    return new StandardScaler({ offset, scale: scale.map((s) => s || 1) });
  }
}

/** The smallest value of each column becomes `low`, the largest `high`. Fit it to the training part alone. */
export class MinMaxScaler extends Scaler {
  /**
   * @param values [n] Numbers, or lists of one number for each column.
   * @throws DataError naming the first row that is ragged, NaN or infinite; when there are no rows.
   */
  static fit(values: ArrayLike<SeriesRow>, options: MinMaxOptions = {}): MinMaxScaler {
    checkOptions('MinMaxScaler.fit', options, MIN_MAX_OPTIONS);
    const { low = 0, high = 1 } = options;
    if (!(low < high) || !Number.isFinite(high - low)) {
      throw new ArgumentError(`MinMaxScaler: low = ${low} and high = ${high}; high is above low`);
    }
    const columns = columnValues('MinMaxScaler', values);
    const least = columns.map((column) => column.reduce((a, b) => Math.min(a, b)));
    const range = columns.map((column, i) => column.reduce((a, b) => Math.max(a, b)) - least[i]);
    const scale = range.map((r) => (r || 1) / (high - low));
    return new MinMaxScaler({ offset: least.map((x, i) => x - low * scale[i]), scale });
  }
}

function columnValues(owner: string, values: ArrayLike<SeriesRow>): number[][] {
  const columns = checkSeries(owner, values);
  const rows = Array.from(values, columnsOf);
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function scalerProblem(value: unknown): string | undefined {
  const { offset, scale } = (value ?? {}) as Partial<ScalerData>;
  if (!Array.isArray(offset) || !Array.isArray(scale)) return 'offset and scale are lists';
  if (offset.length !== scale.length) return 'offset and scale are of one length';
  const fits = offset.every(Number.isFinite) && scale.every((s) => Number.isFinite(s) && s !== 0);
  return fits ? undefined : 'offset and scale are finite, and no scale is 0';
}
