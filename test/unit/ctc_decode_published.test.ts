/** Greedy and beam search against values and properties that other decoders are tested with. */
import { describe, expect, test } from 'vitest';

import { ctcAlign, ctcBeamSearch, ctcGreedy, ngramLanguageModel } from '../../src/ctc/index';
import type { CtcFrames } from '../../src/ctc/index';
import { NgramModel } from '../../src/text/index';
import { framesOf } from '../setup/ctc';

/** ln of what a frame is divided by to sum to 1, over the first frames. */
const logTotal = (rows: readonly number[][]): number =>
  rows.reduce((sum, row) => sum + Math.log(row.reduce((total, x) => total + Math.exp(x), 0)), 0);

describe('Keras, ctc_decode', () => {
  const SEQUENCES = [
    [
      [0.1, 0.4, 0.2, 0.4],
      [0.3, -0.3, 0.4, 0.2],
      [0.3, 0.2, 0.4, 0.3],
    ],
    [
      [0.7, 0.4, 0.3, 0.2],
      [0.3, 0.3, 0.4, 0.1],
      [0.6, -0.1, 0.1, 0.5],
    ],
    [
      [0.1, 0.4, 0.2, 0.7],
      [0.3, 0.3, -0.2, 0.7],
      [0.3, 0.2, 0.4, 0.1],
    ],
  ];
  const lengths = [3, 3, 1];
  const frames: CtcFrames = {
    shape: [3, 3, 4],
    data: [0, 1, 2].flatMap((t) => SEQUENCES.flatMap((rows) => rows[t])),
  };

  test('greedy; its scores are of logits, ours of probabilities', () => {
    const found = ctcGreedy(frames, { lengths });
    expect(found.map(({ labels }) => labels)).toEqual([[1, 2], [2], [3]]);
    for (const [i, { logProbability }] of found.entries()) {
      const total = logTotal(SEQUENCES[i].slice(0, lengths[i]));
      expect(logProbability).toBeCloseTo([1.2, 1.7, 0.7][i] - total, 12);
    }
  });

  test('beam search', () => {
    const found = ctcBeamSearch(frames, { lengths, width: 4, nBest: 2 });
    expect(found.map((one) => one.map(({ labels }) => labels))).toEqual([
      [[1, 2], [2]],
      [[2], [3]],
      [[3], [1]],
    ]);
    const scores = [
      [-2.426537, -2.435596],
      [-2.127681, -2.182338],
      [-1.063386, -1.363386],
    ];
    for (const [i, one] of found.entries()) {
      for (const [j, { score }] of one.entries()) expect(score).toBeCloseTo(scores[i][j], 6);
    }
  });
});

test('TensorFlow, ctc_beam_search_decoder: a beam of two', () => {
  const rows = [
    [0.30999, 0.309938, 0.0679938, 0.0673362, 0.0708352, 0.173908],
    [0.215136, 0.439699, 0.0370931, 0.0393967, 0.0381581, 0.230517],
    [0.199959, 0.489485, 0.0233221, 0.0251417, 0.0233289, 0.238763],
    [0.279611, 0.452966, 0.0204795, 0.0209126, 0.0194803, 0.20655],
    [0.51286, 0.288951, 0.0243026, 0.0220788, 0.0219297, 0.129878],
  ];
  const logits = framesOf(rows.map((row) => row.map((p) => Math.log(p) + 2)));
  const found = ctcBeamSearch(logits, { blank: 5, width: 2, nBest: 2 });
  expect(found.map(({ labels }) => labels)).toEqual([
    [1, 0],
    [0, 1, 0],
  ]);
});

describe('pyctcdecode: "bugs" or "bunny"', () => {
  const LETTERS = [' ', 'b', 'g', 'n', 's', 'u', 'y'];
  const blank = LETTERS.length;
  const options = { blank };
  /** Frames that are certain of classes, `_` the blank; of two spellings that share them in parts. */
  function frames(one: string, other = one, share = 1): CtcFrames {
    const rows = Array.from(one, (c, t) => {
      const row = new Array<number>(blank + 1).fill(0);
      const place = (letter: string) => (letter === '_' ? blank : LETTERS.indexOf(letter));
      row[place(c)] += share;
      row[place(other[t])] += 1 - share;
      return row.map((p) => Math.log(Math.max(p, 1e-15)));
    });
    return framesOf(rows);
  }
  const textOf = (labels: readonly number[]): string => labels.map((c) => LETTERS[c]).join('');
  const doubtful = frames('bugs__ bun_ny', 'bun_ny bun_ny', 0.49);
  const story = Array.from('bugs bunny '.repeat(30), (c) => LETTERS.indexOf(c));
  const languageModel = ngramLanguageModel(
    new NgramModel(Uint8Array.from(story), { vocabularySize: LETTERS.length, order: 4 }),
    { blank },
  );

  test('the frames alone say "bunny bunny", a language model "bugs bunny"', () => {
    expect(textOf(ctcGreedy(doubtful, options).labels)).toBe('bunny bunny');
    expect(textOf(ctcBeamSearch(doubtful, options)[0].labels)).toBe('bunny bunny');
    const weighted = (weight: number) =>
      textOf(ctcBeamSearch(doubtful, { ...options, languageModel, weight })[0].labels);
    expect(weighted(0)).toBe('bunny bunny');
    expect(weighted(1)).toBe('bugs bunny');
  });

  test('a threshold of 1 leaves the likeliest label of each frame', () => {
    const pruned = { ...options, languageModel, weight: 1, prune: 0 };
    expect(textOf(ctcBeamSearch(doubtful, pruned)[0].labels)).toBe('bunny bunny');
  });

  test('sixteen readings, from "bunny bunny" to "bugs bunny"', () => {
    const found = ctcBeamSearch(doubtful, { ...options, width: 200, nBest: 200 });
    const likely = found.filter(({ score }) => score > Math.log(1e-10));
    const texts = likely.map(({ labels }) => textOf(labels));
    expect(texts).toHaveLength(16);
    expect(new Set(texts).size).toBe(16);
    expect(texts[0]).toBe('bunny bunny');
    expect(texts.at(-1)).toBe('bugs bunny');
    expect(likely[0].score).toBeCloseTo(4 * Math.log(0.51), 9);
    expect(likely.at(-1)!.score).toBeCloseTo(4 * Math.log(0.49), 9);
  });

  test('frames of the words', () => {
    const extent = (given: CtcFrames, word: string): number[][] => {
      const { spans, labels } = ctcGreedy(given, options);
      const text = textOf(labels);
      return [...text.matchAll(new RegExp(word, 'g'))].map(({ index }) => [
        spans[index].start,
        spans[index + word.length - 1].end,
      ]);
    };
    const bunny = [
      [0, 6],
      [7, 13],
    ];
    expect(extent(doubtful, 'bunny')).toEqual(bunny);
    expect(extent(frames(' _bun_nny_  '), 'bunny')).toEqual([[2, 9]]);
    const target = Array.from('bugs bunny', (c) => LETTERS.indexOf(c));
    const { spans } = ctcAlign(doubtful, target, options);
    expect([spans[0].start, spans[3].end, spans[5].start, spans[9].end]).toEqual([0, 4, 7, 13]);
  });
});
