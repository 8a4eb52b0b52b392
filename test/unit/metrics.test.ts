import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ArgumentError, DataError, ShapeError } from '../../src/index';
import {
  accuracy,
  averageRelativeVariance,
  bitsPerCharacter,
  bleu,
  characterErrorRate,
  classScores,
  confusionMatrix,
  editDistance,
  exactMatch,
  formatConfusion,
  macroF1,
  meanAbsoluteError,
  perplexity,
  rmse,
  spanF1,
  wordErrorRate,
} from '../../src/metrics/index';

type Kind = new (message: string) => Error;
type Row = [RegExp, Kind, () => unknown];

function refuses(message: RegExp, kind: Kind, call: () => unknown): void {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
}

const split = (text: string): string[] => text.split(' ');
const untyped = (value: unknown): never => value as never;

describe('accuracy', () => {
  test('by hand', () => {
    expect(accuracy([1, 2, 3, 0], [1, 2, 0, 0])).toBe(0.75);
    expect(accuracy(Int32Array.of(1, 2, 3), [1, 0, -100], { ignore: -100 })).toBe(0.5);
    expect(accuracy(['a', 'b'], ['b', 'a'])).toBe(0);
  });

  test.each<Row>([
    [/predicted has 1 entries and targets 2/, ShapeError, () => accuracy([1], [1, 2])],
    [/predicted is empty/, DataError, () => accuracy([], [])],
    [/all targets are 0, to ignore/, DataError, () => accuracy([1], [0], { ignore: 0 })],
    [/targets = 1; a list/, ArgumentError, () => accuracy([1], untyped(1))],
  ])('%s', refuses);
});

describe('classes', () => {
  const predicted = ['cat', 'cat', 'dog', 'cat', 'owl', 'dog'];
  const targets = ['cat', 'dog', 'dog', 'cat', 'dog', 'fox'];

  test('confusionMatrix', () => {
    expect(confusionMatrix(predicted, targets)).toEqual({
      classes: ['cat', 'dog', 'fox', 'owl'],
      counts: [
        [2, 0, 0, 0],
        [1, 1, 0, 1],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
      ],
    });
    const some = { classes: [1, 0], ignore: -100 };
    expect(confusionMatrix([0, 1, 0], [1, 1, -100], some).counts).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(confusionMatrix([10, 9], [9, 10]).classes).toEqual([9, 10]);
  });

  test('as a table', () => {
    expect(formatConfusion(confusionMatrix(predicted, targets))).toBe(
      [
        '     cat  dog  fox  owl   recall',
        'cat    2    .    .    .  100.0 %',
        'dog    1    1    .    1   33.3 %',
        'fox    .    1    .    .    0.0 %',
        'owl    .    .    .    .    0.0 %',
      ].join('\n'),
    );
  });

  test('precision, recall and F1 of each class', () => {
    const [cat, dog, fox, owl] = classScores(predicted, targets);
    expect(cat).toEqual({ label: 'cat', precision: 2 / 3, recall: 1, f1: 0.8, support: 2 });
    expect(dog).toEqual({ label: 'dog', precision: 1 / 2, recall: 1 / 3, f1: 0.4, support: 3 });
    expect(fox).toEqual({ label: 'fox', precision: 0, recall: 0, f1: 0, support: 1 });
    expect(owl).toEqual({ label: 'owl', precision: 0, recall: 0, f1: 0, support: 0 });
    expect(macroF1(predicted, targets)).toBeCloseTo((0.8 + 0.4) / 4, 12);
    expect(macroF1([0, 1, 1], [0, 1, -1], { ignore: -1 })).toBe(1);
  });

  test.each<Row>([
    [
      /row 1 has owl, none of/,
      DataError,
      () => macroF1(['a', 'owl'], ['a', 'a'], { classes: ['a'] }),
    ],
    [
      /classes names one twice/,
      ArgumentError,
      () => confusionMatrix([1], [1], { classes: [1, 1] }),
    ],
    [/all targets are 0, to ignore/, DataError, () => classScores([1], [0], { ignore: 0 })],
  ])('%s', refuses);
});

