import { encoded } from './encoded';
import type { EncodedText } from './encoded';
import type { Ids } from './ids';
import type { Vocabulary } from './vocabulary';

/** How often one character occurs. */
export interface CharacterCount {
  /** The character as a string of one code point. */
  character: string;
  /** Its Unicode code point. */
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
export function textStatistics(text: string | EncodedText): TextStatistics {
  if (text === '') return { ...EMPTY, counts: [] };
  const { ids, vocabulary } = encoded(text);
  const { codePoints } = vocabulary;
  const occurrences = new Float64Array(codePoints.length);
  for (const id of ids) occurrences[id]++;
  const counts = Array.from(occurrences.entries())
    .filter(([, count]) => count > 0)
    .map(([id, count]) => ({
      character: vocabulary.character(id),
      codePoint: codePoints[id],
      count,
    }))
    .sort((a, b) => b.count - a.count || a.codePoint - b.codePoint);
  return {
    characters: ids.length,
    distinct: counts.length,
    ...countLines(ids, vocabulary),
    words: countWords(ids, vocabulary),
    unigramEntropy: entropy(counts, ids.length),
    counts,
  };
}

const EMPTY = { characters: 0, distinct: 0, lines: 0, words: 0, longestLine: 0, unigramEntropy: 0 };

function countLines(
  ids: Ids,
  { codePoints }: Vocabulary,
): Pick<TextStatistics, 'lines' | 'longestLine'> {
  const [lf, cr] = [codePoints.indexOf(0x0a), codePoints.indexOf(0x0d)];
  let [lines, longestLine, begin] = [0, 0, 0];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== lf && ids[i] !== cr) continue;
    // CRLF ends one line.
    if (ids[i] === cr || i === 0 || ids[i - 1] !== cr) {
      lines++;
      longestLine = Math.max(longestLine, i - begin);
    }
    begin = i + 1;
  }
  if (begin < ids.length) lines++;
  return { lines, longestLine: Math.max(longestLine, ids.length - begin) };
}

function countWords(ids: Ids, { codePoints }: Vocabulary): number {
  const spaces = Uint8Array.from(codePoints, (codePoint) =>
    /\s/u.test(String.fromCodePoint(codePoint)) ? 1 : 0,
  );
  let words = 0;
  let space = 1;
  for (const id of ids) {
    if (space && !spaces[id]) words++;
    space = spaces[id];
  }
  return words;
}

/** Sum of p log2(1/p), in bits. */
function entropy(counts: readonly CharacterCount[], total: number): number {
  return counts.reduce((bits, { count }) => bits + (count / total) * Math.log2(total / count), 0);
}
