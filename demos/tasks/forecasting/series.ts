/** A series of numbers: how it is divided, scaled, and cut into what two kinds of networks learn from. */
import { DataError } from 'lethe';
import { fixedBatches, hostArray, Scaler, slidingWindows, StandardScaler } from 'lethe/data';
import type { Batches, HostArray, ScalerData } from 'lethe/data';

/** Values at equal distances in time. */
export interface Series {
  /** What a value is, for tables. */
  readonly unit: string;
  /** When each value was: a year, a month, a row. */
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

/** Values from `from` to before `to`. */
export interface Part {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The networks fit what lies before `valid`, a linear baseline all that lies before the tests. */
export interface SeriesData {
  readonly series: Series;
  readonly valid: Part;
  readonly tests: readonly Part[];
  /** Errors are mean squared errors divided by it; without it, roots of mean squared errors. */
  readonly variance?: number;
}

/** What a network reads in place of the values: their roots, or the changes from each to the next. */
export type Transform = 'none' | 'roots' | 'changes';

/** How values become what a network reads, and back. JSON. */
export interface Scaling {
  readonly transform: Transform;
  readonly scaler: ScalerData;
}

/**
 * A series divided: the last 15 % of what comes before the tests is for validation.
 *
 * @param least values that there must be to learn from.
 * @throws DataError where there are fewer.
 */
export function divide(
  series: Series,
  tests: readonly Part[],
  least: number,
  variance?: number,
): SeriesData {
  const to = tests[0].from;
  const from = Math.floor(to * 0.85);
  if (from < least) {
    throw new DataError(
      `the series has ${series.values.length} values, which leaves ${from} to learn from; ${least} are ` +
        'needed: give a longer one',
    );
  }
  return { series, valid: { name: 'valid', from, to }, tests, variance };
}

/** The scaling to mean 0 and deviation 1 by the values before `to`. */
export function fitScaling(values: readonly number[], to: number, transform: Transform): Scaling {
  const seen = transformed(values.slice(0, to), transform);
  if (seen.every((value) => value === seen[0])) {
    const what = transform === 'changes' ? 'all change by the same amount' : 'are all the same';
    throw new DataError(`the first ${to} values ${what}: there is nothing to learn`);
  }
  return { transform, scaler: StandardScaler.fit(seen).toJSON() };
}

/** What a network reads: scaled values, or one scaled change fewer. */
export function scaled(values: readonly number[], { transform, scaler }: Scaling): number[] {
  return Scaler.fromJSON(scaler).transform(transformed(values, transform));
}

/** The value that the network's `y` stands for, after the value `last`. */
export function unscaled(y: number, last: number, { transform, scaler }: Scaling): number {
  const [value] = Scaler.fromJSON(scaler).inverse([y]);
  if (transform === 'changes') return last + value;
  return transform === 'roots' ? Math.max(value, 0) ** 2 : value;
}

function transformed(values: readonly number[], transform: Transform): readonly number[] {
  if (transform === 'changes') return values.slice(1).map((value, i) => value - values[i]);
  if (transform === 'none') return values;
  const negative = values.findIndex((value) => value < 0);
  if (negative < 0) return values.map(Math.sqrt);
  throw new DataError(
    `row ${negative + 1} is ${values[negative]}, and a count from 0 is needed; for other series there is ` +
      'the task co2',
  );
}

export type ForecastBatch = {
  /** [windows, order], and the value after each, [windows, 1]. */
  readonly windows: HostArray;
  readonly next: HostArray;
  /** [time, batch, 1], and the value after each. */
  readonly inputs: HostArray;
  readonly targets: HostArray;
};

/**
 * Stretches of `time` values and what follows each value, for a network that reads one after the other from
 * a state of zeros (back-propagation truncated to `time` steps); and all windows of `order` values in the
 * same stretches, for one that sees nothing else.
 *
 * @param values scaled.
 */
export function forecastBatches(
  values: readonly number[],
  { order, time, seed }: { order: number; time: number; seed: number },
): Batches<ForecastBatch> {
  return fixedBatches(slidingWindows(values, time), {
    batchSize: 32,
    seed,
    collate(stretches) {
      const rows = stretches.map(({ input, target }) => [...input, ...target]);
      const windows = rows.flatMap((row) => slidingWindows(row, order));
      const across = (from: number): HostArray => {
        const steps = Array.from({ length: time }, (_, t) => rows.map((row) => row[from + t]));
        return hostArray(steps.flat(), 'f32', [time, rows.length, 1]);
      };
      return {
        windows: hostArray(
          windows.flatMap(({ input }) => input),
          'f32',
          [windows.length, order],
        ),
        next: hostArray(
          windows.flatMap(({ target }) => target),
          'f32',
          [windows.length, 1],
        ),
        inputs: across(0),
        targets: across(1),
      };
    },
  });
}
