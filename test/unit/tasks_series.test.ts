import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

import { ArgumentError, DataError, openDevice, Random } from 'lethe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from 'lethe';
import type { Module } from 'lethe/nn';

import { Autoregression } from '../../demos/tasks/baselines/autoregression';
import { co2 } from '../../demos/tasks/co2';
import { generateCurve } from '../../demos/tasks/co2/generate';
import { captions } from '../../demos/tasks/captions';
import { decodePng, decodePpm, resized } from '../../demos/tasks/captions/image';
import { readPictures } from '../../demos/tasks/captions/load';
import { generatePictures, nearestCaptions } from '../../demos/tasks/captions/pictures';
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
import { ExampleRun } from '../../demos/tasks/example';
import type { Example } from '../../demos/tasks/example';
import {
  autoregression,
  forecastErrors,
  seasonal,
  seasonalWithDrift,
} from '../../demos/tasks/forecasting/errors';
import { laterLabel } from '../../demos/tasks/forecasting/example';
import { readSeries } from '../../demos/tasks/forecasting/load';
import { Forecaster } from '../../demos/tasks/forecasting/model';
import {
  divide,
  fitScaling,
  forecastBatches,
  scaled,
  unscaled,
} from '../../demos/tasks/forecasting/series';
import { sunspots as sunspotsExample } from '../../demos/tasks/sunspots';
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
  expect(() => fitScaling([2, 4, 6, 8, 9], 4, 'changes')).toThrow('all change by the same');
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
  await expect(readSeries(join(folder, 'none.csv'))).rejects.toThrow('none.csv cannot be read');
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

async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-captions-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const bytesOf = (text: string, ...values: number[]): Uint8Array =>
  Uint8Array.from([...Buffer.from(text, 'latin1'), ...values]);

/** A PNG without checksums: the lines hold a filter each. */
function png(
  width: number,
  height: number,
  colours: number,
  lines: number[],
  ...more: Uint8Array[]
) {
  const chunk = (kind: string, data: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(12 + data.length);
    new DataView(bytes.buffer).setUint32(0, data.length);
    bytes.set(Buffer.from(kind, 'latin1'), 4);
    bytes.set(data, 8);
    return bytes;
  };
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, colours], 8);
  const [palette, clear] = more;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...(clear ? [chunk('tRNS', clear)] : []),
    chunk('IDAT', deflateSync(Uint8Array.from(lines))),
    chunk('IEND', new Uint8Array()),
  ]);
}

const inflate = (data: Uint8Array): Uint8Array => inflateSync(data);

test('PPM and PGM, binary and as text', () => {
  const red = { width: 2, height: 1, rgb: Float32Array.of(1, 0, 0, 0, 0, 1) };
  expect(decodePpm(bytesOf('P6\n# made here\n2 1 255\n', 255, 0, 0, 0, 0, 255))).toEqual(red);
  expect(decodePpm(bytesOf('P3 2 1 4  4 0 0  0 0 4\n'))).toEqual(red);
  expect(decodePpm(bytesOf('P5 1 1 255\n', 51)).rgb).toEqual(Float32Array.of(0.2, 0.2, 0.2));
  expect(() => decodePpm(bytesOf('P6 2 2 255\n', 1, 2, 3))).toThrow('2 x 2 ends early');
  expect(() => decodePpm(bytesOf('GIF89a'))).toThrow('no PPM or PGM');
  expect(() => decodePpm(bytesOf('P6 1 1 65535\n', 0, 0))).toThrow('255 at most');
});

test('PNG: the five filters, palettes and transparency', () => {
  // Five lines of three grey values, 10 20 30 and so on, each stored through another filter.
  const grey = png(3, 5, 0, [
    ...[0, 10, 20, 30],
    ...[1, 40, 10, 10],
    ...[2, 30, 30, 30],
    ...[3, 65, 10, 10],
    ...[4, 30, 10, 10],
  ]);
  const expected = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100, 105, 130, 140, 150];
  const found = decodePng(grey, inflate);
  expect([found.width, found.height]).toEqual([3, 5]);
  expect(Array.from(found.rgb, (value) => Math.round(255 * value))).toEqual(
    expected.flatMap((value) => [value, value, value]),
  );
  const indexed = png(2, 1, 3, [0, 1, 0], Uint8Array.of(0, 0, 0, 255, 0, 0), Uint8Array.of(0, 255));
  expect(Array.from(decodePng(indexed, inflate).rgb)).toEqual([1, 0, 0, 1, 1, 1]);
  const half = decodePng(png(1, 1, 6, [0, 0, 0, 255, 51]), inflate).rgb;
  expect(Array.from(half, (value) => Number(value.toFixed(3)))).toEqual([0.8, 0.8, 1]);
  expect(() => decodePng(png(2, 2, 2, [0, 1, 2, 3]), inflate)).toThrow('ends early');
  expect(() => decodePng(bytesOf('P6'), inflate)).toThrow('no PNG');
});

