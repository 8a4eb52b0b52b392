/** Single-line fonts, as plotters draw them: SVG fonts whose paths are what a pen does. */
import { DataError } from 'lethe';

import type { Ink } from './hand';

interface StrokeGlyph {
  readonly strokes: Ink;
  /** From its beginning to that of the next one. */
  readonly advance: number;
}

/** Glyphs of symbols, in the font's units, y downwards. */
export type StrokeFont = ReadonlyMap<string, StrokeGlyph>;

/**
 * Reads an SVG font.
 *
 * @param symbols all of them are to have a glyph; others are passed over.
 * @throws DataError for a symbol without a glyph, and for a path that has more than moves and lines (M and L).
 */
export function parseStrokeFont(svg: string, symbols: readonly string[]): StrokeFont {
  const font = new Map<string, StrokeGlyph>();
  const usual = /<font\b[^>]*\bhoriz-adv-x="([^"]*)"/.exec(svg)?.[1];
  for (const [tag] of svg.matchAll(/<glyph\b[^>]*>/g)) {
    const attribute = (name: string): string | undefined =>
      new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
    const symbol = attribute('unicode');
    if (symbol === undefined || !symbols.includes(symbol)) continue;
    const advance = Number(attribute('horiz-adv-x') ?? usual);
    if (!Number.isFinite(advance)) throw new DataError(`"${symbol}" has no horiz-adv-x`);
    font.set(symbol, { strokes: strokesOf(symbol, attribute('d') ?? ''), advance });
  }
  const missing = symbols.find((symbol) => !font.has(symbol));
  if (missing !== undefined) {
    throw new DataError(`there is no <glyph unicode="${missing}">; an SVG font is needed`);
  }
  return font;
}

function strokesOf(symbol: string, path: string): Ink {
  if (!/^\s*(M[-+.,\deML\s]*)?$/.test(path)) {
    throw new DataError(`the path of "${symbol}" has more than M and L: ${path.slice(0, 40)}`);
  }
  const strokes: { x: number; y: number }[][] = [];
  for (const [, command, rest] of path.matchAll(/([ML])([^ML]*)/g)) {
    if (command === 'M') strokes.push([]);
    const numbers = rest.match(/[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/g) ?? [];
    if (numbers.length % 2 !== 0) {
      throw new DataError(
        `the path of "${symbol}" has a point without y: ${command}${rest.slice(0, 40)}`,
      );
    }
    for (let i = 0; i + 1 < numbers.length; i += 2) {
      strokes.at(-1)!.push({ x: Number(numbers[i]), y: -Number(numbers[i + 1]) });
    }
  }
  return strokes;
}

/** A line of text in a font: of its symbols alone. */
export function writeInFont(text: string, font: StrokeFont): Ink {
  let left = 0;
  return Array.from(text).flatMap((symbol) => {
    const { strokes, advance } = font.get(symbol)!;
    const from = left;
    left += advance;
    return strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: from + x, y })));
  });
}
