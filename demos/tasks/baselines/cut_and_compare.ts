/** Reading by cutting a line where no ink is, and comparing each piece with known pictures. */
import type { Line } from '../recognition/line';
import { nearestNeighbour } from './nearest_neighbour';

/** Pixels in a row of what is compared, and rows. */
const SIDE = 12;
/** Less is taken for noise. */
const INK = 0.4;

export interface Known {
  /** A picture of one label alone. */
  readonly line: Line;
  readonly label: number;
}

/**
 * A reader of lines, which gives the labels of the nearest pictures. A piece that is much wider than the median
 * picture is taken for several that touch, and cut into equal parts.
 *
 * @param space a label for a gap that is wider than a share of the rows.
 */
export function cutAndCompare(
  pictures: readonly Known[],
  space?: { readonly label: number; readonly gap: number },
): (line: Line) => number[] {
  const known = pictures.map(({ line, label }) => {
    const box = boxOf(line, 0, line.columns);
    return { width: box.right - box.left, label, pixels: normalised(line, box) };
  });
  const nearest = nearestNeighbour(known);
  const widths = known.map(({ width }) => width).sort((a, b) => a - b);
  const usual = widths[widths.length >> 1];
  return (line) => {
    const found = pieces(line);
    return found.flatMap(([from, to], i) => {
      const parts = Math.max(1, Math.round((to - from) / (1.15 * usual)));
      const cut = (k: number) => Math.round(from + ((to - from) * k) / parts);
      const labels = Array.from({ length: parts }, (_, k) =>
        nearest(normalised(line, boxOf(line, cut(k), cut(k + 1)))),
      );
      const gap = i > 0 ? (from - found[i - 1][1]) / line.rows : 0;
      return space && gap > space.gap ? [space.label, ...labels] : labels;
    });
  };
}

/** Runs of columns with ink, but for specks. */
function pieces({ rows, columns, ink }: Line): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from = -1;
  for (let x = 0; x <= columns; x++) {
    const inked = x < columns && ink.subarray(x * rows, (x + 1) * rows).some((v) => v > INK);
    if (inked && from < 0) from = x;
    if (inked || from < 0) continue;
    if (x - from > rows / 20) found.push([from, x]);
    from = -1;
  }
  return found;
}

type Box = Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>>;

/** What is inked between two columns. */
function boxOf({ rows, ink }: Line, from: number, to: number): Box {
  let [left, right, top, bottom] = [to, from, rows, 0];
  for (let x = from; x < to; x++) {
    for (let y = 0; y < rows; y++) {
      if (ink[x * rows + y] <= INK) continue;
      [left, right] = [Math.min(left, x), x + 1];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  return right > left
    ? { left, right, top, bottom }
    : { left: from, right: to, top: 0, bottom: rows };
}

/** A box brought to SIDE x SIDE pixels, its shape kept, in the middle; and where it stood, and how high it was. */
function normalised({ rows, ink }: Line, { left, right, top, bottom }: Box): Float32Array {
  const scale = Math.max(right - left, bottom - top) / SIDE;
  const [x0, y0] = [(left + right - SIDE * scale) / 2, (top + bottom - SIDE * scale) / 2];
  const pixels = new Float32Array(SIDE * SIDE + 2);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const x = Math.floor(x0 + ((i % SIDE) + 0.5) * scale);
    const y = Math.floor(y0 + (Math.floor(i / SIDE) + 0.5) * scale);
    if (x >= left && x < right && y >= top && y < bottom) pixels[i] = ink[x * rows + y];
  }
  // As much as a few pixels: a comma and an apostrophe differ in nothing else.
  pixels.set([(3 * top) / rows, (3 * bottom) / rows], SIDE * SIDE);
  return pixels;
}
