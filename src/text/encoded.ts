import { ArgumentError, TextError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { ChunkDecoder } from './decode';
import type { DecodeOptions } from './decode';
import { idArray } from './ids';
import type { Ids } from './ids';
import { ENCODE_OPTIONS, Vocabulary } from './vocabulary';
import type { EncodeOptions } from './vocabulary';

const CODE_POINTS = 0x110000;
const LACKING = -1;
/** Ids that one is given room for at first, where it is not known how many come. */
const ROOM = 1 << 16;

/**
 * A text as ids, a byte each where the vocabulary has at most 256 characters: what training needs of
 * it, in less memory than a string takes.
 */
export class EncodedText {
  readonly vocabulary: Vocabulary;
  /** [n] The ids, one per code point. They are not copied, and must not change. */
  readonly ids: Ids;
  /** Length in UTF-16 units. */
  readonly units: number;
  /** FNV-1a of the UTF-16 units, 32 bits. */
  readonly hash: number;

  constructor(vocabulary: Vocabulary, ids: Ids, units: number, hash: number) {
    this.vocabulary = vocabulary;
    this.ids = ids;
    this.units = units;
    this.hash = hash;
  }

  /**
   * The same text in the ids of another vocabulary; itself, where that is its own.
   *
   * @throws TextError at the first character that it lacks, unless `unknown` tells what becomes of them.
   * @throws ArgumentError when the vocabulary lacks what they are to be replaced by, or for an unknown
   *   option.
   */
  in(vocabulary: Vocabulary, options: EncodeOptions = {}): EncodedText {
    checkOptions('EncodedText.in', options, ENCODE_OPTIONS);
    const { unknown = 'error' } = options;
    const own = this.vocabulary.codePoints;
    if (own.length === vocabulary.size && own.every((c, id) => c === vocabulary.codePoints[id])) {
      return this;
    }
    const lenient = { unknown: unknown === 'error' ? 'skip' : unknown };
    const table = own.map((c) => vocabulary.encode(String.fromCodePoint(c), lenient)[0] ?? LACKING);
    const ids = idArray(vocabulary.size, this.ids.length);
    let length = 0;
    for (let i = 0; i < this.ids.length; i++) {
      const id = table[this.ids[i]];
      if (id !== LACKING) ids[length++] = id;
      else if (unknown === 'error') throw vocabulary.unknownCharacter(own[this.ids[i]], i);
    }
    return new EncodedText(vocabulary, ids.subarray(0, length), this.units, this.hash);
  }

  /** The text as a string, but for what `in` has skipped or replaced. */
  toString(): string {
    return this.vocabulary.decode(this.ids);
  }
}

/**
 * The ids of a text, and the vocabulary of its characters.
 *
 * @throws TextError when the text is empty.
 */
export function encodeText(text: string): EncodedText {
  const builder = new Builder(text.length);
  builder.add(text);
  return builder.finish('the text');
}

export interface ReadTextOptions extends DecodeOptions {
  /** Bytes of the whole text, where that is known: it saves memory. */
  bytes?: number;
}

const READ_OPTIONS: OptionNames<ReadTextOptions> = { encoding: true, bytes: true };

/**
 * Reads a text from bytes in chunks, as streams of Node and of the web give them, straight to ids: no
 * string of it is made. It is decoded as `decodeText` does it.
 *
 * @param name What to call the text in an error.
 * @throws what `decodeText` throws; TextError when the text is empty; ArgumentError when
 *   `bytes` is no count, or for an unknown option.
 */
export async function readTextStream(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  options: ReadTextOptions = {},
): Promise<EncodedText> {
  checkOptions('readTextStream', options, READ_OPTIONS);
  const { encoding, bytes = ROOM } = options;
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new ArgumentError(`bytes = ${bytes}; an integer from 0 is needed`);
  }
  const decoder = new ChunkDecoder(name, { encoding });
  const builder = new Builder(bytes);
  for await (const chunk of chunks) {
    // A chunk may be a whole file, whose string would be no smaller than the text's.
    for (let at = 0; at < chunk.length; at += ROOM) {
      builder.add(decoder.decode(chunk.subarray(at, at + ROOM)));
    }
  }
  builder.add(decoder.end());
  return builder.finish(name);
}

/** The ids of `text`, whichever way it came. */
export function encoded(text: string | EncodedText): EncodedText {
  if (text instanceof EncodedText) return text;
  if (typeof text === 'string') return encodeText(text);
  throw new ArgumentError(`text = ${typeof text}; a string or an EncodedText is needed`);
}

export function vocabularyOf(text: string | EncodedText): Vocabulary {
  return typeof text === 'string' ? Vocabulary.fromText(text) : encoded(text).vocabulary;
}

/** Numbers characters as they first occur, and puts the numbers in order at the end. */
class Builder {
  /** Numbers + 1 by code point, 0 for those that have not occurred. */
  readonly #numbers = new Int32Array(CODE_POINTS);
  readonly #codePoints: number[] = [];
  #ids: Ids;
  #length = 0;
  #units = 0;
  #hash = 0x811c9dc5;

  constructor(room: number) {
    this.#ids = new Uint8Array(room);
  }

  /** Adds text; a surrogate pair must not be cut. */
  add(text: string): void {
    let hash = this.#hash;
    let ids = this.#room(this.#length + text.length);
    let length = this.#length;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      hash = Math.imul(hash ^ unit, 0x01000193);
      let codePoint = unit;
      if (unit >= 0xd800 && unit < 0xdc00) {
        codePoint = text.codePointAt(at)!;
        if (codePoint > 0xffff) hash = Math.imul(hash ^ text.charCodeAt(++at), 0x01000193);
      }
      let number = this.#numbers[codePoint];
      if (number === 0) {
        number = this.#numbers[codePoint] = this.#codePoints.push(codePoint);
        ids = this.#ids = widened(ids, number, length);
      }
      ids[length++] = number - 1;
    }
    this.#hash = hash;
    this.#length = length;
    this.#units += text.length;
  }

  finish(name: string): EncodedText {
    if (this.#length === 0) {
      throw new TextError(`${name} is empty: a vocabulary needs at least one character`);
    }
    const vocabulary = new Vocabulary(Array.from(this.#codePoints).sort((a, b) => a - b));
    const order = new Map(vocabulary.codePoints.map((codePoint, id) => [codePoint, id]));
    const table = Int32Array.from(this.#codePoints, (codePoint) => order.get(codePoint)!);
    const ids = this.#ids.subarray(0, this.#length);
    for (let i = 0; i < ids.length; i++) ids[i] = table[ids[i]];
    return new EncodedText(vocabulary, ids, this.#units, this.#hash >>> 0);
  }

  /** The ids, with room for so many. */
  #room(length: number): Ids {
    if (length <= this.#ids.length) return this.#ids;
    const larger = idArray(this.#codePoints.length, Math.max(length, 1.5 * this.#length));
    larger.set(this.#ids.subarray(0, this.#length));
    return (this.#ids = larger);
  }
}

/** The ids in elements that hold `count` different ones; the same where they do. */
function widened(ids: Ids, count: number, length: number): Ids {
  if (count <= 2 ** (8 * ids.BYTES_PER_ELEMENT)) return ids;
  const wider = idArray(count, ids.length);
  wider.set(ids.subarray(0, length));
  return wider;
}
