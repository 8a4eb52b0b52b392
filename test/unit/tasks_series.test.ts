import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ArgumentError, DataError, openDevice, Random } from 'lethe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from 'lethe';

import { Autoregression } from '../../demos/tasks/baselines/autoregression';
import { generateCurve } from '../../demos/tasks/co2/generate';
import {
  allScenes,
  describe,
  draw,
  drawSome,
  isHeldOut,
  parse,
  PIXELS,
  SIDE,
} from '../../demos/tasks/captions/shapes';
import {
  autoregression,
  forecastErrors,
  seasonal,
  seasonalWithDrift,
} from '../../demos/tasks/forecasting/errors';
import { readSeries } from '../../demos/tasks/forecasting/load';
import { Forecaster } from '../../demos/tasks/forecasting/model';
import {
  divide,
  fitScaling,
  forecastBatches,
  scaled,
  unscaled,
} from '../../demos/tasks/forecasting/series';
import { FIRST_YEAR, SUNSPOTS } from '../../demos/tasks/sunspots/numbers';

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu', { threads: 1 });
});
afterAll(() => device.dispose());

const sunspots = {
  unit: 'sunspots',
  labels: SUNSPOTS.map((_, i) => String(FIRST_YEAR + i)),
  values: SUNSPOTS,
};
const parts = [
  { name: '1921-55', from: 221, to: 256 },
  { name: '1956-79', from: 256, to: 280 },
];

test('an autoregression finds the coefficients that made a series', () => {
  const random = new Random(3);
  const values = [1, 2];
  while (values.length < 400) {
    const [before, last] = values.slice(-2);
    values.push(5 + 1.2 * last - 0.5 * before + 0.001 * random.normal());
  }
  const model = Autoregression.fit(values, 2);
  expect(model.intercept).toBeCloseTo(5, 1);
  expect(model.coefficients[0]).toBeCloseTo(1.2, 2);
  expect(model.coefficients[1]).toBeCloseTo(-0.5, 2);
  const [next, afterwards] = model.forecast(values, 2);
  expect(next).toBe(model.predict(values));
  expect(afterwards).toBe(model.predict([...values, next]));
});

test('an autoregression refuses what it cannot be fitted to', () => {
  expect(() => Autoregression.fit([1, 2, 3, 4], 2)).toThrow('order = 2 for 4 values');
  expect(() => Autoregression.fit(new Array<number>(50).fill(3), 2)).toThrow(/do not vary/);
  expect(() => Autoregression.fit(SUNSPOTS, 9).predict([1, 2])).toThrow(ArgumentError);
});

test('AR(9) has the published errors on sunspots', async () => {
  expect(SUNSPOTS).toHaveLength(309);
  const data = divide(sunspots, parts, 48, 1535);
  const errors = await forecastErrors(data, parts, 11, autoregression(data, 9));
  expect(errors['1921-55']).toBeCloseTo(0.123, 3);
  expect(errors['1956-79']).toBeCloseTo(0.342, 3);
  const persistence = await forecastErrors(data, parts, 1, seasonal(data));
  expect(persistence['1921-55']).toBeCloseTo(0.416, 3);
  expect(persistence['1956-79']).toBeCloseTo(0.94, 3);
});

test('a season with drift repeats a year and adds what it grew by', () => {
  const values = Array.from({ length: 48 }, (_, t) => 2 * t + [0, 5, 1, 7][t % 4]);
  const series = { unit: '', labels: values.map(String), values };
  const data = divide(series, [{ name: 'test', from: 40, to: 48 }], 8);
  const [forecast] = seasonalWithDrift(data, 4)([38], 10);
  expect(forecast).toEqual(values.slice(38));
});

test('the scaling goes there and back, and refuses what does not vary', () => {
  for (const transform of ['none', 'roots', 'changes'] as const) {
    const scaling = fitScaling(SUNSPOTS, 200, transform);
    const inputs = scaled(SUNSPOTS, scaling);
    const skipped = SUNSPOTS.length - inputs.length;
    inputs.slice(0, 50).forEach((y, i) => {
      const last = SUNSPOTS[i + skipped - 1];
      expect(unscaled(y, last, scaling)).toBeCloseTo(SUNSPOTS[i + skipped], 9);
    });
  }
  expect(() => fitScaling([2, 4, 6, 8, 9], 4, 'changes')).toThrow('change by the same amount');
  expect(() => fitScaling([3, 3, 3, 4], 3, 'none')).toThrow(DataError);
  expect(() => fitScaling([3, -1, 3], 3, 'roots')).toThrow('row 2 is -1');
  expect(() => divide(sunspots, [{ name: 'test', from: 20, to: 309 }], 48)).toThrow(
    'leaves 17 to learn from',
  );
});

