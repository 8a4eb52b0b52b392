/** Strings of digits on one line: pictures of digits side by side, scaled, slanted, moved, close or overlapping. */
import { Random } from 'lethe';

import type { Picture } from '../mlp/digits';
import { addNoise } from '../recognition/line';
import type { Line } from '../recognition/line';

/** Pictures of each digit. */
export type Pool = readonly (readonly Picture[])[];

export interface DigitString {
  readonly digits: readonly number[];
  readonly line: Line;
}

export const poolOf = (pictures: readonly Picture[]): Pool =>
  Array.from({ length: 10 }, (_, digit) => pictures.filter(({ label }) => label === digit));

/** A picture as it is, row by row, as a line. */
export function lineOf(pixels: Float32Array): Line {
  const rows = Math.sqrt(pixels.length);
  const ink = pixels.map((_, i) => pixels[(i % rows) * rows + Math.floor(i / rows)]);
  return { rows, columns: rows, ink };
}

/** `count` strings of one to `longest` digits; `wild` as of `writeDigits`. */
export function digitStrings(
  count: number,
  pool: Pool,
  { longest, seed, wild = 1 }: { longest: number; seed: number; wild?: number },
): DigitString[] {
  const random = new Random(seed);
  const below = (n: number): number => Math.floor(n * random.uniform());
  return Array.from({ length: count }, () => {
    const digits = Array.from({ length: 1 + below(longest) }, () => below(10));
    return { digits, line: writeDigits(digits, pool, random, wild) };
  });
}

/**
 * A line as high as the pictures of the pool.
 *
 * @param wild widens the ranges of slant, size and place by this factor; 1 are those that are tested with.
 */
export function writeDigits(digits: readonly number[], pool: Pool, random: Random, wild = 1): Line {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  const about = (middle: number, spread: number) => between(middle - spread, middle + spread);
  const rows = Math.sqrt(pool[digits[0]][0].pixels.length);
  const slant = about(0, 0.2 * wild);
  const size = about(0.92, 0.12 * wild);
  const patches = digits.map((digit) => {
    const pictures = pool[digit];
    const { pixels } = pictures[Math.floor(pictures.length * random.uniform())];
    const scale = size * about(1, 0.1 * wild);
    return patchOf(pixels, rows, {
      slant: leanOf(pixels, rows) + slant + about(0, 0.1 * wild),
      width: scale * about(1, 0.1 * wild),
      height: scale,
      lift: rows * about(0, 0.06 * wild),
    });
  });
  const margin = (): number => Math.round(rows * between(0.05, 0.25));
  const starts: number[] = [];
  let columns = margin();
  for (const [i, patch] of patches.entries()) {
    // Digits may overlap, but none so far that it hides in its neighbour.
    const most = i > 0 ? 0.2 * Math.min(patch.columns, patches[i - 1].columns) : 0;
    starts.push(i > 0 ? columns + Math.round(between(-most, 0.15 * rows)) : columns);
    columns = starts[i] + patch.columns;
  }
  columns += margin();
  const ink = new Float32Array(columns * rows);
  for (const [i, patch] of patches.entries()) {
    const from = starts[i] * rows;
    for (const [j, value] of patch.ink.entries()) ink[from + j] = Math.max(ink[from + j], value);
  }
  const line = { rows, columns, ink };
  addNoise(line, between(0, 0.1), random);
  return line;
}

/**
 * Columns that a picture leans to the right for each row downwards, by the second moments of its ink. One hand
 * writes a line, and pictures are of many: they are set upright first, and then given the slant of the line.
 *
 * Source: LeCun, Bottou, Bengio and Haffner (1998), which calls it deslanting.
 */
function leanOf(pixels: Float32Array, rows: number): number {
  let [ink, sumX, sumY, sumXY, sumYY] = [0, 0, 0, 0, 0];
  for (const [i, value] of pixels.entries()) {
    const [x, y] = [i % rows, Math.floor(i / rows)];
    ink += value;
    sumX += value * x;
    sumY += value * y;
    sumXY += value * x * y;
    sumYY += value * y * y;
  }
  return (sumXY - (sumX * sumY) / ink) / (sumYY - sumY ** 2 / ink || 1);
}

/** A picture that is slanted, scaled about its middle and moved, without the empty columns at its sides. */
function patchOf(
  pixels: Float32Array,
  rows: number,
  { slant, width, height, lift }: Record<'slant' | 'width' | 'height' | 'lift', number>,
): Line {
  const middle = (rows - 1) / 2;
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= rows || y >= rows ? 0 : pixels[y * rows + x];
  const columns = 2 * rows;
  const ink = new Float32Array(columns * rows);
  let [first, last] = [columns, -1];
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      const v = (y - middle - lift) / height;
      const u = (x - rows) / width + slant * v + middle;
      const [left, top] = [Math.floor(u), Math.floor(v + middle)];
      const [right, down] = [u - left, v + middle - top];
      const value =
        (1 - down) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
        down * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1));
      ink[x * rows + y] = value;
      if (value < 0.2) continue;
      first = Math.min(first, x);
      last = x;
    }
  }
  return { rows, columns: last - first + 1, ink: ink.subarray(first * rows, (last + 1) * rows) };
}
