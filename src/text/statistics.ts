/** How often one character occurs. */
export interface CharacterCount {
  /** The character as a string of one code point. */
  character: string;
  codePoint: number;
  /** Occurrences, at least 1. */
  count: number;
}

/** What {@link textStatistics} counts. Every length is in code points. */
export interface TextStatistics {
  /** Length of the text. */
  characters: number;
  /** How many different characters occur. */
  distinct: number;
  /** Lines, ended by LF, CRLF or CR; a last line counts without its end too. */
  lines: number;
  /** Runs of characters that are not white space. */
  words: number;
  /** Length of the longest line, without its end. */
  longestLine: number;
  /**
   * Entropy of the character frequencies, in bits per character: what a model pays that knows how
   * often each character occurs and nothing else. 0 for an empty text.
   */
  unigramEntropy: number;
  /** Most frequent first; equal counts by ascending code point. */
  counts: CharacterCount[];
}

/** Counts characters, words and lines of a text; an empty text gives zeros. */
export function textStatistics(text: string): TextStatistics {
  const occurrences = new Map<string, number>();
  let characters = 0;
  for (const character of text) {
    occurrences.set(character, (occurrences.get(character) ?? 0) + 1);
    characters++;
  }
  const counts = [...occurrences]
    .map(([character, count]) => ({ character, codePoint: character.codePointAt(0)!, count }))
    .sort((a, b) => b.count - a.count || a.codePoint - b.codePoint);

  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();

  return {
    characters,
    distinct: counts.length,
    lines: lines.length,
    words: text.match(/\S+/gu)?.length ?? 0,
    longestLine: lines.reduce((longest, line) => Math.max(longest, lengthOf(line)), 0),
    unigramEntropy: entropy(counts, characters),
    counts,
  };
}

function lengthOf(line: string): number {
  let length = 0;
  for (const _ of line) length++;
  return length;
}

/** Sum of p log2(1/p), in bits. */
function entropy(counts: readonly CharacterCount[], total: number): number {
  return counts.reduce((bits, { count }) => bits + (count / total) * Math.log2(total / count), 0);
}
