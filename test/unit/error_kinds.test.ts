/** What kinds of error a model makes: each on a text small enough to be done by hand. */
import { expect, test } from 'vitest';

import { ArgumentError, ShapeError } from '../../src/index';
import { errorKinds } from '../../src/text/index';
import type { ErrorKindsOptions } from '../../src/text/index';
import { thrown } from '../setup/nn_helpers';

/** What each character counts for: the kind and its limit, '.' where it is no error. */
function labels(
  text: string,
  wrong: string,
  options: Partial<ErrorKindsOptions> = {},
  probability = 0.3,
): string[] {
  const probabilities = Array.from(wrong, (mark) => (mark === 'x' ? probability : 0.9));
  const found = errorKinds(text, probabilities, { train: '', ngrams: [], ...options });
  const { slices, sliceOf } = found;
  expect(found.errors).toBe(wrong.split('x').length - 1);
  expect(slices.reduce((sum, { count }) => sum + count, 0)).toBe(found.errors);
  slices.forEach(({ count }, i) => expect(sliceOf.filter((of) => of === i)).toHaveLength(count));
  return Array.from(sliceOf, (of) =>
    of < 0 ? '.' : `${slices[of].kind} ${slices[of].limit ?? ''}`.trim(),
  );
}

test('an n-gram that is right counts first, by its lowest order', () => {
  const ngrams = [
    [0.1, 0.5, 0.1, 0.1],
    [0.1, 0.9, 0.7, 0.1],
  ];
  expect(labels('ab, ', 'xxx ', { ngrams })).toEqual(['rareWord 0', 'ngram 1', 'ngram 2', '.']);
});

test('a word seen before, from its second character on, by how far back it began', () => {
  const train = 'Mary '.repeat(9);
  const text = 'Mary ran; Mary';
  const wrong = '          xxxx';
  expect(labels(text, wrong, { train, memories: [9, 10] }).slice(10)).toEqual([
    'wordStart',
    ...Array<string>(3).fill('memory 10'),
  ]);
  expect(labels(text, wrong, { train, memories: [9] }).slice(10)).toEqual([
    'wordStart',
    ...Array<string>(3).fill('boost 0.2'),
  ]);
  // Within another word too, and not what comes after.
  expect(labels('sunny sun', '       x ', { train: 'sun '.repeat(9) })[7]).toBe('memory 100');
  expect(labels('sun sunny', ' x       ', { train: 'sun '.repeat(9) })[1]).toBe('boost 0.2');
  // Distances count characters, and an emoji is one.
  expect(labels('ab😀 ab', '     x', { train: 'ab '.repeat(9), memories: [4] })[5]).toBe(
    'memory 4',
  );
});

test('rare words, by their occurrences in the training text', () => {
  const train = 'one two two six six six six six six';
  expect(labels('one', 'xxx', { train })).toEqual(Array(3).fill('rareWord 1'));
  expect(labels('Two', ' x ', { train })[1]).toBe('rareWord 0');
  expect(labels('two', ' x ', { train })[1]).toBe('rareWord 2');
  expect(labels('six', ' x ', { train })[1]).toBe('boost 0.2');
  expect(labels('two', ' x ', { train, rareWords: 1 })[1]).toBe('boost 0.2');
  const often = { train: 'one '.repeat(200), rareWords: 250 };
  expect(labels('one', ' x ', often)[1]).toBe('rareWord 200');
});

test('after white space or a quote, punctuation, and the rest', () => {
  const train = 'ab '.repeat(9);
  expect(labels('ab ab\nab "ab, ab', 'x  x  x  x    x ', { train })).toEqual(
    Array.from('x  x  x  x    x ', (mark) => (mark === 'x' ? 'wordStart' : '.')),
  );
  expect(labels('ab.', '  x', { train })[2]).toBe('punctuation');
  expect(labels('ab+', '  x', { train })[2]).toBe('punctuation');
  // White space belongs to no word.
  expect(labels('ab ', '  x', { train })[2]).toBe('boost 0.2');
  for (const [probability, slice] of [
    [0.45, 'boost 0.1'],
    [0.4, 'boost 0.1'],
    [0.39, 'boost 0.2'],
    [0.01, 'boost 0.5'],
    [0, 'boost 0.5'],
    [NaN, 'boost 0.5'],
  ] as const) {
    expect(labels('ab', ' x', { train }, probability)[1]).toBe(slice);
  }
});

test('no text, one character, and no error at all', () => {
  expect(labels('', '')).toEqual([]);
  expect(labels('a', 'x')).toEqual(['rareWord 0']);
  expect(labels('?', 'x')).toEqual(['wordStart']);
  expect(labels('a b c', '     ')).toEqual(Array(5).fill('.'));
});

test('what it refuses', () => {
  const call = (more: object, probabilities = [0.1, 0.1]) => {
    return () => errorKinds('ab', probabilities, { train: '', ngrams: [], ...more });
  };
  expect(thrown(ShapeError, call({}, [0.1]))).toBe(
    'errorKinds: probabilities has 1 values, the text 2 characters',
  );
  expect(thrown(ShapeError, call({ ngrams: [[1, 1], [1]] }))).toMatch(/ngrams\[1\] has 1 values/);
  expect(thrown(ArgumentError, call({ memories: [5, 5] }))).toMatch(/memories = \[5,5\]/);
  expect(thrown(ArgumentError, call({ rareWords: -1 }))).toMatch(/rareWords = -1/);
});
