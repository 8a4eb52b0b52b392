/** `lethe task co2`: a series that rises and has seasons; what a network makes of it beside simple rules. */
import { autoregression, seasonal, seasonalWithDrift } from '../forecasting/errors';
import { forecastExample, lastPart } from '../forecasting/example';
import { divide } from '../forecasting/series';
import type { Series } from '../forecasting/series';
import { generateCurve } from './generate';

const ORDER = 24;
const LEAST = 120;
const YEAR = 12;

export const co2 = forecastExample({
  name: 'co2',
  title: 'Carbon dioxide of the next month: forecast, a sliding window against a recurrent network',
  data:
    'Bundled: a generated curve (a trend, two seasons, noise), which has no change of the trend, no El Nino and ' +
    'no error of measurement. The real one, monthly means from 1958 to 2020 (Scripps, CC BY 4.0): npm install ' +
    '--no-save vega-datasets, and the folder node_modules/vega-datasets. Or a CSV file with a header, FILE or ' +
    'FILE#COLUMN. The last ten years are the test, of fewer than 50 years the last fifth; errors are root ' +
    'mean squared, in the unit of the series.',
  async load(source) {
    const series = source === undefined ? generateCurve() : await read(source);
    return divide(series, [lastPart(series.values.length, 10 * YEAR)], LEAST);
  },
  // It rises to where it has never been; the steps from month to month stay what they were.
  transform: 'changes',
  order: ORDER,
  windowUnits: 16,
  recurrentUnits: 24,
  time: 60,
  ahead: YEAR,
  epochs: 60,
  lr: 1e-2,
  weightDecay: 1e-3,
  monitor: 'valid',
  baseline: { name: 'AR(24), least squares', forecast: (data) => autoregression(data, 24) },
  others: {
    persistence: (data) => seasonal(data),
    seasonal: (data) => seasonal(data, YEAR),
    'seasonal + drift': (data) => seasonalWithDrift(data, YEAR),
  },
});

async function read(source: string): Promise<Series> {
  const { readSeries } = await import('../forecasting/load');
  return readSeries(source, 'data/co2-concentration.csv');
}
