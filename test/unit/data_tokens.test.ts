import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  BytePairEncoding,
  characterTokens,
  TokenVocabulary,
  wordTokens,
} from '../../src/data/index';
import { ArgumentError, CheckpointError, DataError, IndexError, TextError } from '../../src/index';

const untyped = (value: unknown): never => value as never;

describe('wordTokens', () => {
  test.each<[string, string[]]>([
    ["Don't pay 3,50!", ["Don't", 'pay', '3,50', '!']],
    ['Well-known: 1.5, 2.', ['Well-known', ':', '1.5', ',', '2', '.']],
    ['"Yes"—he said...', ['"', 'Yes', '"', '—', 'he', 'said', '.', '.', '.']],
    ['  \n\t', []],
    ['Große Straße, naïve cafe\u0301', ['Große', 'Straße', ',', 'naïve', 'café']],
    ['привет, мир', ['привет', ',', 'мир']],
    ['good 👩🏽‍🚀👍 day', ['good', '👩🏽‍🚀', '👍', 'day']],
    ['\ufeffa\u200bb', ['a', 'b']],
    ['می\u200cخواهم', ['می\u200cخواهم']],
  ])('%j', (text, tokens) => {
    expect(wordTokens(text)).toEqual(tokens);
  });

  test('in lower case', () => {
    expect(wordTokens('The END', { lowerCase: true })).toEqual(['the', 'end']);
  });

  test('nothing but space and invisible characters is left out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const visible = text.normalize('NFC').replace(/[\s\p{Cc}\p{Cf}\p{Cs}]/gu, '');
        expect(
          wordTokens(text)
            .join('')
            .replace(/[\s\p{Cc}\p{Cf}\p{Cs}]/gu, ''),
        ).toBe(visible);
      }),
    );
  });
});

test('characterTokens', () => {
  expect(characterTokens('a😀b')).toEqual(['a', '😀', 'b']);
});

