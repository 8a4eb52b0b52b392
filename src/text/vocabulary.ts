import { ArgumentError, CheckpointError, IndexError, TextError } from '../errors';
import { checkNames } from '../options';
import type { OptionNames } from '../options';
import { codePointName, visibleCharacter } from './character';
import { idArray } from './ids';
import type { Ids } from './ids';

/**
 * What becomes of characters that a vocabulary lacks: an error, nothing, or another character in their
 * place, of one code point.
 */
export type Unknown =
  | 'error'
  | 'skip'
  | {
      /** The character in their place. */
      readonly replace: string;
    };

/** What `Vocabulary.encode` takes. */
export interface EncodeOptions {
  /** An error when left out. */
  unknown?: Unknown;
}

export const ENCODE_OPTIONS: OptionNames<EncodeOptions> = { unknown: true };

const LAST_CODE_POINT = 0x10ffff;

/**
 * The characters that a model knows: distinct Unicode code points in ascending order, and the id
 * of a character is its rank. A lone surrogate is a code point of its own and nothing is
 * normalised, so `decode(encode(text)) === text` for every text over the vocabulary: BOM, CRLF and
 * ZWJ emoji come back as they went in.
 *
 * @example
 * ```ts
 * import { Vocabulary } from 'lethe/text';
 *
 * const vocabulary = Vocabulary.fromText('abracadabra');
 * const ids = vocabulary.encode('bad');
 * console.log(ids, vocabulary.decode(ids)); // Uint8Array(3) [ 1, 0, 3 ] bad
 * console.log(vocabulary.encode('bee', { unknown: 'skip' })); // Uint8Array(1) [ 1 ]
 * ```
 */
export class Vocabulary {
  /** The code points by id, ascending. */
  readonly codePoints: readonly number[];
  readonly #ids = new Map<number, number>();
  readonly #characters: readonly string[];

