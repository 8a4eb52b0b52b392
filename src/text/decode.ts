import { ArgumentError, TextError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `decodeText` takes. */
export interface DecodeOptions {
  /**
   * A name that `TextDecoder` knows, such as utf-16le, windows-1252 or shift_jis. Left out, it is what a
   * byte order mark says, and UTF-8 where there is none.
   */
  encoding?: string;
}

const DECODE_OPTIONS: OptionNames<DecodeOptions> = { encoding: true };

/**
 * Decodes a text exactly: nothing is replaced. A byte order mark at its start belongs to the encoding
 * and not to the text, and is left out.
 *
 * @param bytes The whole file.
 * @param name What to call the file in an error.
 * @throws TextError when the bytes are not in the encoding (of UTF-8 the message gives the byte offset
 *   at which the first malformed sequence starts), when they hold a zero character, which no text does,
 *   or when the text is too long for one string.
 * @throws ArgumentError for an encoding that `TextDecoder` does not know.
 */
export function decodeText(bytes: Uint8Array, name: string, options: DecodeOptions = {}): string {
  const decoder = new ChunkDecoder(name, options);
  return decoder.decode(bytes) + decoder.end();
}

/** Bytes of the longest byte order mark. */
const MARK = 4;
const NONE = new Uint8Array(0);

/** `decodeText` for a text that comes in chunks, which may be cut anywhere. */
export class ChunkDecoder {
  readonly #name: string;
  /** Made with the first bytes, where no encoding is given. */
  #decoder: TextDecoder | undefined;
  #isUtf8 = false;
  /** Bytes that the decoder has taken. */
  #offset = 0;
  /** Taken or not, bytes that the next ones are needed for: a mark, or an open sequence of UTF-8. */
  #open: Uint8Array = NONE;

  /** @throws ArgumentError for an encoding that `TextDecoder` does not know. */
  constructor(name: string, options: DecodeOptions = {}) {
    checkOptions('decodeText', options, DECODE_OPTIONS);
    const { encoding } = options;
    this.#name = name;
    if (encoding !== undefined) this.#choose(encoding);
  }

  /** @throws TextError when the bytes do not go on with the text. */
  decode(bytes: Uint8Array): string {
    if (this.#decoder) return this.#decode(bytes, true);
    const head = join(this.#open, bytes);
    this.#open = head.length < MARK ? head : NONE;
    if (head.length < MARK) return '';
    this.#choose(this.#markedEncoding(head));
    return this.#decode(head, true);
  }

  /** @throws TextError when the text ends within a character. */
  end(): string {
    if (this.#decoder) return this.#decode(NONE, false);
    const head = this.#open;
    this.#open = NONE;
    this.#choose(this.#markedEncoding(head));
    return this.#decode(head, false);
  }

  #choose(encoding: string): void {
    try {
      this.#decoder = new TextDecoder(encoding, { fatal: true });
    } catch {
      throw new ArgumentError(
        `encoding = ${encoding}; a name that TextDecoder knows is needed, such as utf-8, utf-16le, ` +
          'windows-1252 or shift_jis',
      );
    }
    this.#isUtf8 = this.#decoder.encoding === 'utf-8';
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    if (this.#isUtf8) this.#refuseZero(bytes);
    let text: string;
    try {
      text = this.#decoder!.decode(bytes, { stream });
    } catch (cause) {
      throw this.#malformed(bytes, stream, cause);
    }
    if (!this.#isUtf8 && text.includes('\0')) {
      throw new TextError(
        `${this.#name} is no text in ${this.#decoder!.encoding}: it has a zero character; ` +
          'choose a text file, or name the encoding that it is in',
      );
    }
    this.#offset += bytes.length;
    this.#open = this.#isUtf8 ? openSequence(join(this.#open, bytes.subarray(-MARK))) : NONE;
    return text;
  }

  #malformed(bytes: Uint8Array, stream: boolean, cause: unknown): TextError {
    if (!this.#isUtf8) {
      const { encoding } = this.#decoder!;
      return new TextError(
        `${this.#name} is not in ${encoding}; name the encoding that it is in, or save it as UTF-8`,
        { cause },
      );
    }
    const joined = join(this.#open, bytes);
    const at = firstMalformed(joined, stream);
    if (at < 0) {
      const problem = `${bytes.length} bytes do not fit into one string; split the file`;
      return new TextError(`${this.#name}: ${problem}`, { cause });
    }
    const byte = joined[at].toString(16).toUpperCase().padStart(2, '0');
    const offset = this.#offset - this.#open.length + at;
    return new TextError(
      `${this.#name} is not UTF-8: byte 0x${byte} at offset ${offset} starts no valid character; ` +
        'name the encoding that it is in, such as windows-1252, or save it as UTF-8',
      { cause },
    );
  }

  /** @throws TextError for a zero byte. */
  #refuseZero(bytes: Uint8Array): void {
    const zero = bytes.indexOf(0);
    if (zero < 0) return;
    const guess = guessUtf16(bytes);
    throw new TextError(
      `${this.#name} is not a text in UTF-8: it has a zero byte at offset ${this.#offset + zero}; ` +
        (guess
          ? `it may be UTF-16: name the encoding, ${guess}, or save it as UTF-8`
          : 'choose a text file'),
    );
  }

  /** @throws TextError for UTF-32, which `TextDecoder` does not know. */
  #markedEncoding([a, b, c, d]: Uint8Array): string {
    const [little, big] = [a === 0xff && b === 0xfe, a === 0xfe && b === 0xff];
    if ((little && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
      throw new TextError(`${this.#name} is in UTF-32; save it as UTF-8`);
    }
    return little ? 'utf-16le' : big ? 'utf-16be' : 'utf-8';
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** What the end of valid UTF-8 has of a character that goes on after it: up to three bytes. */
function openSequence(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return length > back ? bytes.slice(-back) : NONE;
    }
    if (byte < 0x80) break;
  }
  return NONE;
}

/** The offset of the first malformed or, where no more comes, cut-off sequence; -1 when all is UTF-8. */
function firstMalformed(bytes: Uint8Array, more: boolean): number {
  const end = more ? bytes.length - openSequence(bytes).length : bytes.length;
  for (let at = 0; at < end;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return end < bytes.length && !canGoOn(bytes.subarray(end)) ? end : -1;
}

/** Whether a cut-off sequence could still become a character. */
function canGoOn(open: Uint8Array): boolean {
  const [lead, second] = open;
  if (lead < 0xc2 || lead > 0xf4) return false;
  return second === undefined || isSecond(lead, second);
}

/** Bytes in the sequence at `at`, or 0 when it is malformed (Unicode Standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // Past the end a byte reads as undefined, and every comparison with it is false.
  if (!isSecond(lead, bytes[at + 1])) return 0;
  for (let i = 2; i < length; i++) {
    if (!(bytes[at + i] >= 0x80 && bytes[at + i] <= 0xbf)) return 0;
  }
  return length;
}

/** The second byte also rules out overlong forms, surrogates and values over U+10FFFF. */
function isSecond(lead: number, byte: number): boolean {
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= lowest && byte <= highest;
}

/** UTF-16 without a mark, where most of the beginning are two-byte characters below U+0100. */
function guessUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const zeros = [0, 0];
  const length = Math.min(bytes.length, 1024);
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i % 2]++;
  const [even, odd] = zeros;
  if (Math.max(even, odd) < length / 4) return undefined;
  if (even === 0) return 'utf-16le';
  return odd === 0 ? 'utf-16be' : undefined;
}
