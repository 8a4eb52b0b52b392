/** Handwriting: the alphabet, hands, and the frames of ink. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ExampleRun } from '../../demos/tasks/example';

import { ALPHABET, curve, DIGITS, LETTERS } from '../../demos/tasks/pen/alphabet';
import { drawHand, write } from '../../demos/tasks/pen/hand';
import type { Ink } from '../../demos/tasks/pen/hand';
import { FEATURES, strokesToFrames } from '../../demos/tasks/pen/ink';
import { pen } from '../../demos/tasks/pen/index';
import { drawLines } from '../../demos/tasks/pen/lines';
import type { PenData } from '../../demos/tasks/pen/lines';
import { readTest } from '../../demos/tasks/pen/load';
import { parseStrokeFont, writeInFont } from '../../demos/tasks/pen/stroke_font';
import { templateReader } from '../../demos/tasks/pen/templates';
import { ArgumentError, DataError, openDevice, Random } from '../../src/index';

/** A line of digits by hand number `seed`. */
function inkOf(text: string, seed: number): Ink {
  const random = new Random(seed);
  return write(text, drawHand(random), random);
}

/** The ink with every point elsewhere. */
const mapped = (ink: Ink, to: (x: number, y: number) => [number, number]): Ink =>
  ink.map((stroke) =>
    stroke.map((point) => {
      const [x, y] = to(point.x, point.y);
      return { x, y };
    }),
  );

const difference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe('the alphabet', () => {
  test('has digits and letters, whose strokes pass through their knots', () => {
    expect(Object.keys(ALPHABET).sort()).toEqual([...DIGITS, ...LETTERS]);
    for (const glyph of Object.values(ALPHABET).flat()) {
      for (const stroke of glyph) {
        const line = curve(stroke);
        for (const knot of stroke) {
          const nearest = Math.min(...line.map(({ x, y }) => Math.hypot(x - knot.x, y - knot.y)));
          expect(nearest).toBeLessThan(1e-6);
        }
      }
    }
  });

  test('a hand writes as it does, and another otherwise', () => {
    expect(inkOf('2026', 3)).toEqual(inkOf('2026', 3));
    expect(inkOf('2026', 3)).not.toEqual(inkOf('2026', 4));
    expect(() => inkOf('7!', 1)).toThrow(
      new DataError('"!" cannot be written; digits and lower-case letters a to z can'),
    );
  });
});

