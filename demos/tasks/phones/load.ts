import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { Entry } from './entries';

/** A line of cmudict (`word(1)  W ER1 D # a comment`), or of the npm package (`"word(1)": "W ER1 D",`). */
const LINE = /^\s*"?([^\s":()]+)(?:\(\d+\))?"?:?\s+"?([A-Z][A-Z0-2 ]*?)\s*(?:#[^"]*)?"?,?\s*$/;

/**
 * Words and phones of the CMU Pronouncing Dictionary: words of the letters a to z alone, phones without
 * stress.
 *
 * @param source the folder of the npm package `cmu-pronouncing-dictionary`, or a file of cmudict.
 * @throws DataError where there are no such lines.
 */
export async function loadEntries(source: string): Promise<Entry[]> {
  const folder = (await stat(source)).isDirectory();
  const text = await readFile(folder ? join(source, 'index.js') : source, 'utf8');
  const entries = new Map<string, string[][]>();
  for (const line of text.split('\n')) {
    const [, word, said] = LINE.exec(line) ?? [];
    if (word === undefined || !/^[a-z]+$/.test(word)) continue;
    const phones = said.replace(/[0-2]/g, '').split(' ');
    const ways = entries.get(word) ?? [];
    if (!ways.some((way) => way.join(' ') === phones.join(' '))) ways.push(phones);
    entries.set(word, ways);
  }
  if (entries.size < 100) {
    throw new DataError(
      `${source}: ${entries.size} words with phones; lines such as "word  W ER1 D" are needed, 100 at least`,
    );
  }
  return Array.from(entries, ([word, phones]) => ({ word, phones }));
}
