/** A series of one's own, from a file. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';
import { csvColumn, csvNumbers, parseCsv } from 'lethe/data';

import type { Series } from './series';

/**
 * A column of a CSV file with a header: `FILE#COLUMN`, or `FILE` alone for the second column, or the only
 * one. The first column, if it is another, labels the rows.
 *
 * @param inFolder the file that is meant where a folder is given.
 * @throws DataError naming the line with too few or too many fields, or with no finite number in the
 *   column; for a file that cannot be read.
 */
export async function readSeries(source: string, inFolder?: string): Promise<Series> {
  const [, path, name] = /^(.*?)(?:#([^#]*))?$/s.exec(source)!;
  const table = parseCsv(await textOf(path, inFolder));
  const [first, second = first] = table.columns;
  const column = name ?? second;
  const values = csvNumbers(table, column);
  const labels = first === column ? values.map((_, i) => String(i + 1)) : csvColumn(table, first);
  return { unit: column, labels, values };
}

async function textOf(path: string, inFolder: string | undefined): Promise<string> {
  try {
    const isFolder = inFolder !== undefined && (await stat(path)).isDirectory();
    return await readFile(isFolder ? join(path, inFolder) : path, 'utf8');
  } catch (cause) {
    throw new DataError(`${path} cannot be read; give a CSV file, FILE or FILE#COLUMN`, { cause });
  }
}
