import { readFile } from 'node:fs/promises';

import { DataError } from 'lethe';

import type { Pair } from '../pairs/pairs';

/**
 * Dates of one's own: a line each, the text, a tab, and the date as ISO 8601 has it.
 *
 * @throws DataError naming a line that is none.
 */
export async function loadDates(file: string): Promise<Pair[]> {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const [, text, iso] = /^(.*\S.*)\t(\d{4}-\d{2}-\d{2})\s*$/.exec(line) ?? [];
    if (text === undefined) {
      throw new DataError(
        `${file}: line ${i + 1} is no text, tab and date, such as 3 May 1987\t1987-05-03`,
      );
    }
    return [{ source: [...text.trim().toLowerCase()], target: [...iso] }];
  });
}
