/** Greedy and beam search of CTC: by hand, against all paths, and what holds for any frames. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  ctcAlign,
  ctcBatchBeamSearch,
  ctcBeamSearch,
  CtcGreedyStream,
  ctcGreedy,
  ctcPosteriors,
  ngramLanguageModel,
} from '../../src/ctc/index';
import type {
  CtcBatchLanguageModel,
  CtcFrames,
  CtcLanguageModel,
  CtcOnset,
} from '../../src/ctc/index';
import { ArgumentError, NonFiniteError, ShapeError } from '../../src/errors';
import { characterErrorRate, wordErrorRate } from '../../src/metrics/index';
import { Random } from '../../src/random';
import { bundledText } from '../../src/text/bundled';
import { NgramModel, Vocabulary } from '../../src/text/index';
import { cpuGrowth } from '../setup/cpu_time';
import { collapse, framesOf, labellings, oneHot, waves } from '../setup/ctc';

type Kind = new (message: string) => Error;
const untyped = (value: unknown): never => value as never;

/** Frames of up to `time` x `classes` logits. */
const anyFrames = (time: number, classes = 4) =>
  fc
    .tuple(fc.integer({ min: 0, max: time }), fc.integer({ min: 2, max: classes }))
    .chain(([t, c]) =>
      fc
        .array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: t * c, maxLength: t * c })
        .map((data): CtcFrames => ({ shape: [t, c], data })),
    );

