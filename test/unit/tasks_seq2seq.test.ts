import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { dates } from '../../demos/tasks/dates';
import { DAYS, datePair, datePairs, FORMATS } from '../../demos/tasks/dates/generate';
import { loadDates } from '../../demos/tasks/dates/load';
import { dialogue } from '../../demos/tasks/dialogue';
import { loadTurns } from '../../demos/tasks/dialogue/load';
import { exchange } from '../../demos/tasks/dialogue/repartee';
import { ExampleRun } from '../../demos/tasks/example';
import type { Example } from '../../demos/tasks/example';
import { alignmentText } from '../../demos/tasks/pairs/alignment';
import { pairBatches, pairMeta } from '../../demos/tasks/pairs/model';
import type { Pair, PairSets } from '../../demos/tasks/pairs/pairs';
import { phones } from '../../demos/tasks/phones';
import { letterReader } from '../../demos/tasks/phones/baseline';
import { loadEntries } from '../../demos/tasks/phones/load';
import { readAloud, toyEntries } from '../../demos/tasks/phones/toy';
import { translate } from '../../demos/tasks/translate';
import { sentencePairs } from '../../demos/tasks/translate/grammar';
import { loadSentences } from '../../demos/tasks/translate/load';
import { wordByWord } from '../../demos/tasks/translate/word_by_word';
import { DataError, openDevice, Random } from '../../src/index';
import type { Module } from '../../src/nn';
import type { Metrics } from '../../src/train';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lethe-tasks-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

/** Trains an example on little data. */
async function learn<P extends Pair, Meta, M extends Module>(
  example: Example<PairSets<P>, Meta, M>,
  data: PairSets<P>,
  epochs: number,
) {
  const about = { source: null, seed: 1, epochs };
  const run = new ExampleRun(example, await openDevice('cpu'), data, about);
  const recordings: number[] = [];
  for await (const event of run.fit()) {
    if (event.kind === 'report') recordings.push(run.trainer.recordings);
  }
  run.trainer.restoreBest();
  const metrics: Metrics = await run.test();
  const model = run.model.eval() as M;
  const meta = JSON.parse(JSON.stringify(run.about.meta)) as Meta;
  return { metrics, recordings, ask: (input: string) => example.ask!(model, meta, input) };
}

const few = <P extends Pair>({ train, valid, test }: PairSets<P>, count: number): PairSets<P> => ({
  train: train.slice(0, count),
  valid: valid.slice(0, 50),
  test: test.slice(0, 100),
});

