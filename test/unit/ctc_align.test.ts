/** Forced alignment and the posterior lattice: by hand, against all paths, and what holds for any frames. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ctcAlign, ctcBeamSearch, ctcGreedy, ctcPosteriors } from '../../src/ctc/index';
import type { CtcFrames } from '../../src/ctc/index';
import { ArgumentError, DataError, IndexError, NonFiniteError } from '../../src/errors';
import { collapse, framesOf, oneHot, paths, waves } from '../setup/ctc';

type Kind = new (message: string) => Error;
const untyped = (value: unknown): never => value as never;

/** The paths that spell a target. */
const alignments = (frames: CtcFrames, target: readonly number[], blank: number) =>
  [...paths(frames)].filter(([path]) => collapse(path, blank).join(' ') === target.join(' '));

/** Frames of up to 6 steps, a blank, and a target that can be read from them. */
const aligned = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 3 }), fc.nat())
  .chain(([time, classes, seed]) => {
    const blank = seed % classes;
    const count = time * classes;
    return fc.record({
      blank: fc.constant(blank),
      frames: fc
        .array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: count, maxLength: count })
        .map((data): CtcFrames => ({ shape: [time, classes], data })),
      target: fc
        .array(fc.nat({ max: classes - 1 }), { minLength: time, maxLength: time })
        .map((path) => collapse(path, blank)),
    });
  });

