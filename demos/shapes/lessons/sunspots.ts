import { DataError } from '../../../src/errors';
import type { Lesson } from '../../learn/lesson';
import { lastPart, laterLabel } from '../../tasks/forecasting/example';
import { divide, fitScaling } from '../../tasks/forecasting/series';
import type { SeriesData } from '../../tasks/forecasting/series';
import type { Forecaster, ForecastMeta, NetworkName } from '../../tasks/forecasting/model';
import { sunspots as example } from '../../tasks/sunspots/index';
import { ownSeries, seriesIn } from './own_file';
import type { OwnFile } from './own_file';
import type { LessonSettings } from './settings';

/** Steps that are forecast. */
const AHEAD = 11;
/** Values before the forecast that are shown, and of whose forecasts the errors are told. */
const SHOWN = 40;

export interface SeriesReply {
  /** The last values that are known. */
  readonly known: readonly number[];
  /** What the first of those and the last of the forecasts are called: a year, or `value 3` for its place. */
  readonly ends: readonly [string, string];
  /** What each network forecasts, and the root of its mean squared error one step ahead on the known ones. */
  readonly forecasts: Readonly<Record<NetworkName, { values: readonly number[]; error: number }>>;
  /** Values whose errors those are. */
  readonly measured: number;
  /** Values that the window sees. */
  readonly order: number;
  /** The first given value far outside of those that were learnt, by its place from 1, and the range of these. */
  readonly outside: {
    readonly place: number;
    readonly value: number;
    readonly learnt: readonly [number, number];
  } | null;
}

export interface SeriesMeta extends ForecastMeta {
  /** The least and the most of the values that were learnt: those before the ones to choose by and to test on. */
  readonly learnt: readonly [number, number];
}

/** A series of one's own is learnt by networks of the size that the sunspots have. */
const SIZES = { order: 12, windowUnits: 8, recurrentUnits: 8 };
/** Values of a series that is to be learnt, two thirds of which are then learnt from. */
const LEAST = 90;

/** @throws DataError for a series that is too short. */
function longEnough(series: ReturnType<typeof ownSeries>) {
  const { length } = series.values;
  if (length >= LEAST) return series;
  throw new DataError(`The series has ${length} values: ${LEAST} are needed at least.`);
}

const ownData = (own: OwnFile) => {
  const series = longEnough(ownSeries(own));
  return divide(series, [lastPart(series.values.length)], 1);
};

/** The least and the most; of any number of values, which `Math.min(...values)` cannot take. */
function rangeOf(values: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** The first value that is further from what was learnt than half the range of that. */
function farOutside(
  values: readonly number[],
  [least, most]: SeriesMeta['learnt'],
): SeriesReply['outside'] {
  const room = (most - least) / 2;
  const at = values.findIndex((value) => value < least - room || value > most + room);
  return at < 0 ? null : { place: at + 1, value: values[at], learnt: [least, most] };
}

/** The series that was learnt, or the numbers that are given. */
export const sunspots: Lesson<LessonSettings, string, SeriesReply, Forecaster, SeriesMeta> = {
  example(settings) {
    const own = settings?.own;
    const data = own && ownData(own);
    // Counts are read as their roots; a series of one's own may be anything.
    const ownMeta = ({ series, valid }: SeriesData): ForecastMeta => ({
      ...SIZES,
      series,
      scaling: fitScaling(series.values, valid.from, 'none'),
    });
    return {
      ...example,
      ...(data && { load: async () => data }),
      meta: (given: SeriesData): SeriesMeta => ({
        ...(data ? ownMeta(given) : example.meta(given)),
        learnt: rangeOf(given.series.values.slice(0, given.valid.from)),
      }),
    };
  },
  evaluations: 12,
  found: ({ own }) =>
    own && {
      told: `${example.describe!(ownData(own))}.`,
      question: `How does the series of ${own.name} go on?`,
      inputs: [''],
    },
  async answer(model, meta, input) {
    const { values, labels } = seriesIn(input) ?? meta.series;
    const negative = values.findIndex((value) => value < 0);
    if (meta.scaling.transform === 'roots' && negative >= 0) {
      throw new DataError(
        `Value ${negative + 1} is ${values[negative]}, and this network learnt counts from 0: train it on a series of ` +
          'your own to forecast others.',
      );
    }
    if (values.length < meta.order + 2) {
      throw new DataError(
        `There are ${values.length} numbers, and the window sees ${meta.order}: give ${meta.order + 2} or more.`,
      );
    }
    const first = Math.max(meta.order + 1, values.length - SHOWN);
    const starts = Array.from({ length: values.length - first }, (_, i) => first + i);
    const next = await model.forecast(values, meta, starts, 1);
    const ahead = await model.forecast(values, meta, [values.length], AHEAD);
    const of = (network: NetworkName) => {
      const squares = starts.map((start, i) => (next[network][i][0] - values[start]) ** 2);
      const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
      return { values: ahead[network][0], error: Math.sqrt(mean) };
    };
    const begin = Math.max(0, values.length - SHOWN);
    const placed = labels.every((label, i) => label === String(i + 1));
    return {
      known: values.slice(begin),
      ends: placed
        ? [`value ${begin + 1}`, `value ${values.length + AHEAD}`]
        : [labels[begin], laterLabel(labels, AHEAD)],
      forecasts: { window: of('window'), recurrent: of('recurrent') },
      measured: starts.length,
      order: meta.order,
      outside: farOutside(values, meta.learnt),
    };
  },
};
