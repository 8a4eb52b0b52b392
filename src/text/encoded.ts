import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { ChunkDecoder } from './decode';
import type { DecodeOptions } from './decode';
import { idArray } from './ids';
import type { Ids } from './ids';
import { numberedText, Numbering } from './numbering';
import type { Numbered } from './numbering';
import { ENCODE_OPTIONS, Vocabulary } from './vocabulary';
import type { EncodeOptions } from './vocabulary';

const LACKING = -1;
/** Ids that one is given room for at first, where it is not known how many come. */
const INITIAL_IDS = 1 << 16;

/**
 * A text as ids, a byte each where the vocabulary has at most 256 characters: what training needs of
 * it, in less memory than a string takes.
 */
export class EncodedText {
  /** What the ids stand for. */
  readonly vocabulary: Vocabulary;
  /** [n] The ids, one per code point. They are not copied, and must not change. */
  readonly ids: Ids;
  /** Length in UTF-16 units. */
  readonly units: number;
  /** FNV-1a of the UTF-16 units, 32 bits: tells whether a text is the same. */
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
  return ofNumbered(numberedText(text));
}

/** What `readTextStream` takes. */
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
  const { encoding, bytes = INITIAL_IDS } = options;
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new ArgumentError(`bytes = ${describeValue(bytes)}; an integer from 0 is needed`);
  }
  const decoder = new ChunkDecoder(name, { encoding });
  const numbering = new Numbering(bytes);
  for await (const chunk of chunks) {
    // A chunk may be a whole file, whose string would be no smaller than the text's.
    for (let at = 0; at < chunk.length; at += INITIAL_IDS) {
      numbering.add(decoder.decode(chunk.subarray(at, at + INITIAL_IDS)));
    }
  }
  numbering.add(decoder.end());
  return ofNumbered(numbering.finish(name));
}

/** The ids of `text`, whichever way it came. */
export function encoded(text: string | EncodedText): EncodedText {
  if (text instanceof EncodedText) return text;
  if (typeof text === 'string') return encodeText(text);
  throw new ArgumentError(`text = ${typeof text}; a string or an EncodedText is needed`);
}

function ofNumbered({ codePoints, ids, units, hash }: Numbered): EncodedText {
  return new EncodedText(new Vocabulary(codePoints), ids, units, hash);
}
