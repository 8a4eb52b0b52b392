import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError, Random } from 'lethe';

import type { Ink } from './hand';
import { drawText, penLine } from './lines';
import type { PenLine } from './lines';
import { parseStrokeFont, writeInFont } from './stroke_font';

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

/** Lines in each font, and the seed of their texts. */
const [LINES, SEED] = [20, 5];

/**
 * The same twenty texts in each of the single-line fonts of a folder (`*.svg`), in the order of their names.
 *
 * @throws DataError for a folder without fonts, naming a file that is none.
 */
export async function readStrokeFonts(
  folder: string,
  symbols: readonly string[],
): Promise<PenLine[]> {
  const files = (await readdir(folder)).filter((file) => /\.svg$/i.test(file)).sort();
  if (files.length === 0) {
    throw new DataError(
      `${folder} has no SVG fonts; give a folder of them, or a file of ink: npm install --no-save hersheytext has ` +
        'some in node_modules/hersheytext/svg_fonts',
    );
  }
  const lines = await Promise.all(
    files.map(async (name) => {
      const file = join(folder, name);
      try {
        const font = parseStrokeFont(await readFile(file, 'utf8'), symbols);
        return Array.from({ length: LINES }, (_, line) => {
          const text = drawText(symbols, new Random(SEED, line));
          return penLine(text, writeInFont(text, font), symbols);
        });
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new DataError(`${file}: ${reason}`, { cause });
      }
    }),
  );
  return lines.flat();
}

/** What `source` holds, a file of ink or a folder of fonts. */
export async function readTest(source: string, symbols: readonly string[]): Promise<PenLine[]> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new DataError(`${source} cannot be read; give a file of ink, or a folder of SVG fonts`, {
      cause,
    });
  });
  return found.isDirectory() ? readStrokeFonts(source, symbols) : readInk(source, symbols);
}

const isInk = (value: unknown): value is [number, number][][] =>
  Array.isArray(value) &&
  value.every(
    (stroke) =>
      Array.isArray(stroke) && stroke.every((point) => Array.isArray(point) && point.length >= 2),
  );
