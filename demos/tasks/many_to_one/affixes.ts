/** Beginnings and ends of words: what a word that training never saw has in common with those it did. */
import { padSequences, TokenVocabulary } from 'lethe/data';
import type { HostArray } from 'lethe/data';

/** A word's first three letters, its last two and its last three, with the marks of beginning and end, `^` and `$`. */
export function affixes(word: string): string[] {
  const marked = ['^', ...word, '$'];
  return [marked.slice(0, 4), marked.slice(-3), marked.slice(-4)].map((part) => part.join(''));
}

/** Those that occur twice. */
export function affixVocabulary(sequences: readonly (readonly string[])[]): TokenVocabulary {
  return TokenVocabulary.fromSequences(
    sequences.map((words) => words.flatMap(affixes)),
    { minCount: 2 },
  );
}

const NONE = affixes('');

/** Ids of the affixes of each word, [affixes, time, batch]. */
export function affixIds(
  vocabulary: TokenVocabulary,
  sequences: readonly (readonly string[])[],
  time: number,
): HostArray {
  const padding = vocabulary.pad;
  const cut = sequences.map((words) => words.map(affixes));
  const data = NONE.flatMap((_, part) => {
    const rows = cut.map((words) => vocabulary.encode(words.map((parts) => parts[part])));
    return [...(padSequences(rows, { padding, time, minLength: 0 }).ids.data as Int32Array)];
  });
  return { shape: [NONE.length, time, sequences.length], data: Int32Array.from(data) };
}
