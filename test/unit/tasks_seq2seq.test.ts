import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { DAYS, datePair, datePairs, FORMATS } from '../../demos/tasks/dates/generate';
import { loadTurns } from '../../demos/tasks/dialogue/load';
import { exchange } from '../../demos/tasks/dialogue/repartee';
import { letterReader } from '../../demos/tasks/phones/baseline';
import { loadEntries } from '../../demos/tasks/phones/load';
import { readAloud, toyEntries } from '../../demos/tasks/phones/toy';
import { sentencePairs } from '../../demos/tasks/translate/grammar';
import { loadSentences } from '../../demos/tasks/translate/load';
import { tokenize } from '../../demos/tasks/translate/tokenize';
import { wordByWord } from '../../demos/tasks/translate/word_by_word';
import { Random, TextError } from '../../src/index';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lethe-tasks-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('dates', () => {
  const day = 13_636; // 3 May 1987, a Sunday

  test('one day in every format', () => {
    const pairs = Array.from(FORMATS.keys(), (format) => datePair(day, format));
    expect(new Set(pairs.map(({ target }) => target.join('')))).toEqual(new Set(['1987-05-03']));
    expect(pairs.map(({ source }) => source.join(''))).toEqual([
      '3rd of may 1987',
      'the 3rd of may, 1987',
      'may 3, 1987',
      'may 3rd, 1987',
      '3 may 1987',
      '3 may 1987',
      '03-may-1987',
      'sunday, 3 may 1987',
      'sun may 3 1987',
      '05/03/1987',
      '5/3/87',
      '03.05.1987',
      '3.5.87',
      '19870503',
      "may 3 '87",
      '1987 may 3',
    ]);
  });

  test('no text stands for two days', () => {
    const days = new Map<string, string>();
    for (let offset = 0; offset < DAYS; offset += 13) {
      for (const format of FORMATS.keys()) {
        const { source, target } = datePair(offset, format);
        const [text, iso] = [source.join(''), target.join('')];
        expect(days.get(text) ?? iso).toBe(iso);
        days.set(text, iso);
      }
    }
  });

  test('a day in several formats, by the seed', () => {
    const pairs = datePairs([day, 0], 3, new Random(1));
    expect(pairs).toHaveLength(6);
    expect(new Set(pairs.map(({ source }) => source.join(''))).size).toBe(6);
    expect(datePairs([day, 0], 3, new Random(1))).toEqual(pairs);
    expect(pairs[5].target.join('')).toBe('1950-01-01');
  });
});

describe('phones', () => {
  test('letters are read by what stands around them', () => {
    const said = (word: string): string => readAloud(word).join(' ');
    expect(said('cat')).toBe('K AE T');
    expect(said('city')).toBe('S IH T IY');
    expect(said('tape')).toBe('T EY P');
    expect(said('knight')).toBe('N AY T');
    expect(said('quick')).toBe('K W IH K');
    expect(said('letter')).toBe('L EH T ER');
    expect(said('nation')).toBe('N AE SH AH N');
    expect(said('bottle')).toBe('B AA T AH L');
    expect(said('music')).toBe('M AH Z IH K');
  });

  test('every letter of a generated word is read', () => {
    const entries = toyEntries(500, new Random(2));
    expect(new Set(entries.map(({ word }) => word)).size).toBe(500);
    for (const { word, phones } of entries) {
      expect(word).toMatch(/^[a-z]{2,}$/);
      expect(phones).toEqual([readAloud(word)]);
      expect(phones[0].length, word).toBeGreaterThan(1);
    }
  });

  test('the dictionary without stress, comments and words of other letters', async () => {
    const filler = Array.from({ length: 100 }, (_, i) => {
      const letters = String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26));
      return `  "x${letters}": "EH1 K S",`;
    });
    const lines = [
      'export const dictionary = {',
      `  "'bout": "B AW1 T",`,
      '  "read": "R EH1 D",',
      '  "read(1)": "R IY1 D",',
      '  "read(2)": "R IY0 D",',
      '  "a-b": "EY1 B IY1",',
      '  "place": "P L EY1 S # a comment",',
      ...filler,
      '}',
    ];
    await write('index.js', lines.join('\n'));
    const entries = await loadEntries(folder);
    expect(entries.slice(0, 2)).toEqual([
      {
        word: 'read',
        phones: [
          ['R', 'EH', 'D'],
          ['R', 'IY', 'D'],
        ],
      },
      { word: 'place', phones: [['P', 'L', 'EY', 'S']] },
    ]);
    expect(entries).toHaveLength(102);
    const plain = filler.map((line) => line.replace(/ *"([a-z]+)": "(.*)",/, '$1  $2 # rare'));
    expect(await loadEntries(await write('cmudict.dict', plain.join('\n')))).toHaveLength(100);
    const other = await write('other.txt', 'Not a dictionary.\n');
    await expect(loadEntries(other)).rejects.toThrow(TextError);
  });

  test('letters in context read most words of rules, and no wonder', () => {
    const entries = toyEntries(1500, new Random(1));
    const read = letterReader(entries.slice(0, 1200));
    const right = entries
      .slice(1200)
      .filter(({ word, phones }) => read(word).join(' ') === phones[0].join(' '));
    expect(right.length / 300).toBeGreaterThan(0.55);
    expect(right.length / 300).toBeLessThan(0.95);
  });
});

