/** Text in an outline font as a picture of one line. */
import type { Random } from 'lethe';

import { addNoise } from '../recognition/line';
import type { Line } from '../recognition/line';
import type { Outlines } from './outlines';

/** Pixels from top to bottom. */
export const ROWS = 24;
/** Scan lines in a pixel. */
const FINE = 4;

/** A polygon of points one after the other, x1 y1 x2 y2 ..., in pixels. */
type Polygon = readonly number[];

/**
 * A text as high as a line, its size, slant, width and place a little different each time, and noise over it.
 *
 * @param text of characters that the font has.
 */
export function drawText(text: string, { glyphs }: Outlines, random: Random): Line {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const size = ROWS * between(0.66, 0.84);
  const stretch = size * between(0.85, 1.15);
  const slant = stretch * between(-0.12, 0.12);
  // From the top of h to the line is 0.72 of the height or so.
  const baseline = ROWS / 2 + 0.22 * size + between(-1, 1);
  const tracking = between(-0.01, 0.04);
  const polygons: Polygon[] = [];
  let left = between(1, 6);
  let right = left;
  for (const character of text) {
    const { advance, contours } = glyphs[character];
    for (const contour of contours) {
      const polygon = contour.map((value, i) =>
        i % 2 === 0 ? left + value * stretch - contour[i + 1] * slant : baseline + value * size,
      );
      polygons.push(polygon);
      for (let i = 0; i < polygon.length; i += 2) right = Math.max(right, polygon[i]);
    }
    left += (advance + tracking) * stretch;
  }
  const line = fill(polygons, Math.ceil(Math.max(left, right) + between(1, 6)));
  addNoise(line, between(0, 0.12), random);
  return line;
}

/** The inside of polygons by the non-zero rule: exact along a scan line, of which a pixel has several. */
function fill(polygons: readonly Polygon[], columns: number): Line {
  const ink = new Float32Array(columns * ROWS);
  const crossings: { x: number; up: boolean }[][] = Array.from({ length: ROWS * FINE }, () => []);
  for (const polygon of polygons) {
    for (let i = 0; i < polygon.length; i += 2) {
      const j = (i + 2) % polygon.length;
      cross(crossings, [polygon[i], polygon[i + 1]], [polygon[j], polygon[j + 1]]);
    }
  }
  for (const [scan, line] of crossings.entries()) {
    line.sort((a, b) => a.x - b.x);
    const row = Math.floor(scan / FINE);
    let winding = 0;
    for (const [i, { x, up }] of line.entries()) {
      winding += up ? 1 : -1;
      if (winding !== 0) cover(ink, row, x, line[i + 1].x);
    }
  }
  return { rows: ROWS, columns, ink };
}

/** Where an edge meets the middles of scan lines. */
function cross(
  crossings: readonly { x: number; up: boolean }[][],
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): void {
  const up = y2 < y1;
  const [top, bottom] = up ? [y2, y1] : [y1, y2];
  const first = Math.max(0, Math.ceil(top * FINE - 0.5));
  const end = Math.min(crossings.length, Math.ceil(bottom * FINE - 0.5));
  for (let scan = first; scan < end; scan++) {
    const along = ((scan + 0.5) / FINE - y1) / (y2 - y1);
    crossings[scan].push({ x: x1 + along * (x2 - x1), up });
  }
}

/** Adds a span of one scan line. */
function cover(ink: Float32Array, row: number, from: number, to: number): void {
  const columns = ink.length / ROWS;
  const [start, end] = [Math.max(0, from), Math.min(columns, to)];
  for (let x = Math.floor(start); x < end; x++) {
    ink[x * ROWS + row] += (Math.min(end, x + 1) - Math.max(start, x)) / FINE;
  }
}
