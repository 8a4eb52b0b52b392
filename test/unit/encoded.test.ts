/** Texts as ids: by way of a string, or in chunks of bytes; what is counted, marked and learned is the same. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { ArgumentError, openDevice, TextError } from '../../src/index';
import type { EncodedText } from '../../src/text/index';
import { encodeText, readTextStream, textStatistics, Vocabulary } from '../../src/text/index';
import {
  CharTrainer,
  markText,
  resumeTraining,
  readCheckpoint,
  saveCheckpoint,
} from '../../src/train/index';
import { rejected, thrown } from '../setup/nn_helpers';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

/** Texts with line ends, white space of all kinds and characters of one to four bytes. */
const anyText = fc
  .array(
    fc.constantFrom('a', 'b', ' ', '\n', '\r', '\r\n', '\t', '\u00a0', '\u3000', 'é', '漢', '😀'),
    {
      minLength: 1,
    },
  )
  .map((parts) => parts.join(''));

/** What a text is, by way of strings. */
function expectSame(found: EncodedText, text: string): void {
  const vocabulary = Vocabulary.fromText(text);
  expect(found.vocabulary.codePoints).toEqual(vocabulary.codePoints);
  expect([...found.ids]).toEqual([...vocabulary.encode(text)]);
  expect(markText(found, 'f')).toEqual(markText(text, 'f'));
  expect(String(found)).toBe(text);
}

test('a string, and its bytes in chunks, come to the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, fc.integer({ min: 1, max: 9 }), async (text, size) => {
      expectSame(encodeText(text), text);
      expectSame(await readTextStream(chunks(utf8(`\ufeff${text}`), size), 'f'), text);
      const bytes = utf8(text).length;
      expectSame(await readTextStream(chunks(utf8(text), size), 'f', { bytes }), text);
    }),
  );
});

test('lone surrogates of a string are characters', () => {
  for (const text of ['\ud800', 'a\udc00b', '\ud800\ud800\udc00', '😀\ud83d']) {
    expectSame(encodeText(text), text);
  }
});

test('ids are as small as the vocabulary allows, also where it grows on the way', async () => {
  const first = (count: number): string =>
    Array.from({ length: count }, (_, i) => String.fromCodePoint(0x10000 + i)).join('');
  for (const [count, type] of [
    [1, Uint8Array],
    [256, Uint8Array],
    [257, Uint16Array],
    [65_536, Uint16Array],
    [65_537, Int32Array],
  ] as const) {
    const text = first(count) + first(1);
    const found = await readTextStream(chunks(utf8(text), 70_000), 'f');
    expect(found.ids).toBeInstanceOf(type);
    expect(found.ids).toHaveLength(count + 1);
    expect(found.ids[count - 1]).toBe(count - 1);
    expect(found.ids[count]).toBe(0);
    expect(found.vocabulary.encode('\u{10000}')).toBeInstanceOf(type);
  }
});

describe('in another vocabulary', () => {
  const text = encodeText('banana bread');
  test('its own is the text itself', () => {
    expect(text.in(Vocabulary.fromText('banana bread'))).toBe(text);
  });

  test('a larger one', () => {
    const larger = Vocabulary.fromText('zyx banana bread!');
    const found = text.in(larger);
    expect([...found.ids]).toEqual([...larger.encode('banana bread')]);
    expect(markText(found, 'f')).toEqual(markText(text, 'f'));
  });

  test('one that lacks characters', () => {
    const lacking = Vocabulary.fromText('ban d?');
    expect(thrown(TextError, () => text.in(lacking))).toMatch(/'r' at position 8 /);
    expect(String(text.in(lacking, { unknown: 'skip' }))).toBe('banana bad');
    expect(String(text.in(lacking, { unknown: { replace: '?' } }))).toBe('banana b??ad');
    thrown(ArgumentError, () => text.in(lacking, { unknown: { replace: '!' } }));
  });
});

test('what is empty, and what is no text', async () => {
  thrown(TextError, () => encodeText(''));
  expect(await rejected(TextError, readTextStream(chunks(utf8(''), 1), 'f.txt'))).toMatch(
    /^f\.txt is empty/,
  );
  expect(await rejected(TextError, readTextStream(chunks(utf8('\ufeff'), 1), 'f.txt'))).toMatch(
    /empty/,
  );
  const zero = readTextStream(chunks(utf8('text\0'), 3), 'f.txt');
  expect(await rejected(TextError, zero)).toMatch(/zero byte at offset 4/);
});

test('the hash is FNV-1a, so that runs of earlier know their text', () => {
  expect(encodeText('a').hash).toBe(0xe40c292c);
  expect(markText('foobar', 'f')).toEqual({ source: 'f', length: 6, hash: 0xbf9cf968 });
});

test('a short text takes little memory', () => {
  let bytes = 0;
  vi.stubGlobal(
    'Int32Array',
    class extends Int32Array {
      constructor(length: number) {
        super(length);
        bytes += this.byteLength;
      }
    },
  );
  try {
    textStatistics('äbc');
  } finally {
    vi.unstubAllGlobals();
  }
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(10_000);
});

test('a size of the text that is none is refused', async () => {
  for (const bytes of [-1, 1.5, NaN, Infinity]) {
    const read = readTextStream(chunks(utf8('text'), 3), 'f.txt', { bytes });
    expect(await rejected(ArgumentError, read)).toMatch(/^bytes = .*; an integer from 0 is needed/);
  }
});

test('statistics of ids are those of the string', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const found = textStatistics(encodeText(text));
      expect(found).toEqual(textStatistics(text));
      const lines = text.split(/\r\n|\n|\r/);
      if (lines.at(-1) === '') lines.pop();
      expect(found).toMatchObject({
        characters: [...text].length,
        distinct: new Set(text).size,
        lines: lines.length,
        words: text.match(/\S+/gu)?.length ?? 0,
        longestLine: Math.max(...lines.map((line) => [...line].length)),
      });
    }),
  );
});

test('trains and resumes as by way of a string', async () => {
  const text = 'the cat sat on a mat. '.repeat(40);
  const read = await readTextStream(chunks(utf8(text), 100), 'f');
  const config = { hidden: 8, embedding: 4, batch: 4, seq: 8 };
  const device = await openDevice('cpu');
  const losses = [];
  const saved = [];
  for (const way of [text, read]) {
    const trainer = new CharTrainer(device, way, config);
    for (let i = 0; i < 5; i++) await trainer.trainStep();
    losses.push((await trainer.report())!.loss, (await trainer.evaluate()).loss);
    saved.push(await saveCheckpoint(trainer, markText(way, 'f')));
  }
  expect(losses.slice(0, 2)).toEqual(losses.slice(2));
  expect(saved[1]).toEqual(saved[0]);
  const resumed = resumeTraining(device, read, readCheckpoint(saved[0]));
  await resumed.trainStep();
  expect(resumed.step).toBe(6);
});
