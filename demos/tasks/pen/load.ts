import { readFile } from 'node:fs/promises';

import { DataError } from 'lethe';

import type { Ink } from './hand';
import { penLine } from './lines';
import type { PenLine } from './lines';

/**
 * Lines of ink in a file: of each line of the file an object, `{ "text": "42", "strokes": [[[x, y], ...], ...] }`, y
 * downwards.
 *
 * @throws DataError naming the line and what is wrong with it.
 */
export async function readInk(file: string, symbols: readonly string[]): Promise<PenLine[]> {
  const rows = (await readFile(file, 'utf8')).split(/\r?\n/);
  const lines = rows.flatMap((row, i) => {
    if (row.trim() === '') return [];
    try {
      const { text, strokes } = JSON.parse(row) as { text?: unknown; strokes?: unknown };
      if (typeof text !== 'string' || !isInk(strokes)) {
        throw new DataError('{ "text": "42", "strokes": [[[x, y], ...], ...] } is needed');
      }
      const ink: Ink = strokes.map((stroke) => stroke.map(([x, y]) => ({ x, y })));
      return [penLine(text, ink, symbols)];
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`${file}, line ${i + 1}: ${reason}`, { cause });
    }
  });
  if (lines.length === 0) throw new DataError(`${file} holds no lines of ink`);
  return lines;
}

const isInk = (value: unknown): value is [number, number][][] =>
  Array.isArray(value) &&
  value.every(
    (stroke) =>
      Array.isArray(stroke) && stroke.every((point) => Array.isArray(point) && point.length >= 2),
  );