describe('posteriors', () => {
  test.each<[number[], number, number, number[], number[]]>([
    [
      ...[[1, 1, 2], 0, 6.7565862],
      ...[
        [0.110644, -0.584262, 0.364072, 0.109546],
        [-0.237998, 0.453745, -0.635587, 0.41984],
      ],
    ] as never,
    [
      ...[[0, 0, 1], 3, 4.1595925],
      ...[
        [-0.423903, 0.08855, 0.364072, -0.028719],
        [0.061988, -0.397749, 0.064427, 0.271334],
      ],
    ] as never,
    [
      ...[[2], 0, 6.5210437],
      ...[
        [-0.294989, 0.08855, 0.096893, 0.109546],
        [-0.631847, 0.453745, -0.241739, 0.41984],
      ],
    ] as never,
    [
      ...[[], 0, 9.6211208],
      ...[
        [-0.562168, 0.08855, 0.364072, 0.109546],
        [-0.938012, 0.453745, 0.064427, 0.41984],
      ],
    ] as never,
  ])(
    'of %j with the blank %i: loss and gradient of the enumeration',
    (target, blank, loss, ...rows) => {
      const frames = waves(6, 4);
      const { shape, data, states, logLikelihood } = ctcPosteriors(frames, target, { blank });
      expect(shape).toEqual([6, 2 * target.length + 1]);
      expect(-logLikelihood).toBeCloseTo(loss, 7);
      for (const [i, t] of [0, 5].entries()) {
        const logits = Array.from(frames.data).slice(4 * t, 4 * t + 4);
        const sum = logits.reduce((total, x) => total + Math.exp(x), 0);
        const gradient = logits.map((x) => Math.exp(x) / sum);
        for (const [s, c] of states.entries()) gradient[c] -= data[t * states.length + s];
        for (const [c, value] of gradient.entries()) expect(value).toBeCloseTo(rows[i][c], 5);
      }
    },
  );

  test('vectors of Keras', () => {
    // These are given as logits.
    const rows = [
      [0.4, 0.8, 0.4],
      [0.2, 0.8, 0.3],
      [0.9, 0.4, 0.5],
    ];
    expect(-ctcPosteriors(framesOf(rows), [1, 2, 1]).logLikelihood).toBeCloseTo(3.4411672, 6);
    const two = [
      [0.4, 0.8, 0.4],
      [0.2, 0.3, 0.3],
    ];
    expect(-ctcPosteriors(framesOf(two), [1, 2]).logLikelihood).toBeCloseTo(1.9168018, 6);
  });

  test('are the shares of the alignments, and sum to 1 in each frame', () => {
    fc.assert(
      fc.property(aligned, ({ frames, blank, target }) => {
        const { shape, data, states, logLikelihood } = ctcPosteriors(frames, target, { blank });
        const [time, n] = shape;
        const all = alignments(frames, target, blank);
        const whole = all.reduce((sum, [, ln]) => sum + Math.exp(ln), 0);
        expect(logLikelihood).toBeCloseTo(Math.log(whole), 9);
        for (let t = 0; t < time; t++) {
          const row = Array.from(data.subarray(t * n, (t + 1) * n));
          expect(row.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
          for (let c = 0; c < frames.shape[1]; c++) {
            const mine = row.reduce((sum, x, s) => sum + (states[s] === c ? x : 0), 0);
            const through = all.filter(([path]) => path[t] === c);
            const share = through.reduce((sum, [, ln]) => sum + Math.exp(ln), 0) / whole;
            expect(mine).toBeCloseTo(share, 9);
          }
        }
      }),
    );
  });

  test('uniform logits of any size have a closed form', () => {
    // binom(T + L - R, 2 L) alignments of C^-T each; R labels are like the one before.
    const [time, classes, labels] = [5000, 12, 400];
    const target = Array.from({ length: labels }, (_, i) => 1 + (Math.floor(i / 2) % 11));
    const frames = { shape: [time, classes], data: new Float32Array(time * classes) };
    let lnPaths = 0;
    const repeats = labels / 2;
    for (let i = 1; i <= 2 * labels; i++) {
      lnPaths += Math.log((time + labels - repeats - 2 * labels + i) / i);
    }
    const { logLikelihood, data, shape } = ctcPosteriors(frames, target);
    const loss = time * Math.log(classes) - lnPaths;
    expect(Math.abs(-logLikelihood / loss - 1)).toBeLessThan(1e-11);
    for (const t of [0, 1, 2499, 4999]) {
      const row = data.subarray(t * shape[1], (t + 1) * shape[1]);
      expect(row.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
    }
  });

  test('no frames', () => {
    const none = { shape: [0, 3], data: [] };
    expect(ctcPosteriors(none, [])).toMatchObject({ shape: [0, 1], logLikelihood: 0 });
    expect(ctcAlign(none, [])).toEqual({
      spans: [],
      path: [],
      logProbability: 0,
      logLikelihood: 0,
    });
    expect(() => ctcAlign(none, [1])).toThrow(DataError);
  });
});

describe('alignment', () => {
  test.each<[number[], number, number[], number]>([
    [[1, 1, 2], 0, [0, 0, 1, 0, 1, 2], 8.5829369],
    [[0, 0, 1], 3, [0, 0, 3, 0, 0, 1], 5.6809916],
    [[2], 0, [0, 0, 0, 0, 2, 2], 9.3443587],
    [[], 0, [0, 0, 0, 0, 0, 0], 9.6211208],
  ])('the best path of %j with the blank %i', (target, blank, path, cost) => {
    const found = ctcAlign(waves(6, 4), target, { blank });
    expect(found.path).toEqual(path);
    expect(-found.logProbability).toBeCloseTo(cost, 7);
  });

  test('spans by hand', () => {
    const rows = [
      [0.1, 0.8, 0.1],
      [0.2, 0.6, 0.2],
      [0.7, 0.1, 0.2],
      [0.1, 0.1, 0.8],
    ];
    const { spans, path, logProbability } = ctcAlign(
      framesOf(rows.map((row) => row.map(Math.log))),
      [1, 2],
    );
    expect(path).toEqual([1, 1, 0, 2]);
    expect(logProbability).toBeCloseTo(Math.log(0.8 * 0.6 * 0.7 * 0.8), 12);
    expect(spans).toMatchObject([
      { label: 1, start: 0, end: 2 },
      { label: 2, start: 3, end: 4 },
    ]);
    expect(spans[0].confidence).toBeCloseTo(0.7, 12);
    expect(spans[1].confidence).toBeCloseTo(0.8, 12);
  });

  test('is the best of all alignments; its spans are in order, each label once', () => {
    fc.assert(
      fc.property(aligned, ({ frames, blank, target }) => {
        const found = ctcAlign(frames, target, { blank });
        const all = alignments(frames, target, blank).map(([, ln]) => ln);
        expect(found.logProbability).toBeCloseTo(Math.max(...all), 9);
        expect(found.logProbability).toBeLessThanOrEqual(found.logLikelihood + 1e-12);
        expect(collapse(found.path, blank)).toEqual(target);
        expect(found.spans.map(({ label }) => label)).toEqual(target);
        let before = 0;
        for (const { label, start, end, confidence, posterior } of found.spans) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(found.path.slice(start, end).every((c) => c === label)).toBe(true);
          for (const share of [confidence, posterior]) {
            expect(share).toBeGreaterThan(0);
            expect(share).toBeLessThanOrEqual(1 + 1e-12);
          }
          before = end;
        }
        expect(before).toBeLessThanOrEqual(frames.shape[0]);
      }),
    );
  });

  test('of what greedy reads, it is the path of greedy', () => {
    fc.assert(
      fc.property(aligned, ({ frames, blank }) => {
        const { labels, logProbability, spans } = ctcGreedy(frames, { blank });
        const found = ctcAlign(frames, labels, { blank });
        expect(found.logProbability).toBeCloseTo(logProbability, 9);
        expect(found.spans).toHaveLength(spans.length);
        const [best] = ctcBeamSearch(frames, { blank, width: 1000 });
        expect(found.logLikelihood).toBeLessThanOrEqual(best.logProbability + 1e-9);
      }),
    );
  });

  test('a label that is sure, and one that is only forced', () => {
    const sure = ctcAlign(oneHot([1, 0], 3), [1]).spans[0];
    expect(sure.confidence).toBeCloseTo(1, 9);
    expect(sure.posterior).toBeCloseTo(1, 9);
    const forced = ctcAlign(oneHot([1], 3), [2]).spans[0];
    expect(forced.confidence).toBeLessThan(1e-9);
    expect(forced.posterior).toBe(1);
  });

  test('equal labels in a row take a blank, and a frame for it', () => {
    const flat = (time: number): CtcFrames => framesOf(Array.from({ length: time }, () => [0, 0]));
    expect(ctcAlign(flat(3), [1, 1]).path).toEqual([1, 0, 1]);
    expect(() => ctcAlign(flat(2), [1, 1])).toThrow(DataError);
    expect(() => ctcAlign(flat(2), [1, 1])).toThrow(
      'ctcAlign: target has 2 labels, 1 of them like the one before, and takes 3 frames at least; there are 2',
    );
  });
});

test.each<[RegExp, Kind, () => unknown]>([
  [
    /^ctcAlign: target = undefined; a list/,
    ArgumentError,
    () => ctcAlign(oneHot([1], 3), untyped(undefined)),
  ],
  [
    /^ctcPosteriors: target = 1; a list/,
    ArgumentError,
    () => ctcPosteriors(oneHot([1], 3), untyped(1)),
  ],
  [
    /target\[1\] = 3; labels run from 0 to 2/,
    IndexError,
    () => ctcAlign(oneHot([1, 1], 3), [1, 3]),
  ],
  [/target\[0\] = -1/, IndexError, () => ctcAlign(oneHot([1, 1], 3), [-1])],
  [/target\[0\] = 1.5/, IndexError, () => ctcAlign(oneHot([1, 1], 3), [1.5])],
  [/target\[0\] = 0 is the blank/, ArgumentError, () => ctcAlign(oneHot([1, 1], 3), [0])],
  [/blank = 3; .* below 3/, ArgumentError, () => ctcAlign(oneHot([1], 3), [1], { blank: 3 })],
  [/frame 0 has NaN for class 2/, NonFiniteError, () => ctcAlign(framesOf([[0, 0, NaN]]), [1])],
  [/target has probability 0/, DataError, () => ctcAlign(framesOf([[0, -Infinity]]), [1])],
  [
    /there are 1 targets and 2 lengths/,
    ArgumentError,
    () => ctcAlign({ shape: [1, 2, 2], data: [0, 1, 0, 1] }, [[1]], { lengths: [1, 1] }),
  ],
  [
    /targets\[1\] has 1 labels, .* there are 0/,
    DataError,
    () => ctcPosteriors({ shape: [1, 2, 2], data: [0, 1, 0, 1] }, [[1], [1]], { lengths: [1, 0] }),
  ],
  [
    /targets\[0\] = 1; a list/,
    ArgumentError,
    () => ctcAlign({ shape: [1, 1, 2], data: [0, 1] }, untyped([1]), { lengths: [1] }),
  ],
])('refused: %s', (message, kind, call) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
