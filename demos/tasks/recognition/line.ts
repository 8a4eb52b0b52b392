/** Pictures of a line of writing, as a recogniser reads them: column by column from the left. */
import { Random } from 'lethe';

/** Column x of a picture is at `ink[x * rows]`, from the top; 0 is paper and 1 ink. */
export interface Line {
  readonly rows: number;
  readonly columns: number;
  /** [columns, rows] */
  readonly ink: Float32Array;
}

/** How columns become frames. */
export interface Windows {
  /** Columns that a frame sees. */
  readonly width: number;
  /** Columns from one frame to the next. */
  readonly stride: number;
}

/** Frames of [time, width rows]: a window of columns each, with paper around the picture. */
export function lineFrames({ rows, columns, ink }: Line, { width, stride }: Windows): Float32Array {
  const time = Math.ceil(columns / stride);
  const frames = new Float32Array(time * width * rows);
  const before = (width - stride) >> 1;
  for (let t = 0; t < time; t++) {
    for (let i = 0; i < width; i++) {
      const column = t * stride - before + i;
      if (column < 0 || column >= columns) continue;
      frames.set(ink.subarray(column * rows, (column + 1) * rows), (t * width + i) * rows);
    }
  }
  return frames;
}

/** Noise that is drawn once, so that millions of pixels need not wait for it; a prime number of values. */
const GRAIN = Float32Array.from(
  { length: 8191 },
  (
    (random) => () =>
      random.normal()
  )(new Random(0)),
);

/** Adds noise of a standard deviation to a picture, and keeps it within 0 and 1. */
export function addNoise({ ink }: Line, deviation: number, random: Random): void {
  const start = Math.floor(GRAIN.length * random.uniform());
  for (let i = 0; i < ink.length; i++) {
    ink[i] = Math.min(1, Math.max(0, ink[i] + deviation * GRAIN[(start + i) % GRAIN.length]));
  }
}

/** The bit of each dot of a Braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A picture as lines of text, in Braille characters of 2 x 4 pixels. */
export function textArt({ rows, columns, ink }: Line): string[] {
  const dark = (x: number, y: number): boolean =>
    x < columns && y < rows && ink[x * rows + y] > 0.4;
  return Array.from({ length: Math.ceil(rows / 4) }, (_, top) =>
    Array.from({ length: Math.ceil(columns / 2) }, (_, left) => {
      const bits = DOTS.flatMap((column, x) =>
        column.filter((_, y) => dark(2 * left + x, 4 * top + y)),
      );
      return String.fromCodePoint(bits.reduce((sum, bit) => sum + bit, 0x2800));
    }).join(''),
  );
}
