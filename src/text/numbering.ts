import { TextError } from '../errors';
import { hashText, NO_HASH } from './hash';
import { idArray } from './ids';
import type { Ids } from './ids';

/** A text by its characters: distinct code points, ascending, and the rank of each in the text. */
export interface Numbered {
  codePoints: number[];
  ids: Ids;
  /** Length in UTF-16 units. */
  units: number;
  /** That of `hashText`. */
  hash: number;
}

const LAST_CODE_POINT = 0x10ffff;

/** Numbers characters as they first occur, and puts the numbers in order at the end. */
export class Numbering {
  /** Numbers + 1 by code point, 0 for those that have not occurred; as long as the largest needs. */
  #numbers = new Int32Array(0x80);
  readonly #codePoints: number[] = [];
  #ids: Ids;
  #length = 0;
  #units = 0;
  #hash = NO_HASH;

  /** @param room ids that are given room at first; more come in. */
  constructor(room: number) {
    this.#ids = new Uint8Array(room);
  }

  /** Adds text; a surrogate pair must not be cut. */
  add(text: string): void {
    let ids = this.#room(this.#length + text.length);
    let numbers = this.#numbers;
    let length = this.#length;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const leads = unit >= 0xd800 && unit < 0xdc00;
      const codePoint = leads ? text.codePointAt(at)! : unit;
      if (codePoint > 0xffff) at++;
      if (codePoint >= numbers.length) numbers = this.#reach(codePoint);
      let number = numbers[codePoint];
      if (number === 0) {
        number = numbers[codePoint] = this.#codePoints.push(codePoint);
        ids = this.#ids = widened(ids, number, length);
      }
      ids[length++] = number - 1;
    }
    this.#length = length;
    this.#units += text.length;
    this.#hash = hashText(text, this.#hash);
  }

  /** @throws TextError when nothing was added. */
  finish(name: string): Numbered {
    if (this.#length === 0) {
      throw new TextError(`${name} is empty: a vocabulary needs at least one character`);
    }
    const codePoints = Array.from(this.#codePoints).sort((a, b) => a - b);
    const ranks = new Map(codePoints.map((codePoint, rank) => [codePoint, rank]));
    const table = Int32Array.from(this.#codePoints, (codePoint) => ranks.get(codePoint)!);
    const ids = this.#ids.subarray(0, this.#length);
    for (let i = 0; i < ids.length; i++) ids[i] = table[ids[i]];
    return { codePoints, ids, units: this.#units, hash: this.#hash };
  }

  /** The table of numbers, with room for a code point. */
  #reach(codePoint: number): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(Math.min(2 * codePoint, LAST_CODE_POINT + 1));
    larger.set(this.#numbers);
    return (this.#numbers = larger);
  }

  /** The ids, with room for so many. */
  #room(length: number): Ids {
    if (length <= this.#ids.length) return this.#ids;
    const larger = idArray(this.#codePoints.length, Math.max(length, 1.5 * this.#length));
    larger.set(this.#ids.subarray(0, this.#length));
    return (this.#ids = larger);
  }
}

/** @throws TextError when the text is empty. */
export function numberedText(text: string): Numbered {
  const numbering = new Numbering(text.length);
  numbering.add(text);
  return numbering.finish('the text');
}

/** The ids in elements that hold `count` different ones; the same where they do. */
function widened(ids: Ids, count: number, length: number): Ids {
  if (count <= 2 ** (8 * ids.BYTES_PER_ELEMENT)) return ids;
  const wider = idArray(count, ids.length);
  wider.set(ids.subarray(0, length));
  return wider;
}
