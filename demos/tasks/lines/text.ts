/** What the lines say: words of a text in their order, and sometimes characters in none. */
import type { Random } from 'lethe';

import { bundledText } from '../../../src/text/bundled';

/** How many words are no words, where that is asked for. */
const NONSENSE = 0.15;

/** The words of the bundled text as far as an alphabet has their characters; small letters, if it has no others. */
export function wordsOf(alphabet: readonly string[]): string[] {
  const known = new Set(alphabet);
  const text = known.has('A') ? bundledText : bundledText.toLowerCase();
  return text
    .split(/\s+/)
    .map((word) =>
      Array.from(word, (character) => (known.has(character) ? character : '')).join(''),
    )
    .filter((word) => word !== '');
}

/**
 * A line from a place by chance.
 *
 * @param longest characters at most; a longer word is cut.
 * @param nonsense the characters to put in words of no language, so that rare ones are learnt too.
 */
export function textLine(
  words: readonly string[],
  longest: number,
  random: Random,
  nonsense: readonly string[] = [],
): string {
  const below = (n: number): number => Math.floor(n * random.uniform());
  const word = (i: number): string =>
    nonsense.length > 0 && random.uniform() < NONSENSE
      ? Array.from({ length: 1 + below(5) }, () => nonsense[below(nonsense.length)]).join('')
      : words[i % words.length];
  const start = below(words.length);
  let line = word(start).slice(0, longest);
  for (let i = start + 1; ; i++) {
    const longer = `${line} ${word(i)}`;
    if (longer.length > longest) return line;
    line = longer;
  }
}
