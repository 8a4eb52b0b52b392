/** A series of one's own, from a file. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { csvColumn, csvNumbers, parseCsv } from 'lethe/data';

import type { Series } from './series';

/**
 * A column of a CSV file with a header: `FILE#COLUMN`, or `FILE` alone for the second column, or the only
 * one. The first column, if it is another, labels the rows.
 *
 * @param inFolder the file that is meant where a folder is given.
 * @throws DataError naming the line with too few or too many fields, or with no finite number in the column.
 */
export async function readSeries(source: string, inFolder?: string): Promise<Series> {
  const [, path, name] = /^(.*?)(?:#([^#]*))?$/s.exec(source)!;
  const isFolder = inFolder !== undefined && (await stat(path)).isDirectory();
  const file = isFolder ? join(path, inFolder) : path;
  const table = parseCsv(await readFile(file, 'utf8'));
  const [first, second = first] = table.columns;
  const column = name ?? second;
  const values = csvNumbers(table, column);
  const labels = first === column ? values.map((_, i) => String(i + 1)) : csvColumn(table, first);
  return { unit: column, labels, values };
}