test('a picture of any size becomes one of 24 x 24', () => {
  const rgb = Float32Array.from({ length: 48 * 48 * 3 }, (_, i) => i % 3);
  expect(resized({ width: 48, height: 48, rgb }).slice(0, 6)).toEqual(
    Float32Array.of(0, 1, 2, 0, 1, 2),
  );
  expect(resized({ width: 1, height: 1, rgb: rgb.slice(0, 3) })).toHaveLength(PIXELS);
});

test('a folder of pictures with captions, and errors by line and file', async () => {
  const dot = bytesOf('P5 1 1 255\n', 200);
  const names = Array.from({ length: 12 }, (_, i) => `${i}.pgm`);
  const files = Object.fromEntries(names.map((name) => [name, dot]));
  const lines = names.map((name, i) => `${name}\tA  Dot, no. ${i}!`);
  const data = await readPictures(await folderOf({ ...files, 'captions.tsv': lines.join('\r\n') }));
  expect(data.train.length + data.valid.length + data.tests[0].pictures.length).toBe(12);
  expect(data.train[0].caption).toMatch(/^a dot no \d+$/);
  const broken = await folderOf({ ...files, 'captions.tsv': '0.pgm\ta dot\n1.pgm a dot\n' });
  await expect(readPictures(broken)).rejects.toThrow('captions.tsv, line 2');
  const damaged = await folderOf({ 'x.pgm': bytesOf('P9'), 'captions.tsv': 'x.pgm\ta dot\n' });
  await expect(readPictures(damaged)).rejects.toThrow(/x\.pgm: no PPM or PGM/);
  const missing = await folderOf({ 'captions.tsv': 'x.png\ta dot\n' });
  await expect(readPictures(missing)).rejects.toThrow('x.png cannot be read');
  await expect(readPictures(await folderOf({}))).rejects.toThrow('neither captions.tsv nor');
});

test('of each emoji with skin tones one tone is held out', async () => {
  const tones = ['1F3FB', '1F3FC', '1F3FD', '1F3FE', '1F3FF'];
  const some = Array.from({ length: 6 }, (_, i) => ({
    name: `HAND ${i}`,
    image: 'x.png',
    has_img_twitter: true,
    skin_variations: Object.fromEntries(
      tones.map((tone) => [tone, { image: 'x.png', has_img_twitter: true }]),
    ),
  }));
  const folder = await folderOf({
    'emoji.json': JSON.stringify(some),
    'img/twitter/64/x.png': png(1, 1, 6, [0, 1, 2, 3, 255]),
  });
  const { train, valid, tests } = await readPictures(folder);
  const held = [...valid, ...tests[0].pictures].map(({ caption }) => caption);
  expect(held).toHaveLength(6);
  expect(new Set(held.map((caption) => caption.slice(0, 6))).size).toBe(6);
  expect(train).toHaveLength(6 * 5);
  expect(train.some(({ caption }) => held.includes(caption))).toBe(false);
});

/** Trains an example, and gives what was told on the way and what the test found at the end. */
async function trained<Data, Meta, M extends Module>(
  example: Example<Data, Meta, M>,
  data: Data,
  epochs: number,
  seed = 1,
  options: Parameters<ExampleRun['fit']>[0] = {},
) {
  const run = new ExampleRun(example, device, data, {
    source: null,
    seed,
    epochs,
  });
  const told: Record<string, number>[] = [];
  for await (const event of run.fit(options)) {
    if (event.kind === 'report') told.push({ loss: event.loss, ...event.metrics });
  }
  run.trainer.restoreBest();
  return { run, told, metrics: await run.test() };
}