describe('frames of ink', () => {
  const ink = inkOf('40718', 5);
  const frames = strokesToFrames(ink);

  test('are one for each fifth of the height that the pen goes, or less', () => {
    expect(frames.length % FEATURES).toBe(0);
    expect(frames.length / FEATURES).toBeGreaterThan(5 * 6);
    expect(frames.length / FEATURES).toBeLessThan(5 * 20);
    expect(frames.every((value) => Math.abs(value) <= 2)).toBe(true);
  });

  test('do not tell place or size, and hardly the number of points', () => {
    const large = mapped(ink, (x, y) => [30 + 400 * x, 90 + 400 * y]);
    const dense: Ink = ink.map((stroke) =>
      stroke.flatMap((b, i) => {
        const a = stroke[Math.max(0, i - 1)];
        return [{ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, b];
      }),
    );
    expect(difference(strokesToFrames(large), frames)).toBeLessThan(1e-4);
    // Which points a trembling hand is spared may differ.
    expect(Math.abs(strokesToFrames(dense).length - frames.length)).toBeLessThan(3 * FEATURES);
  });

  test('do not grow where a hand lingers and trembles', () => {
    const down = Array.from({ length: 21 }, (_, i) => ({ x: 0, y: 10 * i }));
    const middle = Array.from({ length: 40 }, (_, i) => ({ x: i % 2, y: 100 + (i % 3) }));
    const lingered = [...down.slice(0, 11), ...middle, ...down.slice(11)];
    expect(strokesToFrames([lingered]).length).toBe(strokesToFrames([down]).length);
  });

  test('hardly tell how a line climbs', () => {
    const climbing = strokesToFrames(mapped(ink, (x, y) => [x, y - 0.25 * x]));
    expect(climbing.length).toBe(frames.length);
    expect(difference(climbing, frames)).toBeLessThan(0.02);
  });

  test('do not tell which way round strokes were written', () => {
    for (const text of ['17', '0', '8', 'v']) {
      const written = inkOf(text, 6);
      const turned = written.map((stroke) => [...stroke].reverse());
      const [a, b] = [strokesToFrames(turned), strokesToFrames(written)];
      expect(a.length).toBe(b.length);
      // Corners may be cut a little otherwise.
      const sum = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0);
      expect(sum / a.length).toBeLessThan(0.05);
    }
  });

  test('put a late stroke where it belongs', () => {
    // A hand whose dot stands over its stem; a slanted one sets it beside.
    const [first, second] = [inkOf('i', 4), mapped(inkOf('n', 4), (x, y) => [x + 2, y])];
    const [stem, ...dot] = first;
    expect(strokesToFrames([stem, ...second, ...dot])).toEqual(
      strokesToFrames([stem, ...dot, ...second]),
    );
  });

  test('of nothing are none, of a dot one', () => {
    expect(strokesToFrames([])).toHaveLength(0);
    expect(strokesToFrames([[]])).toHaveLength(0);
    expect(strokesToFrames([[{ x: 3, y: 4 }]])).toHaveLength(FEATURES);
    const dash = strokesToFrames([
      [
        { x: 0, y: 1 },
        { x: 5, y: 1 },
      ],
    ]);
    expect(dash.every(Number.isFinite)).toBe(true);
    expect(() => strokesToFrames([[{ x: 0, y: NaN }]])).toThrow(
      new ArgumentError(
        'strokesToFrames: point 0 of stroke 0 is (0, NaN); two finite numbers are needed',
      ),
    );
  });
});

