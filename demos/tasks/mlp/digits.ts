/** Pictures of digits: pen strokes that are slanted, turned, stretched and moved by chance, drawn as grey values. */
import { DataError, Random } from 'lethe';

export interface Picture {
  /** Grey values in [0, 1], row by row from the top. */
  readonly pixels: Float32Array;
  /** The digit. */
  readonly label: number;
}

/** How pictures are drawn. */
interface Drawing {
  /** Pixels in a row, and rows; 8 when left out. */
  readonly size?: number;
  /** Standard deviation of the noise; 0.15 when left out. */
  readonly noise?: number;
}

type Point = readonly [x: number, y: number];

/** The strokes of each digit through points of a square from (0, 0), at the upper left, to (4, 6). */
const STROKES: readonly string[] = [
  '20 11 02 04 15 26 35 44 42 31 20',
  '12 20 26',
  '02 11 20 31 42 33 24 15 06 46',
  '01 10 20 31 42 23 44 35 26 15 05',
  '30 04 44|30 36',
  '40 10 02 12 32 43 44 35 26 06',
  '30 11 03 05 16 36 45 34 13 04',
  '00 40 31 23 16',
  '20 01 12 33 45 36 16 05 13 32 41 20',
  '42 13 02 01 10 30 41 42 43 35 16',
];

const LINES = STROKES.map((text) =>
  text.split('|').map((stroke) => stroke.split(' ').map(([x, y]): Point => [+x / 4, +y / 6])),
);

/** `count` pictures, the digits in turn. */
export function drawnDigits(
  count: number,
  seed: number,
  { size = 8, noise = 0.15 }: Drawing = {},
): Picture[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => ({
    pixels: draw(i % 10, random, { size, noise }),
    label: i % 10,
  }));
}

function draw(digit: number, random: Random, { size, noise }: Required<Drawing>): Float32Array {
  const unit = size / 8;
  const about = (middle: number, spread: number) => middle + spread * (2 * random.uniform() - 1);
  const angle = about(0, 0.3);
  const slant = about(0.15, 0.3);
  const [width, height] = [about(4, 1), about(5.5, 1)];
  const [left, top] = [about(4, 1), about(4, 0.8)];
  const thickness = about(0.75, 0.2);
  const place = ([x, y]: Point): Point => {
    const [u, v] = [(x - 0.5 + slant * (0.5 - y)) * width, (y - 0.5) * height];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [
      unit * (left + u * cos - v * sin + about(0, 0.25)),
      unit * (top + u * sin + v * cos + about(0, 0.25)),
    ];
  };
  const lines = LINES[digit].map((stroke) => stroke.map(place));
  return Float32Array.from({ length: size * size }, (_, i) => {
    const pixel: Point = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
    const distance = Math.min(...lines.map((stroke) => distanceTo(stroke, pixel)));
    const ink = Math.min(1, Math.max(0, 1.3 * thickness - distance / unit));
    return Math.min(1, Math.max(0, ink + noise * random.normal()));
  });
}

/** From a point to the nearest place of a stroke. */
function distanceTo(stroke: readonly Point[], [x, y]: Point): number {
  let least = Infinity;
  for (let i = 1; i < stroke.length; i++) {
    const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
    const t = Math.min(1, Math.max(0, along));
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least;
}

/**
 * The pixels of a picture in characters: rows with # for ink and . for none, a / between them.
 *
 * @param size characters in a row, and rows.
 * @throws DataError for anything else.
 */
export function parsePicture(text: string, size: number): Float32Array {
  const rows = text.trim().split('/');
  if (rows.length !== size || rows.some((row) => row.length !== size || /[^#.]/.test(row))) {
    throw new DataError(
      `a picture of ${size} rows of ${size} characters is needed, # for ink and . for none, a / between rows`,
    );
  }
  return Float32Array.from(rows.join(''), (mark) => Number(mark === '#'));
}