test('both networks learn the sunspots, and are tested by the names of the baseline', async () => {
  const data = await sunspotsExample.load();
  const baseline = await sunspotsExample.baseline(data);
  expect(baseline.metrics['recurrent 1921-1955']).toBeCloseTo(0.123, 3);
  expect(baseline.metrics['window 1956-1979']).toBeCloseTo(0.342, 3);
  const { run, told, metrics } = await trained(sunspotsExample, data, 40);
  for (const name of ['window fit', 'recurrent fit']) {
    expect(told.at(-1)![name]).toBeLessThan(0.5 * told[0][name]);
  }
  // Persistence has .416: what was learnt is more than that.
  expect(metrics['window 1921-1955']).toBeLessThan(0.41);
  expect(metrics['recurrent 1921-1955']).toBeLessThan(0.41);
  expect(Object.keys(baseline.metrics)).toEqual(expect.arrayContaining(Object.keys(metrics)));
  const meta = sunspotsExample.meta(data);
  const table = await sunspotsExample.ask!(run.model as never, meta, '3');
  expect(table.split('\n').map((line) => line.trim().split(/\s+/)[0])).toEqual([
    'sunspots',
    '2008',
    '2009',
    '2010',
    '2011',
  ]);
  await expect(sunspotsExample.ask!(run.model as never, meta, 'soon')).rejects.toThrow('1 to 1000');
  run.dispose();
});

test('a seed gives the same figures again', async () => {
  const data = await sunspotsExample.load();
  const [one, again, other] = [
    await trained(sunspotsExample, data, 2),
    await trained(sunspotsExample, data, 2),
    await trained(sunspotsExample, data, 2, 2),
  ];
  expect(again.metrics).toEqual(one.metrics);
  expect(again.told).toEqual(one.told);
  expect(other.metrics).not.toEqual(one.metrics);
  for (const { run } of [one, again, other]) run.dispose();
});

test('co2 takes the bundled curve or a file, and what it compares to', async () => {
  const data = await co2.load();
  expect(co2.describe!(data)).toContain('744 values of ppm');
  expect(data.tests).toEqual([{ name: 'last 120', from: 624, to: 744 }]);
  const { metrics } = await co2.baseline(data);
  expect(metrics['window last 120']).toBeLessThan(metrics['persistence last 120']);
  expect(metrics['seasonal + drift last 120']).toBeLessThan(metrics['seasonal last 120']);
  const rows = data.series.values.slice(0, 300).map((value, i) => `${i},${value}`);
  const folder = await folderOf({ 'own.csv': ['t,y', ...rows].join('\n') });
  const own = await co2.load(join(folder, 'own.csv'));
  expect(own.tests).toEqual([{ name: 'last 60', from: 240, to: 300 }]);
  const short = await folderOf({ 'own.csv': ['t,y', ...rows.slice(0, 50)].join('\n') });
  await expect(co2.load(join(short, 'own.csv'))).rejects.toThrow('the series has 50 values');
});

test('labels go on from the last two', () => {
  expect(laterLabel(['1999', '2000'], 3)).toBe('2003');
  expect(laterLabel(['2020-10-01', '2020-11-01'], 2)).toBe('2021-01');
  expect(laterLabel(['mon', 'tue'], 1)).toBe('+1');
  expect(laterLabel(['1990', '2000'], 1)).toBe('+1');
});

test('captions of a few pictures are learnt by heart; the nearest picture knows those it has', async () => {
  const { train, tests } = generatePictures({ train: 16, valid: 2, test: 4 });
  expect(nearestCaptions(train, train)).toEqual(train.map(({ caption }) => caption));
  const captionsOf = (name: string) =>
    tests.find((part) => part.name === name)!.pictures.map(({ caption }) => caption);
  const known = train.map(({ caption }) => caption);
  expect(captionsOf('').some((caption) => known.includes(caption))).toBe(false);
  expect(captionsOf('seen ').every((caption) => known.includes(caption))).toBe(true);
  expect(captionsOf('new pairs ').every((caption) => isHeldOut(parse(caption)))).toBe(true);
  const data = { train, valid: train, tests: [{ name: '', pictures: train }] };
  const { run, told, metrics } = await trained(captions, data, 240, 1, { evalEvery: 60 });
  expect(told.at(-1)!['loss']).toBeLessThan(0.1 * told[0]['loss']);
  expect(metrics['exact']).toBe(1);
  expect(metrics['bleu']).toBe(1);
  const answer = await captions.ask!(run.model as never, captions.meta(data), train[0].caption);
  expect(answer.split('\n')).toHaveLength(5);
  await expect(captions.ask!(run.model as never, captions.meta(data), 'a cat')).rejects.toThrow(
    '"a cat" is no caption',
  );
  run.dispose();
});