  /**
   * @param codePoints Distinct code points in ascending order, at least one.
   * @throws ArgumentError when the list is empty, is not ascending, or holds a value outside
   *   [0, 0x10FFFF].
   */
  constructor(codePoints: readonly number[]) {
    const problem = findProblem(codePoints);
    if (problem) {
      throw new ArgumentError(`codePoints: ${problem}; Vocabulary.fromText builds a valid list`);
    }
    this.codePoints = Object.freeze([...codePoints]);
    this.#characters = codePoints.map((codePoint) => String.fromCodePoint(codePoint));
    codePoints.forEach((codePoint, id) => this.#ids.set(codePoint, id));
  }

  /**
   * The vocabulary of every character in a text.
   *
   * @throws TextError when the text is empty.
   */
  static fromText(text: string): Vocabulary {
    if (text === '') {
      throw new TextError('the text is empty: a vocabulary needs at least one character');
    }
    const codePoints = new Set<number>();
    for (let at = 0; at < text.length;) {
      const codePoint = text.codePointAt(at)!;
      codePoints.add(codePoint);
      at += unitsOf(codePoint);
    }
    return new Vocabulary([...codePoints].sort((a, b) => a - b));
  }

  /**
   * The vocabulary that {@link Vocabulary.toJSON} wrote.
   *
   * @throws CheckpointError when the value is not a non-empty list of ascending code points.
   */
  static fromJSON(value: unknown): Vocabulary {
    const problem = Array.isArray(value) ? findProblem(value) : 'it is not a list';
    if (problem)
      throw new CheckpointError(`the vocabulary in the checkpoint is damaged: ${problem}`);
    return new Vocabulary(value as number[]);
  }

  /** How many characters the vocabulary holds; ids run from 0 to `size - 1`. */
  get size(): number {
    return this.codePoints.length;
  }

  /** Whether `character` is exactly one code point, and the vocabulary holds it. */
  has(character: string): boolean {
    const codePoint = character.codePointAt(0);
    if (codePoint === undefined || character.length !== unitsOf(codePoint)) return false;
    return this.#ids.has(codePoint);
  }

  /**
   * The character of an id.
   *
   * @throws IndexError when the id is not an integer in [0, size).
   */
  character(id: number): string {
    const character = this.#characters[id];
    if (character === undefined) {
      throw new IndexError(`id ${id} is outside this vocabulary of ${this.#idRange()}`);
    }
    return character;
  }

  /**
   * The ids of a text, one per code point.
   *
   * @returns [number of code points], less those skipped; a byte each for a vocabulary of at most 256
   *   characters, else two or four.
   * @throws TextError at the first character that the vocabulary lacks, unless `unknown` tells what
   *   becomes of them.
   * @throws ArgumentError when the vocabulary lacks what they are to be replaced by.
   */
  encode(text: string, options: EncodeOptions = {}): Ids {
    checkNames('Vocabulary.encode', options, ENCODE_OPTIONS);
    const { unknown = 'error' } = options;
    const substitute = this.#substitute(unknown);
    // Room for the worst case: a code point takes one or two UTF-16 units.
    const ids = idArray(this.size, text.length);
    let length = 0;
    for (let at = 0; at < text.length;) {
      const codePoint = text.codePointAt(at)!;
      const id = this.#ids.get(codePoint) ?? substitute;
      if (id !== undefined) ids[length++] = id;
      else if (unknown !== 'skip') throw this.unknownCharacter(codePoint, length);
      at += unitsOf(codePoint);
    }
    return length === ids.length ? ids : ids.slice(0, length);
  }

  /**
   * The text of a list of ids.
   *
   * @throws IndexError when an id is not an integer in [0, size); the message gives its position.
   */
  decode(ids: ArrayLike<number>): string {
    let text = '';
    for (let position = 0; position < ids.length; position++) {
      const character = this.#characters[ids[position]];
      if (character === undefined) {
        throw new IndexError(
          `id ${ids[position]} at position ${position} is outside this vocabulary of ${this.#idRange()}`,
        );
      }
      text += character;
    }
    return text;
  }

  /** The code points by id, for a checkpoint; {@link Vocabulary.fromJSON} reads them back. */
  toJSON(): number[] {
    return [...this.codePoints];
  }

  /** The id in place of unknown characters, if there is one. */
  #substitute(unknown: Unknown): number | undefined {
    if (unknown === 'error' || unknown === 'skip') return undefined;
    const replace: unknown = (unknown as { replace?: unknown } | null)?.replace;
    if (typeof replace !== 'string') {
      throw new ArgumentError(
        `unknown = ${JSON.stringify(unknown)}; 'error', 'skip' or { replace: character } is needed`,
      );
    }
    if (this.has(replace)) return this.#ids.get(replace.codePointAt(0)!);
    throw new ArgumentError(
      `unknown = { replace: ${JSON.stringify(replace)} }; one character that the vocabulary holds ` +
        'is needed',
    );
  }

  #idRange(): string {
    return `${this.size} characters (ids 0 to ${this.size - 1})`;
  }

  /** The error of a character that the vocabulary lacks. @internal */
  unknownCharacter(codePoint: number, position: number): TextError {
    return new TextError(
      `${describe(codePoint)} at position ${position} (counted in code points) is not in this ` +
        `vocabulary of ${this.size} characters; skip or replace such characters by the option ` +
        'unknown, or train on a text that holds it',
    );
  }
}

/** How many UTF-16 units a code point takes in a string. */
function unitsOf(codePoint: number): 1 | 2 {
  return codePoint > 0xffff ? 2 : 1;
}

/** What keeps a list from being a vocabulary, or undefined when nothing does. */
function findProblem(codePoints: readonly unknown[]): string | undefined {
  if (codePoints.length === 0) return 'the list is empty';
  let previous = -1;
  for (const [id, codePoint] of codePoints.entries()) {
    if (!isCodePoint(codePoint)) {
      return `${String(codePoint)} at position ${id} is not a code point (an integer from 0 to 0x10FFFF)`;
    }
    if (codePoint === previous)
      return `${codePointName(codePoint)} at position ${id} is a duplicate`;
    if (codePoint < previous) {
      return `${codePointName(codePoint)} at position ${id} stands after ${codePointName(previous)}: not ascending`;
    }
    previous = codePoint;
  }
  return undefined;
}

function isCodePoint(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_CODE_POINT;
}

/** `U+00E9 'é'`, and `U+200D` alone where the character prints as nothing. */
function describe(codePoint: number): string {
  const name = codePointName(codePoint);
  const character = String.fromCodePoint(codePoint);
  const visible = character === ' ' ? character : visibleCharacter(character);
  return visible === name ? name : `${name} '${visible}'`;
}
