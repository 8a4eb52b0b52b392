/** `lethe task sunspots`: a sliding window against a recurrent network, and both against a line. */
import { autoregression, seasonal } from '../forecasting/errors';
import { forecastExample, lastPart } from '../forecasting/example';
import { divide } from '../forecasting/series';
import type { Part } from '../forecasting/series';
import { FIRST_YEAR, SUNSPOTS } from './numbers';

const ORDER = 12;
/** A network needs some stretches at least. */
const LEAST = 60;
/** By which errors on sunspots have been divided since Weigend, Huberman and Rumelhart (1990). */
const VARIANCE = 1535;

const years = (from: number, to: number): Part => ({
  name: `${from}-${to}`,
  from: from - FIRST_YEAR,
  to: to + 1 - FIRST_YEAR,
});

export const sunspots = forecastExample({
  name: 'sunspots',
  title: 'Sunspots of the next year: forecast, a sliding window against a recurrent network',
  data:
    'Bundled: yearly sunspot numbers 1700 to 2008, public domain; learnt from 1700 to 1920, tested on 1921 to ' +
    '1955 and 1956 to 1979, as in the literature. Errors are mean squared errors over 1535. Or a CSV file ' +
    'with a header, FILE or FILE#COLUMN: its last fifth is the test, errors are root mean squared.',
  async load(source) {
    if (source === undefined) {
      const labels = SUNSPOTS.map((_, i) => String(FIRST_YEAR + i));
      const series = { unit: 'sunspots', labels, values: SUNSPOTS };
      return divide(series, [years(1921, 1955), years(1956, 1979)], LEAST, VARIANCE);
    }
    const { readSeries } = await import('../forecasting/load');
    const series = await readSeries(source);
    return divide(series, [lastPart(series.values.length)], LEAST);
  },
  // Peaks differ more than valleys: their roots differ alike.
  transform: 'roots',
  order: ORDER,
  windowUnits: 8,
  recurrentUnits: 8,
  time: 32,
  ahead: 11,
  epochs: 150,
  lr: 5e-3,
  weightDecay: 5e-3,
  // What is held out, 1888 to 1920, are quiet years: they would prefer a network that was stopped before it
  // could follow a high peak. Weight decay and a rate that falls to zero keep it from learning by heart.
  monitor: 'fit',
  baseline: { name: 'AR(9), least squares', forecast: (data) => autoregression(data, 9) },
  others: { persistence: (data) => seasonal(data) },
});