describe('a file of ink', () => {
  async function read(...rows: string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'lethe-ink-'));
    try {
      await writeFile(join(folder, 'ink'), rows.join('\n'));
      return await readTest(join(folder, 'ink'), DIGITS);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('has a line of ink on each line', async () => {
    const [line, ...others] = await read('{ "text": "1", "strokes": [[[0, 0], [0, 90]]] }', '');
    expect(others).toEqual([]);
    expect(line.labels).toEqual([2]);
    expect(line.frames.length / FEATURES).toBe(6);
  });

  test('of something else is refused, by its line', async () => {
    await expect(read('{ "text": "1" }')).rejects.toThrow(
      /ink, line 1: { "text": "42", "strokes":/,
    );
    await expect(read('', '1,2')).rejects.toThrow(/ink, line 2: /);
    await expect(read('{ "text": "x", "strokes": [[[0, 0]]] }')).rejects.toThrow(
      /line 1: "x" is none of the labels: 0 1 2/,
    );
    await expect(read('{ "text": "1", "strokes": [] }')).rejects.toThrow(
      /too short for its symbols/,
    );
    await expect(read('{ "text": "1", "strokes": [[[0, null]]] }')).rejects.toThrow(
      /line 1: strokesToFrames: point 0 of stroke 0 is \(0, null\)/,
    );
    await expect(read('')).rejects.toThrow(/holds no lines of ink/);
  });
});

describe('single-line fonts', () => {
  // 0 is a ring, 1 a stroke, 7 two strokes that stand in one M each.
  const svg = (one: string) => `<svg><defs><font id="x" horiz-adv-x="50">
    <font-face units-per-em="100" />
    <missing-glyph horiz-adv-x="9" />
    <glyph unicode="0" glyph-name="zero" horiz-adv-x="60" d="M 0 0 L 40 0 L 40 100 L 0 100 L 0 0" />
    <glyph unicode="1" glyph-name="one" d="${one}" />
    <glyph unicode="7" horiz-adv-x="70" d="M0,1e2 50,100 L20-.5 M 10 50 L 40 50"/>
    <glyph unicode="A" d="M 0 0 C 1 2 3 4 5 6" /></font></defs></svg>`;
  const [SYMBOLS, font] = [['0', '1', '7'], svg('M 5 100 L 5 0')];

  test('are ink, y downwards, each symbol behind the one before', () => {
    const ink = writeInFont('171', parseStrokeFont(font, SYMBOLS));
    expect(ink.map((stroke) => stroke.map(({ x, y }) => [x, y]))).toEqual([
      [[5, -100], [5, -0]], // prettier-ignore
      [[50, -100], [100, -100], [70, 0.5]], // prettier-ignore
      [[60, -50], [90, -50]], // prettier-ignore
      [[125, -100], [125, -0]], // prettier-ignore
    ]);
  });

  test('of other paths, or without a symbol, are refused', () => {
    expect(() => parseStrokeFont(font, [...SYMBOLS, 'A'])).toThrow(
      /the path of "A" has more than M and L: M 0 0 C/,
    );
    expect(() => parseStrokeFont(svg('10 5 L 5 0'), SYMBOLS)).toThrow(/the path of "1" has more/);
    expect(() => parseStrokeFont(svg('M 10 5 L 5'), SYMBOLS)).toThrow(
      /the path of "1" has a point without y: L 5/,
    );
    expect(() => parseStrokeFont(font, DIGITS)).toThrow(/there is no <glyph unicode="2">/);
    expect(() => parseStrokeFont(font.replace('horiz-adv-x="50"', ''), SYMBOLS)).toThrow(
      '"1" has no horiz-adv-x',
    );
  });

  test('of a folder: twenty lines in each, and files that are none are named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lethe-fonts-'));
    try {
      await expect(readTest(folder, SYMBOLS)).rejects.toThrow(/has no SVG fonts; give a folder of/);
      await writeFile(join(folder, 'a.svg'), font);
      await writeFile(join(folder, 'b.svg'), font);
      await writeFile(join(folder, 'README'), '');
      const lines = await readTest(folder, SYMBOLS);
      expect(lines).toHaveLength(40);
      expect(lines.slice(20)).toEqual(lines.slice(0, 20));
      expect(new Set(lines.map(({ labels }) => labels.join())).size).toBeGreaterThan(10);
      await writeFile(join(folder, 'c.svg'), '<svg/>');
      await expect(readTest(folder, SYMBOLS)).rejects.toThrow(/c\.svg: there is no <glyph/);
      await expect(readTest(join(folder, 'none'), SYMBOLS)).rejects.toThrow(
        /none cannot be read; give a file of ink, or a folder of SVG fonts/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('the baseline cuts between strokes that lie apart', () => {
  const read = templateReader(DIGITS);
  expect(read(inkOf('31', 2))).toEqual([4, 2]);
  expect(read([])).toEqual([]);
});

test('a recogniser learns to read three digits in hands that it never saw', async () => {
  const device = await openDevice('cpu');
  const digits = ['1', '3', '7'];
  const [train, held] = [drawLines(digits, 300, 1), drawLines(digits, 60, 2)];
  const data: PenData = {
    ...{ train, valid: held, test: held, wild: held, features: FEATURES, alphabet: digits },
  };
  const run = new ExampleRun(pen, device, data, { source: null, seed: 1, epochs: 32 });
  for await (const _ of run.fit()) continue;
  run.trainer.restoreBest();
  const { labelError } = await run.test();
  expect(labelError).toBeLessThan(0.15);
  const ask = (input: string) =>
    pen.ask!(run.model.eval() as never, run.about.meta as never, input);
  expect(await ask('371')).toMatch(/^greedy +[137]+\nbeam +\d+\.\d % +[137]+\n/);
  await expect(ask(' ')).rejects.toThrow(
    new ArgumentError('pen: nothing to write; give some digits'),
  );
  await expect(ask('4')).rejects.toThrow(/"4" is none of the labels: 1 3 7/);
  device.dispose();
});