describe('greedy', () => {
  test.each<[string, number[], number[]]>([
    ['nothing', [], []],
    ['blanks alone', [0, 0, 0], []],
    ['a run is one label', [1, 1, 1], [1]],
    ['a repeated label needs a blank between', [1, 1, 0, 1], [1, 1]],
    ['blanks are dropped after the merge', [0, 2, 2, 0, 0, 2, 1, 1, 0], [2, 2, 1]],
  ])('%s', (_, path, labels) => {
    expect(ctcGreedy(oneHot(path, 3)).labels).toEqual(labels);
  });

  test('spans and confidence by hand', () => {
    const log = (rows: number[][]) => framesOf(rows.map((row) => row.map(Math.log)));
    const { labels, spans, logProbability } = ctcGreedy(
      log([
        [0.2, 0.7, 0.1],
        [0.4, 0.5, 0.1],
        [0.8, 0.1, 0.1],
        [0.1, 0.3, 0.6],
      ]),
    );
    expect(labels).toEqual([1, 2]);
    expect(spans).toEqual([
      { label: 1, start: 0, end: 2, confidence: expect.closeTo(0.6, 12) as number },
      { label: 2, start: 3, end: 4, confidence: expect.closeTo(0.6, 12) as number },
    ]);
    expect(logProbability).toBeCloseTo(Math.log(0.7 * 0.5 * 0.8 * 0.6), 12);
  });

  test('is the best path, collapsed, whatever the blank', () => {
    fc.assert(
      fc.property(anyFrames(8), fc.nat(), (frames, seed) => {
        const [time, classes] = frames.shape;
        const blank = seed % classes;
        const path = Array.from({ length: time }, (_, t) => {
          const row = Array.from(frames.data).slice(t * classes, (t + 1) * classes);
          return row.indexOf(Math.max(...row));
        });
        const { labels, spans } = ctcGreedy(frames, { blank });
        expect(labels).toEqual(collapse(path, blank));
        for (const { label, start, end, confidence } of spans) {
          expect(path.slice(start, end).every((c) => c === label)).toBe(true);
          expect(confidence).toBeGreaterThanOrEqual(1 / classes - 1e-12);
          expect(confidence).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('a stream gives the same labels, however it is divided', () => {
    fc.assert(
      fc.property(anyFrames(12), fc.array(fc.nat({ max: 4 })), (frames, sizes) => {
        const [time, classes] = frames.shape;
        const stream = new CtcGreedyStream();
        const onsets: CtcOnset[] = [];
        const values = Float32Array.from(frames.data);
        for (let from = 0, i = 0; from < time; i++) {
          const to = i < sizes.length ? Math.min(time, from + sizes[i]) : time;
          const data = values.subarray(from * classes, to * classes);
          onsets.push(...stream.push({ shape: [to - from, classes], data }));
          from = to;
        }
        const { spans } = ctcGreedy({ shape: frames.shape, data: values });
        expect(onsets.map(({ label, frame }) => [label, frame])).toEqual(
          spans.map(({ label, start }) => [label, start]),
        );
        expect(stream.frames).toBe(time);
      }),
    );
  });

  test('a stream begins anew after reset', () => {
    const stream = new CtcGreedyStream({ blank: 2 });
    expect(stream.push(oneHot([1, 1], 3))).toMatchObject([{ label: 1, frame: 0 }]);
    expect(stream.push(oneHot([1, 0], 3))).toMatchObject([{ label: 0, frame: 3 }]);
    expect(() => stream.push(oneHot([1], 4))).toThrow(ShapeError);
    expect(() => stream.push(framesOf([[NaN, 0, 0]]))).toThrow(/frame 0 has NaN for class 0/);
    stream.reset();
    expect(stream.push(oneHot([1], 4))).toMatchObject([{ label: 1, frame: 0 }]);
  });
});

describe('beam search', () => {
  test('finds what greedy misses', () => {
    const frames = waves(6, 4);
    expect(ctcGreedy(frames)).toMatchObject({ labels: [2, 3, 2, 1] });
    expect(ctcGreedy(frames).logProbability).toBeLessThan(-2.96408);
    const [best, second, third] = ctcBeamSearch(frames, { width: 1000, nBest: 3 });
    expect(best.labels).toEqual([2, 1, 2, 1]);
    expect(best.logProbability).toBeCloseTo(-2.959843, 6);
    expect(second.labels).toEqual([2, 3, 2, 1]);
    expect(second.logProbability).toBeCloseTo(-2.96408, 6);
    expect(third.labels).toEqual([2, 1, 2, 3]);
    expect(third.logProbability).toBeCloseTo(-3.054552, 6);
  });

  test('by hand: two blanks are the best path, and not the best labels', () => {
    // 0.6 0.6 = 0.36 of nothing; 1 has 0.6 0.4 + 0.4 0.6 + 0.4 0.4 = 0.64.
    const row = [0.6, 0.4].map(Math.log);
    const found = ctcBeamSearch(framesOf([row, row]), { nBest: 2 });
    expect(found.map(({ labels }) => labels)).toEqual([[1], []]);
    expect(Math.exp(found[0].logProbability)).toBeCloseTo(0.64, 12);
    expect(Math.exp(found[1].logProbability)).toBeCloseTo(0.36, 12);
  });

  test.each([
    ['nothing', []],
    ['blanks alone', [0, 0]],
    ['a repeated label', [1, 0, 1]],
    ['a run', [2, 2, 1]],
  ])('certain frames: %s', (_, path) => {
    const [{ labels, score }] = ctcBeamSearch(oneHot(path, 3));
    expect(labels).toEqual(collapse(path, 0));
    expect(score).toBeCloseTo(0, 6);
  });

  test('wide enough it is the enumeration of all paths, in order', () => {
    fc.assert(
      fc.property(anyFrames(6, 3), fc.nat(), (frames, seed) => {
        const blank = seed % frames.shape[1];
        const all = labellings(frames, blank);
        const found = ctcBeamSearch(frames, { blank, width: 2000, nBest: 2000 });
        expect(found).toHaveLength(all.size);
        let before = Infinity;
        for (const { labels, logProbability, score } of found) {
          expect(logProbability).toBeCloseTo(all.get(labels.join(' '))!, 9);
          expect(score).toBe(logProbability);
          expect(score).toBeLessThanOrEqual(before);
          before = score;
        }
        const sum = found.reduce(
          (total, { logProbability }) => total + Math.exp(logProbability),
          0,
        );
        expect(sum).toBeCloseTo(1, 9);
      }),
      { numRuns: 60 },
    );
  });

  test('with a language model too', () => {
    // Depends on the two labels before.
    const model: CtcLanguageModel<readonly [number, number]> = {
      start: () => [0, 0],
      next: ([a, b], label) => ({
        logProbability: -1 - Math.abs(Math.sin(3 * a + 5 * b + 7 * label)),
        state: [b, label],
      }),
    };
    const spoken = (labels: readonly number[]): number => {
      let [state, sum] = [model.start(), 0];
      for (const label of labels) {
        const { logProbability, state: next } = model.next(state, label);
        [state, sum] = [next, sum + logProbability];
      }
      return sum;
    };
    fc.assert(
      fc.property(anyFrames(6, 3), (frames) => {
        const weights = { weight: 1.5, insertionBonus: 1.25 };
        const options = { width: 2000, nBest: 2000, languageModel: model, ...weights };
        const found = ctcBeamSearch(frames, options);
        const all = labellings(frames, 0);
        expect(found).toHaveLength(all.size);
        const scores = found.map(({ labels, score, logProbability, languageLogProbability }) => {
          expect(logProbability).toBeCloseTo(all.get(labels.join(' '))!, 9);
          expect(languageLogProbability).toBeCloseTo(spoken(labels), 9);
          const wanted = logProbability + 1.5 * spoken(labels) + 1.25 * labels.length;
          expect(score).toBeCloseTo(wanted, 9);
          return score;
        });
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }),
      { numRuns: 40 },
    );
  });

  test('what any beam gives is true of its labels', () => {
    fc.assert(
      fc.property(anyFrames(8), fc.integer({ min: 1, max: 6 }), (frames, width) => {
        const found = ctcBeamSearch(frames, { width, nBest: width });
        expect(new Set(found.map(({ labels }) => labels.join(' '))).size).toBe(found.length);
        for (const { labels, logProbability } of found) {
          // A narrow beam has lost paths, and never counts one twice.
          const { logLikelihood } = ctcPosteriors(frames, labels);
          expect(logProbability).toBeLessThanOrEqual(logLikelihood + 1e-9);
        }
        const all = ctcBeamSearch(frames, { width: 5000 });
        const truth = ctcPosteriors(frames, all[0].labels).logLikelihood;
        expect(ctcPosteriors(frames, found[0].labels).logLikelihood).toBeLessThanOrEqual(
          truth + 1e-9,
        );
      }),
    );
  });

  test('a prefix that left the beam and came back is the same prefix', () => {
    fc.assert(
      fc.property(anyFrames(14, 3), fc.integer({ min: 2, max: 4 }), (frames, width) => {
        const found = ctcBeamSearch(frames, { width, nBest: width });
        expect(new Set(found.map(({ labels }) => labels.join(' '))).size).toBe(found.length);
      }),
    );
  });

  test('pruning leaves out labels that begin with little probability, and never the likeliest', () => {
    const frames = waves(6, 4);
    const exact = ctcBeamSearch(frames, { width: 1000 });
    expect(ctcBeamSearch(frames, { width: 1000, prune: -50 })).toEqual(exact);
    expect(ctcBeamSearch(frames, { width: 1000, prune: 0 })[0].labels).toEqual([2, 3, 2, 1]);
    const row = [0.6, 0.4].map(Math.log);
    const [{ labels }] = ctcBeamSearch(framesOf([row, row]), { prune: Math.log(0.5) });
    expect(labels).toEqual([]);
  });

  test('equal scores: the prefix ahead, then the smaller label', () => {
    const frames = framesOf([
      [-Infinity, 0, 0, 0],
      [0, -Infinity, -Infinity, -Infinity],
    ]);
    const once = ctcBeamSearch(framesOf([[-Infinity, 0, 0, 0]]), { nBest: 3 });
    expect(once.map(({ labels }) => labels)).toEqual([[1], [2], [3]]);
    const found = ctcBeamSearch(frames, { nBest: 3 }).map(({ labels }) => labels);
    expect(found).toEqual([[1], [2], [3]]);
    expect(ctcBeamSearch(frames, { width: 2, nBest: 2 }).map(({ labels }) => labels)).toEqual([
      [1],
      [2],
    ]);
  });

  test('a language model that forbids a label, or all', () => {
    const frames = framesOf([[-Infinity, 2, 1]]);
    const without = (label: number): CtcLanguageModel<null> => ({
      start: () => null,
      next: (_, c) => ({ logProbability: c === label ? -Infinity : -1, state: null }),
    });
    expect(ctcBeamSearch(frames, { languageModel: without(1) })[0].labels).toEqual([2]);
    expect(ctcBeamSearch(frames, { languageModel: without(1), weight: 0 })[0].labels).toEqual([1]);
    const nothing = { start: () => 0, next: () => ({ logProbability: -Infinity, state: 0 }) };
    expect(ctcBeamSearch(frames, { languageModel: nothing })).toEqual([]);
  });

  test('a language model is asked once for each label behind a prefix', () => {
    const asked = new Map<string, number>();
    const languageModel: CtcLanguageModel<string> = {
      start: () => '',
      next: (state, label) => {
        const key = `${state} ${label}`;
        asked.set(key, (asked.get(key) ?? 0) + 1);
        return { logProbability: -1, state: key };
      },
    };
    ctcBeamSearch(waves(6, 4), { width: 2000, languageModel });
    expect(Math.max(...asked.values())).toBe(1);
    expect([...asked.keys()].some((key) => key.includes(' 0'))).toBe(false);
  });

  test('a language model for many prefixes gives what one for single labels does', async () => {
    // Depends on all labels before.
    const logOf = (state: string, label: number): number =>
      -1 - Math.abs(Math.sin([...state].reduce((h, c) => 3 * h + Number(c), 1) + 5 * label));
    const single: CtcLanguageModel<string> = {
      start: () => '',
      next: (state, c) => ({ logProbability: logOf(state, c), state: `${state}${c}` }),
    };
    const asked: string[] = [];
    const behind = (state: string, classes: number) => {
      asked.push(state);
      const logProbabilities = Array.from({ length: classes }, (_, c) => logOf(state, c));
      return { state, logProbabilities };
    };
    const batched = (classes: number): CtcBatchLanguageModel<string> => ({
      start: () => behind('', classes),
      next: (states, labels) =>
        Promise.resolve(states.map((state, i) => behind(`${state}${labels[i]}`, classes))),
    });
    await fc.assert(
      fc.asyncProperty(anyFrames(10), fc.integer({ min: 1, max: 8 }), async (frames, width) => {
        const [, classes] = frames.shape;
        const options = { width, nBest: width, weight: 0.7, insertionBonus: 1 };
        const found = await ctcBatchBeamSearch(frames, {
          ...options,
          languageModel: batched(classes),
        });
        expect(found).toEqual(ctcBeamSearch(frames, { ...options, languageModel: single }));
      }),
    );
    const plain = ctcBeamSearch(waves(6, 4), { width: 20 });
    expect(await ctcBatchBeamSearch(waves(6, 4), { width: 20 })).toEqual(plain);
    asked.length = 0;
    await ctcBatchBeamSearch(waves(6, 4), { width: 2000, languageModel: batched(4) });
    expect(new Set(asked).size).toBe(asked.length);
    asked.length = 0;
    const unweighted = { width: 20, weight: 0, languageModel: batched(4) };
    expect(await ctcBatchBeamSearch(waves(6, 4), unweighted)).toEqual(plain);
    expect(asked).toEqual([]);
  });

  test('several sequences one after the other, by one language model', async () => {
    const one = waves(6, 4);
    const data = new Float64Array(6 * 2 * 4).fill(NaN);
    for (let t = 0; t < 6; t++) data.set(Array.from(one.data).slice(4 * t, 4 * t + 4), 8 * t);
    for (let t = 0; t < 3; t++) data.set([0, 1, 2, t], 8 * t + 4);
    const logProbabilities = [NaN, -2, -1, -3];
    const languageModel: CtcBatchLanguageModel<null> = {
      start: () => ({ state: null, logProbabilities }),
      next: (states) => states.map(() => ({ state: null, logProbabilities })),
    };
    const single: CtcLanguageModel<null> = {
      start: () => null,
      next: (_, c) => ({ logProbability: logProbabilities[c], state: null }),
    };
    const frames = { shape: [6, 2, 4], data };
    const options = { lengths: [6, 3], nBest: 3 };
    const found = await ctcBatchBeamSearch(frames, { ...options, languageModel });
    expect(found).toEqual(ctcBeamSearch(frames, { ...options, languageModel: single }));
  });

  test.each<[string, unknown, RegExp]>([
    ['no answer', () => undefined, /next gives undefined for \d states; a list/],
    ['too few answers', () => [], /next gives .* for \d states/],
    ['too few classes', (n: unknown[]) => n.map(() => ({ logProbabilities: [0] })), /4 classes/],
    [
      'NaN',
      (n: unknown[]) => n.map(() => ({ logProbabilities: [0, 0, NaN, 0] })),
      /logProbabilities\[2\] = NaN; the ln/,
    ],
  ])('a language model for many prefixes that gives %s', async (_, next, message) => {
    const start = () => ({ state: 0, logProbabilities: [0, -1, -1, -1] });
    const languageModel = untyped({ start, next });
    const search = ctcBatchBeamSearch(waves(6, 4), { languageModel });
    await expect(search).rejects.toThrow(ArgumentError);
    await expect(search).rejects.toThrow(message);
  });

  test.each([
    [{ classes: 5 }, /^ctcBatchBeamSearch: languageModel is over 5 classes/],
    [{ blank: 1 }, /^ctcBatchBeamSearch: languageModel takes class 1 for the blank/],
  ])('a language model for many prefixes that is made for %j', async (made, message) => {
    const answer = { state: 0, logProbabilities: [0, -1, -1, -1] };
    const languageModel = { start: () => answer, next: () => [answer], ...made };
    const search = ctcBatchBeamSearch(waves(6, 4), { languageModel });
    await expect(search).rejects.toThrow(ArgumentError);
    await expect(search).rejects.toThrow(message);
    await expect(
      ctcBatchBeamSearch(waves(6, 4), { languageModel, weight: 0 }),
    ).resolves.toHaveLength(1);
  });

  test('n-grams turn a doubtful label', () => {
    // Classes: a, blank, b. The text knows a behind b, and b behind a.
    const ids = Uint8Array.from({ length: 200 }, (_, i) => i % 2);
    const model = new NgramModel(ids, { vocabularySize: 2, order: 3 });
    const languageModel = ngramLanguageModel(model, { blank: 1 });
    const rows = [
      [0.9, 0.05, 0.05],
      [0.05, 0.9, 0.05],
      [0.55, 0.05, 0.4],
    ].map((row) => row.map(Math.log));
    const plain = ctcBeamSearch(framesOf(rows), { blank: 1 });
    expect(plain[0].labels).toEqual([0, 0]);
    const [{ labels, languageLogProbability }] = ctcBeamSearch(framesOf(rows), {
      ...{ blank: 1, languageModel },
    });
    expect(labels).toEqual([0, 2]);
    const first = model.next(model.start(), 0);
    const second = model.next(first.state, 1);
    expect(languageLogProbability).toBeCloseTo(first.logProbability + second.logProbability, 12);
  });

  test('n-grams of a story read a noisy line of it better than the frames alone', () => {
    const text = bundledText.slice(0, 20_000).toLowerCase();
    const vocabulary = Vocabulary.fromText(text);
    const ids = vocabulary.encode(text);
    const languageModel = ngramLanguageModel(
      new NgramModel(ids.subarray(0, 18_000), { vocabularySize: vocabulary.size, order: 5 }),
    );
    const random = new Random(3);
    const line = ids.subarray(18_100, 18_160);
    const [time, classes] = [2 * line.length, vocabulary.size + 1];
    const data = Float32Array.from({ length: time * classes }, () => 1.5 * random.normal());
    for (let t = 0; t < time; t++) data[t * classes + (t % 2 ? 0 : line[t / 2] + 1)] += 4;
    const frames = { shape: [time, classes], data };
    const errors = (labels: number[]): number =>
      wordErrorRate([labels.map((label) => label - 1)], [Array.from(line)]);
    const options = { width: 30, languageModel, insertionBonus: 1 };
    const greedy = errors(ctcGreedy(frames).labels);
    const beam = errors(ctcBeamSearch(frames, options)[0].labels);
    expect(greedy).toBeGreaterThan(0.1);
    expect(beam).toBeLessThan(0.7 * greedy);
  });

  test('time grows with the frames', () => {
    const values = waves(2000, 12).data;
    const work = (time: number): void => {
      ctcBeamSearch(
        { shape: [time, 12], data: Array.from(values).slice(0, 12 * time) },
        { width: 20 },
      );
    };
    expect(cpuGrowth(1600, work)).toBeLessThan(24);
  });
});

test('several sequences: each as alone, whatever lies behind its end', () => {
  const one = waves(6, 4);
  const other = oneHot([1, 0], 4);
  const data = new Float64Array(6 * 2 * 4).fill(NaN);
  for (let t = 0; t < 6; t++) data.set(Array.from(one.data).slice(4 * t, 4 * t + 4), 8 * t);
  for (let t = 0; t < 2; t++) data.set(Array.from(other.data).slice(4 * t, 4 * t + 4), 8 * t + 4);
  const both = { shape: [6, 2, 4], data };
  const lengths = Int32Array.of(6, 2);
  expect(ctcGreedy(both, { lengths })).toEqual([ctcGreedy(one), ctcGreedy(other)]);
  expect(ctcBeamSearch(both, { lengths })).toEqual([ctcBeamSearch(one), ctcBeamSearch(other)]);
  expect(ctcAlign(both, [[2, 1], [1]], { lengths })).toEqual([
    ctcAlign(one, [2, 1]),
    ctcAlign(other, [1]),
  ]);
  expect(ctcGreedy(both, { lengths: [6, 0] })[1].labels).toEqual([]);
  expect(() => ctcGreedy(both, { lengths: [6, 3] })).toThrow(
    'ctcGreedy: frame 2 of sequence 1 has NaN for class 0; give logits or log-probabilities',
  );
});

test('the label error rate is the word error rate of lists', () => {
  const found = [oneHot([1, 0, 2], 3), oneHot([1, 1], 3)].map((frames) => ctcGreedy(frames).labels);
  expect(wordErrorRate(found, [[1, 2, 2], [1]])).toBe(1 / 4);
  expect(wordErrorRate([[]], [[2, 1]])).toBe(1);
  expect(characterErrorRate(['ab'], ['abb'])).toBe(1 / 3);
});

/** Of two labels, and the blank 0. */
const pair = () =>
  ngramLanguageModel(new NgramModel(Uint8Array.of(0, 1), { vocabularySize: 2, order: 1 }));

test.each<[RegExp, Kind, () => unknown]>([
  [
    /^ctcGreedy: frames = undefined; \{ shape, data \}/,
    ArgumentError,
    () => ctcGreedy(untyped(undefined)),
  ],
  [
    /^ctcGreedy: frames = an object of Float32Array/,
    ArgumentError,
    () => ctcGreedy(untyped(new Float32Array(4))),
  ],
  [
    /shape \[4\]; without lengths it is \[time, classes\]/,
    ShapeError,
    () => ctcGreedy({ shape: [4], data: [1, 2, 3, 4] }),
  ],
  [
    /shape \[1, 4\]; with lengths it is/,
    ShapeError,
    () => ctcGreedy(oneHot([1], 4), { lengths: [1] }),
  ],
  [
    /have 3 values, and shape \[1, 2\] takes 2/,
    ShapeError,
    () => ctcBeamSearch({ shape: [1, 2], data: [1, 2, 3] }),
  ],
  [/one class at least/, ShapeError, () => ctcGreedy({ shape: [0, 0], data: [] })],
  [
    /^ctcGreedy: blank = 3; .* below 3/,
    ArgumentError,
    () => ctcGreedy(oneHot([1], 3), { blank: 3 }),
  ],
  [/^CtcGreedyStream: blank = -1/, ArgumentError, () => new CtcGreedyStream({ blank: -1 })],
  [
    /2 lengths for 1 sequences/,
    ShapeError,
    () => ctcGreedy({ shape: [1, 1, 2], data: [0, 1] }, { lengths: [1, 1] }),
  ],
  [
    /lengths\[0\] = 2; an integer from 0 to 1/,
    ArgumentError,
    () => ctcGreedy({ shape: [1, 1, 2], data: [0, 1] }, { lengths: [2] }),
  ],
  [
    /^ctcBeamSearch: frame 1 has NaN for class 1/,
    NonFiniteError,
    () =>
      ctcBeamSearch(
        framesOf([
          [0, 0],
          [0, NaN],
        ]),
      ),
  ],
  [/frame 0 has Infinity for class 1/, NonFiniteError, () => ctcGreedy(framesOf([[0, Infinity]]))],
  [
    /frame 0 has -Infinity for every class/,
    NonFiniteError,
    () => ctcGreedy(framesOf([[-Infinity, -Infinity]])),
  ],
  [
    /width = 0; an integer from 1/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { width: 0 }),
  ],
  [
    /nBest = 3; an integer from 1 to 2, the width/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { width: 2, nBest: 3 }),
  ],
  [
    /prune = 0.5; a log-probability/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { prune: 0.5 }),
  ],
  [
    /weight = -1; a finite number from 0/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { weight: -1 }),
  ],
  [
    /insertionBonus = NaN/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { insertionBonus: NaN }),
  ],
  [
    /languageModel = a plain object; \{ start, next \}/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 2), { languageModel: untyped({}) }),
  ],
  [
    /^ctcGreedy: frames.data = a promise \(await it\)/,
    ArgumentError,
    () => ctcGreedy({ shape: [1, 2], data: untyped(Promise.resolve([0, 1])) }),
  ],
  [
    /^ngramLanguageModel: model = an object of Vocabulary; an NgramModel of lethe/,
    ArgumentError,
    () => ngramLanguageModel(untyped(Vocabulary.fromText('ab'))),
  ],
  [
    /^ctcBeamSearch: languageModel is over 3 classes.* frames have 4; make it of a vocabulary of 3/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 4), { languageModel: pair() }),
  ],
  [
    /^ctcBeamSearch: languageModel takes class 0 for the blank, and the search 2/,
    ArgumentError,
    () => ctcBeamSearch(oneHot([1], 3), { languageModel: pair(), blank: 2 }),
  ],
  [
    /gives logProbability = NaN for label 1/,
    ArgumentError,
    () =>
      ctcBeamSearch(oneHot([1], 2), {
        languageModel: { start: () => 0, next: () => ({ logProbability: NaN, state: 0 }) },
      }),
  ],
])('refused: %s', (message, kind, call) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
