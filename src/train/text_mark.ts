import type { EncodedText } from '../text/encoded';
import { hashText } from '../text/hash';

/** Tells whether a text is the one that was trained on. */
export interface TextMark {
  /** For people, and to find it again: a path, or the name of a bundled text. */
  source: string;
  /** In UTF-16 units. */
  length: number;
  hash: number;
  /** The encoding that was named to read it. */
  encoding?: string;
}

export function markText(text: string | EncodedText, source: string): TextMark {
  if (typeof text !== 'string') return { source, length: text.units, hash: text.hash };
  return { source, length: text.length, hash: hashText(text) };
}