describe('spanF1', () => {
  test('by hand', () => {
    const scores = spanF1(
      [split('B-PER I-PER O B-LOC'), split('O B-LOC I-LOC O')],
      [split('B-PER I-PER O B-PER'), split('O B-LOC O O')],
    );
    // Right: the first PER. Wrong: LOC for PER, and a LOC that is too long.
    expect(scores).toEqual({
      precision: 1 / 3,
      recall: 1 / 3,
      f1: 1 / 3,
      support: 3,
      types: {
        LOC: { precision: 0, recall: 0, f1: 0, support: 1 },
        PER: { precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2 },
      },
    });
    expect(spanF1([['O']], [['O']]).f1).toBe(0);
  });

  /** conlleval's way: tag by tag, with the rules of where a chunk begins and ends. */
  function conlleval(guessed: readonly string[], correct: readonly string[]) {
    const parts = (tag: string) => ({ tag: tag[0], type: tag.slice(2) });
    const ends = (last: string, next: string) => {
      const [a, b] = [parts(last), parts(next)];
      if (a.tag === 'O') return false;
      return b.tag === 'B' || b.tag === 'O' || a.type !== b.type;
    };
    const begins = (last: string, next: string) => {
      const [a, b] = [parts(last), parts(next)];
      if (b.tag === 'O') return false;
      return b.tag === 'B' || a.tag === 'O' || a.type !== b.type;
    };
    let [right, found, wanted, inCorrect] = [0, 0, 0, false];
    let [lastGuessed, lastCorrect] = ['O', 'O'];
    for (const [i, tag] of [...correct, 'O'].entries()) {
      const guess = [...guessed, 'O'][i];
      if (inCorrect) {
        const endCorrect = ends(lastCorrect, tag);
        const endGuessed = ends(lastGuessed, guess);
        const sameType = parts(lastGuessed).type === parts(lastCorrect).type;
        if (endCorrect && endGuessed && sameType) {
          inCorrect = false;
          right++;
        } else if (endCorrect !== endGuessed || parts(guess).type !== parts(tag).type) {
          inCorrect = false;
        }
      }
      const beginCorrect = begins(lastCorrect, tag);
      const beginGuessed = begins(lastGuessed, guess);
      if (beginCorrect && beginGuessed && parts(guess).type === parts(tag).type) inCorrect = true;
      if (beginCorrect) wanted++;
      if (beginGuessed) found++;
      [lastGuessed, lastCorrect] = [guess, tag];
    }
    return { right, found, wanted };
  }

  test('counts as conlleval does', () => {
    const tag = fc.constantFrom('O', 'B-A', 'I-A', 'B-B', 'I-B');
    const pairs = fc.array(fc.tuple(tag, tag), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pairs, (tags) => {
        const [guessed, correct] = [tags.map(([a]) => a), tags.map(([, b]) => b)];
        const { right, found, wanted } = conlleval(guessed, correct);
        const scores = spanF1([guessed], [correct]);
        expect(scores.support).toBe(wanted);
        expect(scores.precision).toBe(found === 0 ? 0 : right / found);
        expect(scores.recall).toBe(wanted === 0 ? 0 : right / wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<Row>([
    [/sequence 0 has 1 predicted tags and 2/, ShapeError, () => spanF1([['O']], [['O', 'O']])],
    [/token 0 has the tag PER/, DataError, () => spanF1([['PER']], [['O']])],
  ])('%s', refuses);
});

describe('language', () => {
  test('by hand', () => {
    expect(perplexity(Math.log(30))).toBeCloseTo(30, 12);
    expect(bitsPerCharacter(Math.log(2))).toBe(1);
    expect(bitsPerCharacter(Math.log(2), 4)).toBe(0.25);
  });

  test.each<Row>([
    [/loss = NaN; a number from 0/, ArgumentError, () => perplexity(NaN)],
    [/loss = -1/, ArgumentError, () => bitsPerCharacter(-1)],
    [/charactersPerToken = 0; a positive/, ArgumentError, () => bitsPerCharacter(1, 0)],
  ])('%s', refuses);
});

describe('sequences', () => {
  test('editDistance by hand', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance(['AH', 'B'], ['B'])).toBe(1);
  });

  test('editDistance is a metric', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(editDistance(a, c)).toBeLessThanOrEqual(distance + editDistance(b, c));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  test('exactMatch', () => {
    expect(exactMatch(['1987-05-03', 'x'], ['1987-05-03', 'y'])).toBe(0.5);
    expect(exactMatch(['b'], [['a', 'b']])).toBe(1);
    expect(exactMatch([split('a b'), ['a'], []], [split('a b'), split('a b'), []])).toBeCloseTo(
      2 / 3,
      12,
    );
    expect(exactMatch([split('a b')], [[split('x'), split('a b')]])).toBe(1);
  });

  test('wordErrorRate', () => {
    // One replaced, one missing; of six words.
    expect(wordErrorRate(['the cat sat on mat'], ['the dog sat on the mat'])).toBeCloseTo(
      2 / 6,
      12,
    );
    // Summed over all: 1 of 1 + 3 words.
    expect(wordErrorRate(['a', 'b c d'], ['x', 'b c d'])).toBe(0.25);
    expect(wordErrorRate([''], ['a b'])).toBe(1);
    expect(wordErrorRate(['a b c'], ['a'])).toBe(2);
    // The nearest reference.
    expect(wordErrorRate(['a b c'], [['x y', 'a b']])).toBe(0.5);
    // Phones.
    expect(wordErrorRate([['AH', 'B']], [[['AH'], ['AH', 'B', 'T']]])).toBeCloseTo(1 / 3, 12);
  });

  test('characterErrorRate', () => {
    expect(characterErrorRate(['hallo'], ['hello'])).toBe(0.2);
    expect(characterErrorRate(['😀'], ['😁'])).toBe(1);
    expect(characterErrorRate(['ab'], [['abcd', 'ax']])).toBe(0.5);
  });

  test.each<Row>([
    [/all references are empty/, DataError, () => wordErrorRate(['a'], [' '])],
    [/prediction 0 has no reference/, DataError, () => characterErrorRate(['a'], [[]])],
    [/predicted has 1 entries and references 2/, ShapeError, () => exactMatch(['a'], ['a', 'b'])],
    [
      /prediction 0 is a list, and its reference is not/,
      ArgumentError,
      () => exactMatch([['a']], ['a']),
    ],
  ])('%s', refuses);
});

describe('bleu', () => {
  const guide = split(
    'It is a guide to action which ensures that the military always obeys the commands of the party',
  );
  const guides = [
    'It is a guide to action that ensures that the military will forever heed Party commands',
    'It is the guiding principle which guarantees the military forces always being under the ' +
      'command of the Party',
    'It is the practical guide for the army always to heed the directions of the party',
  ].map(split);

  test('the examples of Papineni et al.', () => {
    const the = Array<string>(7).fill('the');
    const cats = ['the cat is on the mat', 'there is a cat on the mat'].map(split);
    // Clipped: 2 of 7, although all 7 are in a reference.
    expect(bleu([the], [cats], { maxOrder: 1 })).toBeCloseTo(2 / 7, 12);
    expect(bleu([guide], [guides], { maxOrder: 1 })).toBeCloseTo(17 / 18, 12);
    expect(bleu([guide], [guides], { maxOrder: 2 })).toBeCloseTo(Math.sqrt(10 / 18), 12);
    // 17/18, 10/17, 7/16 and 4/15.
    expect(bleu([guide], [guides])).toBeCloseTo((280 / 4320) ** 0.25, 12);
  });

  test('of a corpus, as NLTK gives it', () => {
    const book = split('he read the book because he was interested in world history');
    const turned = split('he was interested in world history because he read the book');
    expect(bleu([guide, book], [guides, turned])).toBeCloseTo(0.5920778868801042, 12);
  });

  test('the brevity penalty', () => {
    // All n-grams are right; 5 tokens for 8.
    expect(bleu([split('a b c d e')], [split('a b c d e f g h')])).toBeCloseTo(
      Math.exp(-3 / 5),
      12,
    );
    // No penalty for length; 8 of the 5 + 3 tokens, 4 of 7 pairs.
    expect(bleu([split('a b c d e f g h')], [split('a b c d e')], { maxOrder: 2 })).toBeCloseTo(
      Math.sqrt((5 / 8) * (4 / 7)),
      12,
    );
  });

  test('smoothing', () => {
    const [given, wanted] = [[split('a b c')], [split('a b d')]];
    expect(bleu(given, wanted)).toBe(0);
    // 2/3, (1 + 1) / (2 + 1), 1 / (1 + 1), 1 / 1.
    expect(bleu(given, wanted, { smooth: true })).toBeCloseTo(
      ((2 / 3) * (2 / 3) * (1 / 2)) ** 0.25,
      12,
    );
    expect(bleu([[]], wanted, { smooth: true })).toBe(0);
  });

  test.each<Row>([
    [/maxOrder = 0; an integer/, ArgumentError, () => bleu([['a']], [['a']], { maxOrder: 0 })],
    [/predicted is empty/, DataError, () => bleu([], [])],
  ])('%s', refuses);
});

describe('regression', () => {
  test('by hand', () => {
    expect(rmse([1, 2], [4, 6])).toBe(Math.sqrt(12.5));
    expect(meanAbsoluteError(Float32Array.of(1, 2), [4, 0])).toBe(2.5);
    // The variance of 1 and 5 is 4.
    expect(averageRelativeVariance([2, 4], [1, 5])).toBe(0.25);
    expect(averageRelativeVariance([3, 3], [1, 5])).toBe(1);
    expect(averageRelativeVariance([2, 4], [1, 5], 10)).toBe(0.1);
  });

  test.each<Row>([
    [/row 1 has prediction NaN and target 2/, DataError, () => rmse([1, NaN], [1, 2])],
    [/all targets are 3, so that/, DataError, () => averageRelativeVariance([1, 2], [3, 3])],
    [/variance = 0; a positive/, ArgumentError, () => averageRelativeVariance([1], [3], 0)],
    [/predicted has 1 entries/, ShapeError, () => meanAbsoluteError([1], [3, 3])],
  ])('%s', refuses);
});
