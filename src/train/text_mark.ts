import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import type { EncodedText } from '../text/encoded';
import { hashText } from '../text/hash';

/** Tells whether a text is the one that was trained on. */
export interface TextMark {
  /** For people, and to find it again: a path, or the name of a bundled text. */
  source: string;
  /** In UTF-16 units. */
  length: number;
  /** FNV-1a of its UTF-16 units, 32 bits. */
  hash: number;
  /** The encoding that was named to read it. */
  encoding?: string;
}

/** The mark of a text: its length in UTF-16 code units and a hash, by which a checkpoint knows it again. */
export function markText(text: string | EncodedText, source = 'text'): TextMark {
  if (typeof text !== 'string') return { source, length: text.units, hash: text.hash };
  return { source, length: text.length, hash: hashText(text) };
}

/** False for what a checkpoint could not be read with. */
export function isMark(mark: unknown): mark is TextMark {
  if (typeof mark !== 'object' || mark === null) return false;
  const { source, length, hash, encoding } = mark as Partial<TextMark>;
  const counts = [length, hash].every((value) => Number.isSafeInteger(value) && value! >= 0);
  return counts && typeof source === 'string' && ['undefined', 'string'].includes(typeof encoding);
}

/** Throws ArgumentError for what is no mark of a text. */
export function checkMark(owner: string, mark: TextMark): void {
  if (isMark(mark)) return;
  throw new ArgumentError(
    `${owner}: text = ${describeValue(mark)}; give markText(text, name), or leave it out`,
  );
}