describe('translate', () => {
  test('sentences in both orders', () => {
    const pairs = sentencePairs(300, new Random(1));
    const texts = pairs.map(({ source, target }) => `${source.join(' ')} = ${target.join(' ')}`);
    expect(new Set(texts).size).toBe(300);
    const verbLast = /, weil (.*) (sucht|findet|bringt|kauft|malt|sieht) \. = .* because .* /;
    expect(texts.some((text) => verbLast.test(text))).toBe(true);
    expect(texts.some((text) => /^gestern hat .* \. = .* yesterday \.$/.test(text))).toBe(true);
    for (const text of texts) expect(text).toMatch(/^[\p{Ll} ,.?]+ = [a-z ,.?]+$/u);
    expect(sentencePairs(300, new Random(1))).toEqual(pairs);
  });

  test('words and signs', () => {
    expect(tokenize("Ein T-Shirt, das's nicht gibt: 3.")).toEqual(
      "ein t-shirt , das's nicht gibt : 3 .".split(' '),
    );
  });

  test('files by line, packed or not', async () => {
    for (const [set, lines] of Object.entries({ train: 3, val: 2, test_2016_flickr: 1 })) {
      await write(`${set}.de.gz`, gzipSync('Ein Hund läuft.\n'.repeat(lines)));
      await write(`${set}.en`, 'A dog runs.\n'.repeat(lines));
    }
    const { train, valid, test } = await loadSentences(folder);
    expect([train.length, valid.length, test.length]).toEqual([3, 2, 1]);
    expect(test[0]).toEqual({
      source: ['ein', 'hund', 'läuft', '.'],
      target: ['a', 'dog', 'runs', '.'],
    });
    await write('val.en', 'A dog runs.\n');
    await expect(loadSentences(folder)).rejects.toThrow('val.de.gz has 2 lines, val.en 1');
    await rm(join(folder, 'train.en'));
    await expect(loadSentences(folder)).rejects.toThrow('train.en');
  });

  test('word by word finds words, and not their order', () => {
    const pairs = sentencePairs(1000, new Random(3));
    const translate = wordByWord(pairs);
    const words = 'der junge sieht einen alten baum .'.split(' ');
    expect(translate(words)).toEqual('the boy sees a old baum .'.split(' '));
  });
});

describe('dialogue', () => {
  test('an answer takes up what was said', () => {
    const random = new Random(1);
    const pairs = Array.from({ length: 200 }, () => exchange(random));
    const shared = pairs.filter(({ source, target }) =>
      target.some((word) => word.length > 3 && source.includes(word)),
    );
    expect(shared.length).toBeGreaterThan(100);
    expect(pairs.every(({ source, target }) => !/[{}]/.test([...source, ...target].join()))).toBe(
      true,
    );
  });

  test('turns of a play', async () => {
    const scene =
      'ANNA:\nWhere is it?\n\nTOM:\nNot here.\nNor there.\n\nThey leave.\n\nANNA:\nWell.\n\n';
    const pairs = await loadTurns(await write('play.txt', scene.repeat(60)));
    // "Well." is answered by the next scene's first line; nothing answers across "They leave.".
    expect(pairs).toHaveLength(60 + 59);
    expect(pairs[0]).toEqual({
      source: ['where', 'is', 'it', '?'],
      target: ['not', 'here', '.', 'nor', 'there', '.'],
    });
    await expect(loadTurns(await write('prose.txt', 'No play.\n'))).rejects.toThrow(TextError);
  });
});