test('batches hold each value with what comes before it', () => {
  const values = Array.from({ length: 60 }, (_, i) => i);
  const batches = forecastBatches(values, { order: 3, time: 8, seed: 1 });
  const seen = new Set<number>();
  for (let i = 0; i < batches.perEpoch; i++) {
    const { windows, next, inputs, targets } = batches.batch(0, i);
    expect(inputs.shape).toEqual([8, inputs.data.length / 8, 1]);
    inputs.data.forEach((value, at) => expect(targets.data[at]).toBe(value + 1));
    next.data.forEach((value, row) => {
      seen.add(value);
      const window = Array.from(windows.data.subarray(3 * row, 3 * row + 3));
      expect(window).toEqual([value - 3, value - 2, value - 1]);
    });
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(values.slice(3));
  expect(batches.batch(4, 1)).toEqual(batches.batch(4, 1));
  expect(batches.batch(4, 1)).not.toEqual(batches.batch(5, 1));
});

test('forecasts of several steps agree with a step at a time', async () => {
  const random = new Random(2);
  for (const transform of ['none', 'changes'] as const) {
    const scaling = fitScaling(SUNSPOTS, 200, transform);
    const meta = { scaling, order: 4, windowUnits: 3, recurrentUnits: 5 };
    const model = new Forecaster(device, meta, random);
    const before = device.memory().liveTensors;
    const both = await model.forecast(SUNSPOTS, meta, [40, 100], 3);
    expect(device.memory().liveTensors).toBe(before);
    for (const network of ['window', 'recurrent'] as const) {
      const known = SUNSPOTS.slice(0, 100);
      for (let step = 0; step < 3; step++) {
        const next = await model.forecast(known, meta, [known.length], 1);
        expect(both[network][1][step]).toBeCloseTo(next[network][0][0], 2);
        known.push(next[network][0][0]);
      }
    }
    model.dispose();
  }
});

test('the generated curve rises, has seasons, and is the same at every run', () => {
  const { values, labels } = generateCurve();
  expect(labels.slice(11, 13)).toEqual(['1958-12-01', '1959-01-01']);
  expect(values.slice(0, 3)).toEqual(generateCurve().values.slice(0, 3));
  expect(generateCurve(1).values).not.toEqual(values);
  const mean = (from: number): number =>
    values.slice(from, from + 12).reduce((sum, value) => sum + value, 0) / 12;
  expect(mean(732) - mean(720)).toBeGreaterThan(1.5 * (mean(12) - mean(0)));
});

test('a series of a file: columns by name, labels, and errors by line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-series-'));
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const file = await write('two.csv', 'day,in,out\nmon,1,4.5\ntue,2,5\n');
  expect(await readSeries(file)).toEqual({ unit: 'in', labels: ['mon', 'tue'], values: [1, 2] });
  expect((await readSeries(`${file}#out`)).values).toEqual([4.5, 5]);
  await expect(readSeries(`${file}#gone`)).rejects.toThrow('no column gone');
  const one = await write('one.csv', 'x\n3\n4\n');
  expect(await readSeries(one)).toEqual({ unit: 'x', labels: ['1', '2'], values: [3, 4] });
  const ragged = await write('ragged.csv', 'a,b\n1,2\n3\n');
  await expect(readSeries(ragged)).rejects.toThrow('line 3 has 1 fields');
  const gap = await write('gap.csv', 'a,b\n1,2\n3,NaN\n');
  await expect(readSeries(gap)).rejects.toThrow('line 3 has "NaN" in column b');
});

test('captions are read as they are written', () => {
  const scenes = allScenes();
  expect(scenes).toHaveLength(36 * 4 * 36);
  expect(new Set(scenes.map(describe)).size).toBe(scenes.length);
  for (const scene of scenes) expect(parse(describe(scene))).toEqual(scene);
  expect(parse(' A small  red circle above a big WHITE square')).toMatchObject({
    first: { size: 'small', colour: 'red', shape: 'circle' },
    relation: 'above',
  });
  expect(() => parse('a red circle')).toThrow(/"a red circle" is no caption/);
});

test('pictures show what their captions say', () => {
  const random = new Random(1);
  const scene = parse('a small red circle left of a big blue square');
  const { pixels, caption } = draw(scene, random);
  expect(pixels).toHaveLength(PIXELS);
  expect(caption).toBe(describe(scene));
  const at = (x: number, y: number): number[] =>
    Array.from(pixels.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3));
  const [r, , b] = at(4, 12);
  expect(r).toBeGreaterThan(b + 0.4);
  const middle = at(12, 12);
  expect(middle[2]).toBeGreaterThan(middle[0] + 0.4);
  expect(Math.max(...at(20, 3))).toBeLessThan(0.35);
  const covered = (text: string): number => {
    const picture = draw(parse(text), new Random(2)).pixels;
    return picture.filter((_, i) => i % 3 === 0 && picture[i] > 0.5).length;
  };
  const big = covered('a big white square left of a big blue circle');
  expect(big).toBeGreaterThan(1.5 * covered('a small white square left of a big blue circle'));
});

test('no picture of the training has a held-out colour of a shape', () => {
  const open = allScenes().filter((scene) => !isHeldOut(scene));
  expect(open).toHaveLength(30 * 4 * 30);
  const some = drawSome(open, 50, new Random(1));
  expect(new Set(some.map(({ caption }) => caption)).size).toBe(50);
  expect(some.every(({ caption }) => !isHeldOut(parse(caption)))).toBe(true);
  const again = drawSome(open, 50, new Random(1));
  expect(again[7].pixels).toEqual(some[7].pixels);
});