describe('pairs', () => {
  test('batches of padded sources and targets', () => {
    const pairs = ['a b c', 'a', 'b c'].map((text) => ({
      source: text.split(' '),
      target: text.toUpperCase().split(' '),
    }));
    const sizes = { cell: 'gru', embedding: 2, hidden: 2, attention: 'dot', dropout: 0 } as const;
    const meta = pairMeta({ train: pairs, valid: pairs, test: pairs }, sizes);
    expect(meta.maxLength).toBe(8);
    const batches = pairBatches(pairs, meta, { batchSize: 3, shuffle: false });
    const { source, lengths, mask, target, labels } = batches.batch(0, 0);
    const columns = ({ shape: [time, batch], data }: typeof source): number[][] =>
      Array.from({ length: batch }, (_, b) =>
        Array.from({ length: time }, (_, t) => data[t * batch + b]),
      );
    // Ids: pad, unk, a, b, c; and pad, unk, bos, eos, A, B, C. The shortest first.
    expect(columns(source)).toEqual([
      [2, 3, 4],
      [2, 0, 0],
      [3, 4, 0],
    ]);
    expect(Array.from(lengths.data)).toEqual([3, 1, 2]);
    expect(columns(mask)).toEqual([
      [1, 1, 1],
      [1, 0, 0],
      [1, 1, 0],
    ]);
    expect(columns(target)).toEqual([
      [2, 4, 5, 6],
      [2, 4, 0, 0],
      [2, 5, 6, 0],
    ]);
    expect(columns(labels)).toEqual([
      [4, 5, 6, 3],
      [4, 3, -100, -100],
      [5, 6, 3, -100],
    ]);
  });

  test('attention as text', () => {
    const weights = [
      [0.9, 0.1],
      [0.25, 0.75],
    ];
    expect(alignmentText(['x', 'y'], ['Y', 'ZZ'], weights)).toBe('    x y\nY   #\nZZ  . +');
    expect(alignmentText(['long', 'y'], ['Y', 'Z'], weights)).toBe(
      '   1 2\nY  #\nZ  . +\n\n1 long  2 y',
    );
  });
});

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
      '1987-05-03',
    ]);
  });

  test('no text stands for two days', () => {
    const days = new Map<string, string>();
    for (let offset = 0; offset < DAYS; offset += 29) {
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

describe('learning dates', () => {
  test('a network reads what JavaScript does not', async () => {
    const pairs = Array.from({ length: 1500 }, (_, i) =>
      datePair((i * 7919) % DAYS, [0, 11][i % 2]),
    );
    const data = { train: pairs.slice(100), valid: pairs.slice(0, 50), test: pairs.slice(50, 100) };
    const { metrics, recordings, ask } = await learn(dates, data, 7);
    expect(metrics.exactMatch).toBeGreaterThan(0.75);
    const baseline = await dates.baseline(data);
    expect(baseline.metrics.exactMatch).toBeLessThan(0.4);
    expect(Object.keys(baseline.metrics)).toEqual(Object.keys(metrics));
    // Every shape has come in the first epoch.
    expect(new Set(recordings).size).toBe(1);
    const [iso, , columns, ...rows] = (await ask('3rd of May 1987')).split('\n');
    expect(iso).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(columns.replaceAll(' ', '')).toBe('3rdofmay1987');
    expect(
      rows
        .slice(0, iso.length)
        .map((row) => row[0])
        .join(''),
    ).toBe(iso);
    await expect(ask('3. Mäi')).rejects.toThrow('has a ä');
    await expect(ask(' ')).rejects.toThrow(DataError);
  });

  test('dates of a file', async () => {
    const file = await write('own.tsv', '3 May 1987\t1987-05-03\n\nMay 4\t1988-05-04\n');
    const [first, second, ...others] = await loadDates(file);
    expect(first.source.join('')).toBe('3 may 1987');
    expect(second.target.join('')).toBe('1988-05-04');
    expect(others).toEqual([]);
    const bad = await write('bad.tsv', '3 May 1987\t1987-05-03\n4 May 1987\n');
    await expect(loadDates(bad)).rejects.toThrow('line 2');
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
    await expect(loadEntries(other)).rejects.toThrow(DataError);
  });

  test('any way to say a word is right', async () => {
    const word = (ways: string[]) => ({
      source: ['a', 'b'],
      target: ways[0].split(' '),
      ways: ways.map((way) => way.split(' ')),
    });
    const train = [word(['A B'])];
    const { metrics } = await phones.baseline({
      train,
      valid: train,
      test: [word(['X', 'A B']), word(['X', 'A'])],
    });
    expect(metrics).toEqual({ wordError: 1 / 2, phoneError: 1 / 3 });
  });

  test('a network learns to read', async () => {
    const { metrics, recordings, ask } = await learn(phones, few(await phones.load(), 600), 10);
    expect(metrics.phoneError).toBeLessThan(0.5);
    expect(recordings.at(-1)).toBe(recordings[1]);
    expect((await ask('Sand')).split('\n')[2].trim()).toBe('s a n d');
    await expect(ask('two words')).rejects.toThrow(DataError);
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

describe('learning to translate', () => {
  test('a network does better than English alone', async () => {
    const data = few(await translate.load(), 700);
    const { metrics, ask } = await learn(translate, data, 10);
    const baseline = await translate.baseline(data);
    expect(Object.keys(metrics)).toEqual(Object.keys(baseline.metrics));
    expect(metrics.perplexity).toBeLessThan(baseline.metrics.perplexity);
    const answer = await ask('Der Mann sieht ein Krokodil.');
    expect(answer).toContain('(words that it does not know: krokodil)');
    await expect(ask('Krokodile schwimmen')).rejects.toThrow(DataError);
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
    await expect(loadTurns(await write('prose.txt', 'No play.\n'))).rejects.toThrow(DataError);
  });

  test('whoever has heard what was said guesses the answer better', async () => {
    const data = few(await dialogue.load(), 500);
    const { metrics, ask } = await learn(dialogue, data, 8);
    expect(metrics.perplexity).toBeLessThan(metrics.withoutContext);
    const { metrics: baseline } = await dialogue.baseline(data);
    expect(baseline.perplexity).toBe(baseline.withoutContext);
    expect(baseline.perplexity).toBeGreaterThan(1);
    expect(await ask('Good morning, Anna.')).not.toBe('');
    // The same seed, the same numbers.
    expect((await learn(dialogue, data, 1)).metrics).toEqual(
      (await learn(dialogue, data, 1)).metrics,
    );
  });
});
