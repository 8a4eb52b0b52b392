import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, CheckpointError, IndexError, TextError } from '../../src/errors';
import {
  Streams,
  visibleCharacter,
  Vocabulary,
  decodeText,
  evaluationWindows,
  splitText,
  textStatistics,
  type StreamCursor,
  type Unknown,
  type Window,
} from '../../src/text';
import { cpuGrowth } from '../setup/cpu_time';
import { ChunkDecoder } from '../../src/text/decode';

/** Any sequence of UTF-16 units, so halves of surrogate pairs stand alone or meet by chance. */
const anyString = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(0x0a, 0x0d, 0x200d, 0xfeff),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((units) => String.fromCharCode(...units));

/** What a call throws, so that its type and its message are checked together. */
function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, and nothing was thrown');
}

describe('Vocabulary', () => {
  test('ranks distinct code points in ascending order', () => {
    const vocabulary = Vocabulary.fromText('bé😀ab\ud83d');
    expect(vocabulary.codePoints).toEqual([0x61, 0x62, 0xe9, 0xd83d, 0x1f600]);
    expect(vocabulary.size).toBe(5);
    expect([...vocabulary.encode('a😀\ud83dé')]).toEqual([0, 4, 3, 2]);
    expect(vocabulary.character(4)).toBe('😀');
  });

  test.each([
    ['BOM and CRLF', '\ufeffone\r\ntwo\rthree\n'],
    ['a ZWJ family', 'x👩‍👩‍👧‍👦y'],
    ['lone surrogates', 'a\ud83d b\ude00 c'],
    ['a combining mark kept apart from its composed form', 'e\u0301 \u00e9'],
    ['the last code point', '\u{10ffff}\0'],
  ])('round trip: %s', (_, text) => {
    const vocabulary = Vocabulary.fromText(text);
    expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
  });

  test('round trip: any string', () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const vocabulary = Vocabulary.fromJSON(
          JSON.parse(JSON.stringify(Vocabulary.fromText(text))),
        );
        const ids = vocabulary.encode(text);
        expect(ids.length).toBe([...text].length);
        expect(vocabulary.size).toBe(new Set(text).size);
        expect(vocabulary.decode(ids)).toBe(text);
      }),
    );
  });

  test('has: exactly one known code point', () => {
    const vocabulary = Vocabulary.fromText('a😀');
    expect(['a', '😀', 'b', '', 'aa', 'a😀', '\ud83d'].map((s) => vocabulary.has(s))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('characters that print as nothing are shown by name or number', () => {
    const shown = ['é', '😁', '\n', '\t', ' ', '\u00a0', '\u0301', '\u200d', '\ud800'];
    expect(shown.map(visibleCharacter)).toEqual([
      ...['é', '😁', '\\n', '\\t', 'space', 'U+00A0', 'U+0301', 'U+200D', 'U+D800'],
    ]);
  });

  test('an empty text has no vocabulary', () => {
    expect(() => Vocabulary.fromText('')).toThrow(TextError);
  });

  test.each([
    ['é', `U+00E9 'é'`],
    ['\n', `U+000A '\\n'`],
    ['\u200d', 'U+200D'],
    ['\ud800', 'U+D800'],
    ['😁', `U+1F601 '😁'`],
  ])('an unknown character is named with its place', (character, printed) => {
    const error = errorOf(() => Vocabulary.fromText('ab😀').encode(`😀a${character}b`));
    expect(error).toBeInstanceOf(TextError);
    expect(error.message).toContain(`${printed} at position 2 `);
    expect(error.message).toContain('3 characters');
    expect(error.message).toContain('train on a text that holds it');
  });

  test('unknown characters are skipped or replaced on request', () => {
    const vocabulary = Vocabulary.fromText('ab😀');
    const decoded = (unknown: Unknown): string =>
      vocabulary.decode(vocabulary.encode('x😀a\ud800yb', { unknown }));
    expect(decoded('skip')).toBe('😀ab');
    expect(decoded({ replace: '😀' })).toBe('😀😀a😀😀b');
    expect(vocabulary.encode('xyz', { unknown: 'skip' })).toHaveLength(0);
    expect(() => vocabulary.encode('x', { unknown: 'error' })).toThrow(TextError);
    for (const replace of ['x', '', 'ab', 3]) {
      const error = errorOf(() =>
        vocabulary.encode('a', { unknown: { replace: replace as string } }),
      );
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(/^unknown = /);
    }
    expect(() => vocabulary.encode('a', { unknown: 'ignore' as Unknown })).toThrow(ArgumentError);
  });

  test.each([-1, 2, 0.5, NaN])('id %s is refused with its position', (id) => {
    const vocabulary = Vocabulary.fromText('ab');
    const error = errorOf(() => vocabulary.decode([0, 1, id]));
    expect(error).toBeInstanceOf(IndexError);
    expect(error.message).toContain(`id ${id} at position 2`);
    expect(() => vocabulary.character(id)).toThrow(IndexError);
  });

  test.each([
    ['empty', []],
    ['duplicate', [97, 97]],
    ['descending', [98, 97]],
    ['too large', [0x110000]],
    ['negative', [-1]],
    ['fractional', [1.5]],
  ])('the list of code points is checked: %s', (_, list) => {
    expect(() => new Vocabulary(list)).toThrow(ArgumentError);
    expect(() => Vocabulary.fromJSON(list)).toThrow(CheckpointError);
  });

  test.each([[null], [undefined], ['ab'], [{ length: 1, 0: 97 }], [[null]], [['a']]])(
    'fromJSON refuses %j',
    (value) => {
      expect(() => Vocabulary.fromJSON(value)).toThrow(CheckpointError);
    },
  );

  test('the time to encode grows with the text', () => {
    const line = 'The quick brown 🦊 jumps.\r\n';
    const vocabulary = Vocabulary.fromText(line);
    const growth = cpuGrowth(80_000, (lines) => {
      expect(vocabulary.encode(line.repeat(lines)).length).toBe(26 * lines);
    });
    expect(growth).toBeLessThan(24);
  });
});

describe('textStatistics', () => {
  test('counts characters, words and lines', () => {
    const { unigramEntropy, ...rest } = textStatistics('aab 😀\r\n\r\nbcd\n');
    expect(unigramEntropy).toBeCloseTo(Math.log2(13) - (3 * Math.log2(3) + 3 * 2) / 13, 12);
    expect(rest).toEqual({
      characters: 13,
      distinct: 8,
      lines: 3,
      words: 3,
      longestLine: 5,
      counts: [
        { character: '\n', codePoint: 10, count: 3 },
        { character: '\r', codePoint: 13, count: 2 },
        { character: 'a', codePoint: 97, count: 2 },
        { character: 'b', codePoint: 98, count: 2 },
        { character: ' ', codePoint: 32, count: 1 },
        { character: 'c', codePoint: 99, count: 1 },
        { character: 'd', codePoint: 100, count: 1 },
        { character: '😀', codePoint: 0x1f600, count: 1 },
      ],
    });
  });

  test.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['\n', 1],
    ['a\rb', 2],
    ['a\n\nb', 3],
  ])('%j has %i lines', (text, lines) => {
    expect(textStatistics(text).lines).toBe(lines);
  });

  test.each([
    ['', 0],
    ['aaaa', 0],
    ['abab', 1],
    ['abcdefgh', 3],
    ['aaab', 2 - 0.75 * Math.log2(3)],
  ])('entropy of %j', (text, bits) => {
    expect(textStatistics(text).unigramEntropy).toBeCloseTo(bits, 12);
  });
});