describe('TokenVocabulary', () => {
  const sentences = ['the cat sat', 'the cat', 'a dog'].map((text) => text.split(' '));

  test('specials first, then the most frequent', () => {
    const vocabulary = TokenVocabulary.fromSequences(sentences);
    expect(vocabulary.tokens).toEqual(['<pad>', '<unk>', 'cat', 'the', 'a', 'dog', 'sat']);
    expect([vocabulary.pad, vocabulary.unk, vocabulary.size]).toEqual([0, 1, 7]);
    expect(vocabulary.encode(['the', 'bird', 'sat'])).toEqual([3, 1, 6]);
    expect(vocabulary.decode([3, 1, 6, 0, 0])).toEqual(['the', '<unk>', 'sat']);
    expect(vocabulary.unknown(['the', 'bird', 'bird'])).toEqual(['bird', 'bird']);
    expect(vocabulary.unknownRate([['the'], ['bird', 'dog', 'bird']])).toBe(0.5);
    expect(vocabulary.token(2)).toBe('cat');
  });

  test('begin and end', () => {
    const vocabulary = TokenVocabulary.fromSequences(sentences, {
      specials: ['eos', 'bos', 'pad'],
    });
    expect([vocabulary.eos, vocabulary.bos, vocabulary.pad]).toEqual([0, 1, 2]);
    const ids = vocabulary.encode(['cat', 'sat'], { bos: true, eos: true });
    expect(ids).toEqual([1, 3, 7, 0]);
    expect(vocabulary.decode([...ids, 5, 5])).toEqual(['cat', 'sat']);
    expect(vocabulary.decode(ids, { specials: true })).toEqual(['<bos>', 'cat', 'sat', '<eos>']);
    expect(() => vocabulary.unk).toThrow(/it has no <unk>; name 'unk' in the option specials/);
  });

  test('minCount and maxSize', () => {
    const twice = TokenVocabulary.fromSequences(sentences, { minCount: 2 });
    expect(twice.tokens).toEqual(['<pad>', '<unk>', 'cat', 'the']);
    const three = TokenVocabulary.fromSequences(sentences, { maxSize: 3, specials: ['unk'] });
    expect(three.tokens).toEqual(['<unk>', 'cat', 'the']);
  });

  test('a token that reads as a special is that special', () => {
    const vocabulary = TokenVocabulary.fromSequences([['the', '<unk>', '<unk>']]);
    expect(vocabulary.tokens).toEqual(['<pad>', '<unk>', 'the']);
    expect(vocabulary.encode(['<unk>'])).toEqual([1]);
  });

  test('classes', () => {
    const labels = TokenVocabulary.fromLabels(['pos', 'neg', 'pos']);
    expect(labels.tokens).toEqual(['neg', 'pos']);
    expect(labels.encode(['pos', 'neg'])).toEqual([1, 0]);
    expect(() => labels.id('neutral')).toThrow(/neutral is none of its 2 tokens, neg, pos/);
  });

  test('tokens that are names of properties', () => {
    const vocabulary = new TokenVocabulary(['constructor', '__proto__'], ['unk']);
    expect(vocabulary.encode(['constructor', 'toString', '__proto__'])).toEqual([1, 0, 2]);
  });

  test('to JSON and back', () => {
    const vocabulary = TokenVocabulary.fromSequences(sentences, { specials: ['unk', 'eos'] });
    const back = TokenVocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
    expect(back.tokens).toEqual(vocabulary.tokens);
    expect(back.eos).toBe(1);
  });

  type Kind = new (message: string) => Error;
  const made = new TokenVocabulary(['a', 'b']);
  test.each<[RegExp, Kind, () => unknown]>([
    [/the sequences hold no tokens/, DataError, () => TokenVocabulary.fromSequences([[], []])],
    [
      /no token occurs 3 times, the most frequent 2; lower minCount/,
      DataError,
      () => TokenVocabulary.fromSequences(sentences, { minCount: 3 }),
    ],
    [/one class alone, x; two/, DataError, () => TokenVocabulary.fromLabels(['x', 'x'])],
    [/there is no labels/, DataError, () => TokenVocabulary.fromLabels([])],
    [/a at 1 is there twice/, ArgumentError, () => new TokenVocabulary(['a', 'a'])],
    [/<pad> at 0 is there twice/, ArgumentError, () => new TokenVocabulary(['<pad>'])],
    [/cls is none; choose of/, ArgumentError, () => new TokenVocabulary(['a'], untyped(['cls']))],
    [/there is none/, ArgumentError, () => new TokenVocabulary([], [])],
    [/damaged: undefined is no list/, CheckpointError, () => TokenVocabulary.fromJSON(null)],
    [
      /damaged: 3 at 0 is no string/,
      CheckpointError,
      () => TokenVocabulary.fromJSON({ specials: [], tokens: [3] }),
    ],
    [/id 4 is outside its ids, 0 to 3/, IndexError, () => made.decode([2, 4])],
    [/the model has never seen x, y: nothing/, DataError, () => made.requireKnown(['x', 'y'])],
    [/the input holds no tokens/, DataError, () => made.requireKnown([])],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  test('an input with a known token is taken', () => {
    expect(() => made.requireKnown(['x', 'a'])).not.toThrow();
  });
});

describe('BytePairEncoding', () => {
  /** The example of Sennrich et al. (2016): low, lowest, newer, wider; with a space before each here. */
  const words = [
    ...Array<string>(5).fill(' low'),
    ...Array<string>(2).fill(' lowest'),
    ...Array<string>(6).fill(' newer'),
    ...Array<string>(3).fill(' wider'),
  ];

  test('merges the most frequent pair, and of equal ones the lowest', () => {
    const bpe = BytePairEncoding.train(words, { vocabularySize: 262, specials: [] });
    // 'er' 9 times; ' l', 'lo' and 'ow' 7 times, and the space is the lowest of these; 'ow' is then before
    // ' l' with 'o', as a letter is before what was merged; ' n', 'ne', 'ew', 'w' with 'er' 6 times.
    const texts = [256, 257, 258, 259, 260, 261].map((id) => bpe.token(id));
    expect(texts).toEqual(['er', ' l', 'ow', ' low', ' n', 'ew']);
    expect(bpe.size).toBe(262);
    expect(bpe.encode(' low')).toEqual([259]);
    expect(bpe.encode(' lower')).toEqual([259, 256]);
  });

  test('the same merges as counting all pairs anew each time', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab c]{1,12}$/), { minLength: 1 }), (texts) => {
        const bpe = BytePairEncoding.train(texts, { vocabularySize: 276, specials: [] });
        expect(bpe.merges).toEqual(slowMerges(texts, 20));
      }),
    );
  });

  /** The definition: count all pairs, merge the most frequent one, and again. */
  function slowMerges(texts: readonly string[], merges: number): number[][] {
    let pieces = texts.flatMap((text) =>
      (text.match(/ ?[a-c]+|\s+(?!\S)|\s+/g) ?? []).map((piece) =>
        Array.from(piece, (c) => c.charCodeAt(0)),
      ),
    );
    const learned: number[][] = [];
    while (learned.length < merges) {
      const counts = new Map<string, { pair: number[]; count: number }>();
      for (const piece of pieces) {
        for (let i = 1; i < piece.length; i++) {
          const pair = [piece[i - 1], piece[i]];
          const entry = counts.get(pair.join()) ?? { pair, count: 0 };
          entry.count++;
          counts.set(pair.join(), entry);
        }
      }
      const [best] = [...counts.values()].sort(
        (a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1],
      );
      if (best === undefined || best.count < 2) break;
      const [left, right] = best.pair;
      pieces = pieces.map((piece) => {
        const merged: number[] = [];
        for (let i = 0; i < piece.length; i++) {
          if (piece[i] === left && piece[i + 1] === right) {
            merged.push(256 + learned.length);
            i++;
          } else merged.push(piece[i]);
        }
        return merged;
      });
      learned.push(best.pair);
    }
    return learned;
  }

  test('decode is the inverse of encode, for every text', () => {
    const bpe = BytePairEncoding.train(['the cat, the dog: größer 😀 '.repeat(3)], {
      vocabularySize: 300,
      specials: ['pad', 'bos', 'eos'],
    });
    expect(bpe.size).toBeGreaterThan(275);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ids = bpe.encode(text, { bos: true, eos: true });
        expect(bpe.decode([...ids, bpe.pad, 99])).toBe(text);
        expect(ids.every((id) => id < bpe.size)).toBe(true);
      }),
    );
    const long = '\ufeff' + 'x'.repeat(1000) + ' '.repeat(300) + '\r\n the';
    expect(bpe.decode(bpe.encode(long))).toBe(long);
  });

  test('frequent words become one token', () => {
    const text = 'the cat sat on the mat and the dog sat on the rug. '.repeat(20);
    const bpe = BytePairEncoding.train([text], { vocabularySize: 320 });
    expect(bpe.encode(' the')).toHaveLength(1);
    expect(bpe.encode(text).length).toBeLessThan(text.length / 3);
  });

  test('to JSON and back', () => {
    const bpe = BytePairEncoding.train(words, { vocabularySize: 270 });
    const back = BytePairEncoding.fromJSON(JSON.parse(JSON.stringify(bpe)));
    expect(back.encode(' lower newest')).toEqual(bpe.encode(' lower newest'));
    expect(back.pad).toBe(0);
  });

  type Kind = new (message: string) => Error;
  const small = BytePairEncoding.train(['abab'], { vocabularySize: 258 });
  test.each<[RegExp, Kind, () => unknown]>([
    [/the texts are empty/, DataError, () => BytePairEncoding.train([''], { vocabularySize: 300 })],
    [
      /vocabularySize = 256; an integer from 257/,
      ArgumentError,
      () => BytePairEncoding.train(['a'], { vocabularySize: 256 }),
    ],
    [/half of a surrogate pair at position 1/, TextError, () => small.encode('a\ud83d')],
    [/id 258 is outside its ids, 0 to 257/, IndexError, () => small.decode([258])],
    [/id -1 is outside/, IndexError, () => small.token(-1)],
    [/it has no <eos>/, ArgumentError, () => small.eos],
    [/damaged: undefined is no list/, CheckpointError, () => BytePairEncoding.fromJSON({})],
    [
      /damaged: merge 0 is no pair of symbols from 0 to 255/,
      CheckpointError,
      () => BytePairEncoding.fromJSON({ specials: [], merges: [[97, 256]] }),
    ],
    [
      /merges: merge 1 is there twice/,
      ArgumentError,
      () =>
        new BytePairEncoding([
          [97, 98],
          [97, 98],
        ]),
    ],
  ])('%s', (message, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
