/** How far forecasts lie from what came, measured in the same way for networks and for what they must beat. */
import { averageRelativeVariance, rmse } from 'lethe/metrics';
import type { Metrics } from 'lethe/train';

import { Autoregression } from '../baselines/autoregression';
import type { Part, SeriesData } from './series';

/** Forecasts the `steps` values from each start on; those before a start are known. [starts][steps]. */
export type Forecast = (starts: readonly number[], steps: number) => number[][];

/**
 * The error on each part, one step ahead, and `free` on all parts together, as many steps ahead as `ahead`,
 * where each forecast stands in for the value that is not known yet.
 */
export async function forecastErrors(
  { series: { values }, variance }: SeriesData,
  parts: readonly Part[],
  ahead: number,
  forecast: (...given: Parameters<Forecast>) => number[][] | Promise<number[][]>,
): Promise<Metrics> {
  const error = async (from: number, to: number, steps: number): Promise<number> => {
    const starts = Array.from({ length: to - from - steps + 1 }, (_, i) => from + i);
    const forecasts = await forecast(starts, steps);
    const predicted = forecasts.map((row) => row[steps - 1]);
    const targets = starts.map((start) => values[start + steps - 1]);
    return variance === undefined
      ? rmse(predicted, targets)
      : averageRelativeVariance(predicted, targets, variance);
  };
  const errors: Record<string, number> = {};
  for (const { name, from, to } of parts) errors[name] = await error(from, to, 1);
  const last = parts[parts.length - 1].to;
  if (ahead > 1) errors[`${ahead} ahead`] = await error(parts[0].from, last, ahead);
  return errors;
}

/** An autoregression of all that lies before the tests. */
export function autoregression({ series: { values }, valid }: SeriesData, order: number): Forecast {
  const model = Autoregression.fit(values.slice(0, valid.to), order);
  return (starts, steps) => starts.map((start) => model.forecast(values.slice(0, start), steps));
}

/** Each value again, `period` later. */
export function seasonal({ series: { values } }: SeriesData, period = 1): Forecast {
  return (starts, steps) =>
    starts.map((start) =>
      Array.from({ length: steps }, (_, i) => values[start - period + (i % period)]),
    );
}

/** Each value again, `period` later, and as much more as the last one was above that a period before it. */
export function seasonalWithDrift({ series: { values } }: SeriesData, period: number): Forecast {
  return (starts, steps) =>
    starts.map((start) => {
      const grown = values[start - 1] - values[start - 1 - period];
      return Array.from({ length: steps }, (_, i) => {
        return values[start - period + (i % period)] + grown * (1 + Math.floor(i / period));
      });
    });
}

/** Metrics by name with a word before each name. */
export function prefixed(word: string, metrics: Metrics): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [`${word} ${name}`, value]),
  );
}
