/** Two networks and what they must beat, on one series: the example of every series, but for its settings. */
import { ArgumentError } from 'lethe';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics, Task } from 'lethe/train';

import type { Example } from '../example';
import { forecastErrors, prefixed } from './errors';
import type { Forecast } from './errors';
import { Forecaster, NETWORKS } from './model';
import type { ForecastMeta } from './model';
import { fitScaling, forecastBatches, scaled } from './series';
import type { ForecastBatch, Part, SeriesData, Transform } from './series';

/** What differs from series to series. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly data: string;
  load(source?: string): Promise<SeriesData>;
  readonly transform: Transform;
  /** Values that the window looks back on, and units behind it. */
  readonly order: number;
  readonly windowUnits: number;
  readonly recurrentUnits: number;
  /** Steps that errors go back through. */
  readonly time: number;
  /** Steps that the networks run alone, when that is tested. */
  readonly ahead: number;
  readonly epochs: number;
  readonly lr: number;
  readonly weightDecay: number;
  /** `fit`, the error on what is learnt, takes the weights of the end; `valid` those of the best epoch. */
  readonly monitor: 'fit' | 'valid';
  /** The one that the networks are compared to, and others beside it. */
  readonly baseline: { readonly name: string; forecast(data: SeriesData): Forecast };
  readonly others?: Readonly<Record<string, (data: SeriesData) => Forecast>>;
}

export function forecastExample(recipe: Recipe): Example<SeriesData, ForecastMeta, Forecaster> {
  const { name, title, data, order, time, ahead, epochs, lr, weightDecay, monitor } = recipe;

  const errors = async (
    model: Forecaster,
    given: SeriesData,
    meta: ForecastMeta,
    parts: readonly Part[],
    steps: number,
  ): Promise<Metrics> => {
    const found: Metrics[] = [];
    for (const network of NETWORKS) {
      const forecast = async (...[starts, count]: Parameters<Forecast>): Promise<number[][]> =>
        (await model.forecast(given.series.values, meta, starts, count))[network];
      found.push(prefixed(network, await forecastErrors(given, parts, steps, forecast)));
    }
    return Object.assign({}, ...found) as Metrics;
  };

  return {
    name,
    title,
    data,
    question: String(ahead),
    training: {
      epochs,
      monitor,
      mode: 'min',
      clipNorm: 5,
      optimizer: (model) => new Adam(model, { lr, weightDecay }),
      schedule: (steps) => cosine(steps),
    },

    load: (source) => recipe.load(source),

    describe({ series: { values, labels, unit }, valid, tests }) {
      const span = ({ from, to }: Pick<Part, 'from' | 'to'>): string =>
        `${labels[from]} to ${labels[to - 1]}`;
      return (
        `${values.length} values of ${unit}: to learn ${span({ from: 0, to: valid.from })}, to watch ` +
        `${span(valid)}, to test ${tests.map(span).join(' and ')}`
      );
    },

    async baseline(given) {
      const of = (forecast: Forecast): Promise<Metrics> =>
        forecastErrors(given, given.tests, ahead, forecast);
      const linear = await of(recipe.baseline.forecast(given));
      // Beside each network stands the same figure.
      const metrics = Object.assign({}, ...NETWORKS.map((n) => prefixed(n, linear))) as Metrics;
      const others: Metrics[] = [];
      for (const [other, forecast] of Object.entries(recipe.others ?? {})) {
        others.push(prefixed(other, await of(forecast(given))));
      }
      return {
        name: recipe.baseline.name,
        metrics: Object.assign({}, metrics, ...others) as Metrics,
      };
    },

    meta({ series, valid }) {
      const { windowUnits, recurrentUnits } = recipe;
      const scaling = fitScaling(series.values, valid.from, recipe.transform);
      return { scaling, order, windowUnits, recurrentUnits, series };
    },

    model: (device, meta, { random }) => new Forecaster(device, meta, random),

    task(model, given, meta, { seed }) {
      const { series, valid } = given;
      const learnt = scaled(series.values.slice(0, valid.from), meta.scaling);
      const fit: Part = { name: 'fit', from: order + 1, to: valid.from };
      const task: Task<ForecastBatch> = {
        model,
        batches: forecastBatches(learnt, { order, time, seed }),
        loss: (batch) => model.loss(batch),
        async evaluate() {
          const found = await errors(model, given, meta, [fit, valid], 1);
          const both = (part: string): number =>
            (found[`window ${part}`] + found[`recurrent ${part}`]) / 2;
          return { ...found, fit: both('fit'), valid: both('valid') };
        },
      };
      return task;
    },

    test: (model, given, meta) => errors(model, given, meta, given.tests, ahead),

    async ask(model, meta, input) {
      const steps = Number(input);
      if (!Number.isInteger(steps) || steps < 1 || steps > 1000) {
        throw new ArgumentError(`"${input}": give the number of steps to forecast, from 1 to 1000`);
      }
      const { values, labels, unit } = meta.series;
      const found = await model.forecast(values, meta, [values.length], steps);
      const digits = values.some((value) => value >= 10) ? 1 : 3;
      const line = (...cells: string[]): string => cells.map((cell) => cell.padStart(11)).join(' ');
      const rows = found.window[0].map((value, i) =>
        line(
          laterLabel(labels, i + 1),
          value.toFixed(digits),
          found.recurrent[0][i].toFixed(digits),
        ),
      );
      const last = line(
        labels[labels.length - 1],
        values[values.length - 1].toFixed(digits),
        'the last',
      );
      return [line(unit.slice(0, 11), ...NETWORKS), last, ...rows].join('\n');
    },
  };
}

/** The label of what comes `steps` after the last: a later year or month, or how much later it is. */
export function laterLabel(labels: readonly string[], steps: number): string {
  const last = labels[labels.length - 1];
  const before = labels[labels.length - 2];
  if (/^\d+$/.test(last) && Number(last) - Number(before) === 1)
    return String(Number(last) + steps);
  const month = (label: string): number => {
    const [, year, ofYear] = /^(\d{4})-(\d\d)(?:-01)?$/.exec(label) ?? [];
    return 12 * Number(year) + Number(ofYear) - 1;
  };
  const at = month(last);
  if (at - month(before) !== 1) return `+${steps}`;
  return `${Math.floor((at + steps) / 12)}-${String(((at + steps) % 12) + 1).padStart(2, '0')}`;
}

/** The last part of a series of one's own is the test: its last fifth, `most` values at most. */
export function lastPart(length: number, most = Infinity): Part {
  const size = Math.min(Math.ceil(length / 5), most);
  return { name: `last ${size}`, from: length - size, to: length };
}