describe('decodeText', () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
  const swapped = (bytes: Uint8Array): Uint8Array => new Uint8Array(Buffer.from(bytes).swap16());
  const RICH = 'a\r\nb 👩‍👧 \u{10ffff}\ufeffc';

  test('keeps CRLF, emoji and a BOM inside', () => {
    expect(decodeText(utf8(RICH), 'a.txt')).toBe(RICH);
    expect(decodeText(utf8(''), 'a.txt')).toBe('');
  });

  test.each([
    ['UTF-8', utf8(`\ufeff${RICH}`)],
    ['UTF-16, low byte first', utf16(`\ufeff${RICH}`)],
    ['UTF-16, high byte first', swapped(utf16(`\ufeff${RICH}`))],
  ])('a byte order mark names %s, and is no part of the text', (_, bytes) => {
    expect(decodeText(bytes, 'a.txt')).toBe(RICH);
  });

  test.each([
    ['utf-16le', utf16(RICH), RICH],
    ['utf-16be', swapped(utf16(RICH)), RICH],
    ['windows-1252', Uint8Array.of(0x61, 0xe9, 0x80, 0x0a), 'aé€\n'],
    ['shift_jis', Uint8Array.of(0x83, 0x65, 0x61), 'テa'],
    ['UTF8', utf8(RICH), RICH],
  ])('the encoding that is named: %s', (encoding, bytes, text) => {
    expect(decodeText(bytes, 'a.txt', { encoding })).toBe(text);
  });

  test.each([
    ['a zero byte', Uint8Array.of(0x61, 0x62, 0, 0x63, 0x64), {}, /UTF-8.* zero byte at offset 2;/],
    ['UTF-16 without a mark', utf16('abcdé'), {}, /zero byte at offset 1; .*utf-16le/],
    ['UTF-16, high byte first', swapped(utf16('abcdé')), {}, /zero byte at offset 0; .*utf-16be/],
    ['UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), {}, /UTF-32/],
    [
      'a zero in windows-1252',
      Uint8Array.of(97, 0),
      { encoding: 'latin1' },
      /1252.*zero character/,
    ],
    [
      'half a unit of UTF-16',
      utf16('ab').subarray(0, 3),
      { encoding: 'utf-16le' },
      /not in utf-16le/,
    ],
    ['what is not Shift_JIS', Uint8Array.of(0x83, 0xff), { encoding: 'sjis' }, /not in shift_jis/],
  ])('%s is refused', (_, bytes, options, says) => {
    const error = errorOf(() => decodeText(bytes, 'corpus.txt', options));
    expect(error).toBeInstanceOf(TextError);
    expect(error.message).toMatch(/^corpus\.txt/);
    expect(error.message).toMatch(says);
  });

  test('an encoding that there is not', () => {
    const error = errorOf(() => decodeText(utf8('a'), 'a.txt', { encoding: 'klingon' }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(/^encoding = klingon; .*utf-16le/);
  });

  test('chunks cut anywhere decode as the whole, or fail as it does', () => {
    const outcome = (body: () => string): string => {
      try {
        return body();
      } catch (error) {
        return (error as Error).message;
      }
    };
    const bytes = fc.oneof(
      fc.string({ unit: 'grapheme' }).map(utf8),
      fc.string({ unit: 'grapheme' }).map((text) => utf8(`\ufeff${text}`)),
      fc.string({ unit: 'grapheme' }).map((text) => utf16(`\ufeff${text}`)),
      fc
        .array(fc.constantFrom(0x61, 0xc3, 0xe2, 0xf0, 0x80, 0x9f, 0xbf))
        .map(Uint8Array.from.bind(Uint8Array)),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.integer({ min: 0, max: 5 })), (all, sizes) => {
        const pieces = outcome(() => {
          const decoder = new ChunkDecoder('f');
          let [text, at] = ['', 0];
          for (const size of sizes) {
            text += decoder.decode(all.subarray(at, at + size));
            at = Math.min(at + size, all.length);
          }
          return text + decoder.decode(all.subarray(at)) + decoder.end();
        });
        expect(pieces).toBe(outcome(() => decodeText(all, 'f')));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a Latin-1 letter', [0x61, 0xe9, 0x62], 1],
    ['a lone continuation', [0x61, 0x62, 0x80], 2],
    ['an overlong slash', [0xc0, 0xaf], 0],
    ['an overlong three-byte form', [0x61, 0xe0, 0x80, 0xaf], 1],
    ['an encoded surrogate', [0x61, 0xed, 0xa0, 0x80], 1],
    ['a value over U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
    ['a cut-off emoji', [0x61, 0xf0, 0x9f, 0x98], 1],
    ['a bad last byte', [0xc3, 0xa9, 0xe2, 0x82, 0x41], 2],
  ])('%s is found at its offset', (_, bytes, offset) => {
    const error = errorOf(() => decodeText(Uint8Array.from(bytes), 'corpus.txt'));
    expect(error).toBeInstanceOf(TextError);
    expect(error.message).toContain('corpus.txt');
    expect(error.message).toContain(`at offset ${offset} `);
    expect(error.message).toContain('such as windows-1252');
  });

  test('the offset is where the longest valid prefix ends', () => {
    const valid = (bytes: Uint8Array, stream: boolean): boolean => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
        return true;
      } catch {
        return false;
      }
    };
    const byte = fc.oneof(
      fc.integer({ min: 1, max: 253 }),
      fc.constantFrom(0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf),
    );
    fc.assert(
      fc.property(fc.array(byte), (list) => {
        const bytes = Uint8Array.from(list);
        if (valid(bytes, false)) {
          expect(decodeText(bytes, 'f')).toBe(new TextDecoder().decode(bytes));
          return;
        }
        const { message } = errorOf(() => decodeText(bytes, 'f'));
        const offset = Number(/at offset (\d+) /.exec(message)![1]);
        expect(valid(bytes.subarray(0, offset), false)).toBe(true);
        // No longer prefix is whole: each next byte leaves the sequence open or breaks it.
        for (let end = offset + 1; end <= bytes.length; end++) {
          expect(valid(bytes.subarray(0, end), false)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** 0, 1, ..., n - 1: each id is its own position. */
const positions = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** Row t of a window's [seq, batch] array. */
const row = (array: Int32Array, window: Window, t: number): number[] => [
  ...array.subarray(t * window.batch, (t + 1) * window.batch),
];

describe('Streams', () => {
  test('lays contiguous streams out time-major', () => {
    const streams = new Streams(positions(22), { batch: 3, seq: 2 });
    expect([streams.streamLength, streams.windowsPerEpoch]).toEqual([7, 3]);
    const first = streams.next();
    expect(first).toEqual({
      inputs: Int32Array.of(0, 7, 14, 1, 8, 15),
      targets: Int32Array.of(1, 8, 15, 2, 9, 16),
      seq: 2,
      batch: 3,
      first: true,
    });
    expect(streams.next()).toMatchObject({
      inputs: Int32Array.of(2, 9, 16, 3, 10, 17),
      first: false,
    });
  });

  test('any size: each window goes on where the last one stopped, for two epochs', () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 40 }), (batch, seq, extra) => {
        const n = batch * seq + 1 + extra;
        const streams = new Streams(positions(n), { batch, seq });
        expect(streams.streamLength).toBe(Math.floor((n - 1) / batch));
        expect(streams.windowsPerEpoch).toBe(Math.floor(streams.streamLength / seq));
        for (let k = 0; k < 2 * streams.windowsPerEpoch; k++) {
          const index = k % streams.windowsPerEpoch;
          const epoch = Math.floor(k / streams.windowsPerEpoch);
          expect(streams.cursor).toEqual({ epoch, window: index });
          const window = streams.next();
          expect(window.first).toBe(index === 0);
          for (let t = 0; t < seq; t++) {
            const expected = Array.from(
              { length: batch },
              (_, b) => b * streams.streamLength + index * seq + t,
            );
            expect(row(window.inputs, window, t)).toEqual(expected);
            expect(row(window.targets, window, t)).toEqual(expected.map((id) => id + 1));
          }
        }
        expect(streams.cursor).toEqual({ epoch: 2, window: 0 });
      }),
    );
  });

  test('a cursor resumes exactly, across the end of an epoch', () => {
    const size = { batch: 2, seq: 3 };
    const whole = new Streams(positions(20), size);
    for (let k = 0; k < 7; k++) {
      const cursor = JSON.parse(JSON.stringify(whole.cursor)) as StreamCursor;
      const resumed = new Streams(positions(20), { ...size, cursor });
      expect(resumed.next()).toEqual(whole.next());
      expect(resumed.cursor).toEqual(whole.cursor);
    }
  });

  test('the cursor that is read is a copy', () => {
    const streams = new Streams(positions(20), { batch: 2, seq: 3 });
    streams.cursor.window = 2;
    expect(streams.cursor).toEqual({ epoch: 0, window: 0 });
  });

  test.each([
    { epoch: -1, window: 0 },
    { epoch: 0, window: 3 },
    { epoch: 0, window: -1 },
    { epoch: 0.5, window: 0 },
    { epoch: 0, window: NaN },
  ])('cursor %j does not fit', (cursor) => {
    const build = () => new Streams(positions(20), { batch: 2, seq: 3, cursor });
    expect(errorOf(build)).toBeInstanceOf(ArgumentError);
    expect(errorOf(build).message).toContain('3 windows per epoch');
  });

  test.each([0, -1, 1.5, NaN, Infinity])('batch or seq of %s is refused', (bad) => {
    for (const size of [
      { batch: bad, seq: 2 },
      { batch: 2, seq: bad },
    ]) {
      expect(() => new Streams(positions(20), size)).toThrow(ArgumentError);
      expect(() => evaluationWindows(positions(20), size)).toThrow(ArgumentError);
    }
  });

  test('a short text names the largest batch and seq, and they fit', () => {
    const error = errorOf(() => new Streams(positions(100), { batch: 8, seq: 20 }));
    expect(error).toBeInstanceOf(TextError);
    expect(error.message).toMatch(/^text shorter than one window: batch 8 x seq 20 needs 161 /);
    expect(error.message).toContain('got 100');
    expect(error.message).toContain('batch <= 4 with seq 20, or seq <= 12 with batch 8');
    expect(new Streams(positions(100), { batch: 4, seq: 20 }).windowsPerEpoch).toBe(1);
    expect(new Streams(positions(100), { batch: 8, seq: 12 }).windowsPerEpoch).toBe(1);
    expect(() => new Streams(positions(100), { batch: 5, seq: 20 })).toThrow(TextError);
    expect(() => new Streams(positions(100), { batch: 8, seq: 13 })).toThrow(TextError);
  });

  test.each([0, 1, 2])('a text of %i characters offers only what fits', (n) => {
    const error = errorOf(() => new Streams(positions(n), { batch: 4, seq: 4 }));
    expect(error).toBeInstanceOf(TextError);
    expect(error.message).toMatch(new RegExp(`got ${n}; use a longer text$`));
  });
});

describe('evaluationWindows', () => {
  test('the last window is shorter; a text shorter than the batch lowers it', () => {
    const windows = [...evaluationWindows(positions(12), { batch: 2, seq: 4 })];
    expect(windows.map(({ batch, seq, first }) => [batch, seq, first])).toEqual([
      [2, 4, true],
      [2, 1, false],
    ]);
    expect(evaluationWindows(positions(4), { batch: 8, seq: 4 }).next().value).toMatchObject({
      batch: 3,
      seq: 1,
    });
    expect(windows[1]).toMatchObject({
      inputs: Int32Array.of(4, 9),
      targets: Int32Array.of(5, 10),
    });
  });

  test('any size: each position of the streams is seen once', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 2, max: 80 }), (batch, seq, n) => {
        const windows = [...evaluationWindows(positions(n), { batch, seq })];
        const used = windows[0].batch;
        expect(used).toBe(Math.min(batch, n - 1));
        const seen = windows.flatMap((window) => [...window.inputs]).sort((a, b) => a - b);
        expect(seen).toEqual([...positions(Math.floor((n - 1) / used) * used)]);
        for (const { inputs, targets } of windows) {
          expect([...targets]).toEqual([...inputs].map((id) => id + 1));
        }
        expect(windows.map((window) => window.first)).toEqual(windows.map((_, i) => i === 0));
      }),
    );
  });

  test.each([0, 1])('%i ids are refused at the call', (n) => {
    expect(() => evaluationWindows(positions(n), { batch: 2, seq: 2 })).toThrow(TextError);
  });
});

describe('splitText', () => {
  test('the first part trains, the last part validates', () => {
    const { train, valid } = splitText(positions(11), 0.25);
    expect([...train]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...valid]).toEqual([8, 9, 10]);
  });

  test('a fraction of 0 holds nothing out', () => {
    expect(splitText(positions(3), 0).valid.length).toBe(0);
  });

  test.each([-0.1, 1, 2, NaN])('a fraction of %s is refused', (fraction) => {
    expect(() => splitText(positions(3), fraction)).toThrow(ArgumentError);
  });
});
