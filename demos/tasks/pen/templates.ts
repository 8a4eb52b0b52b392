/** The baseline: a line is cut between strokes that lie apart, and each piece is compared with templates. */
import { Random } from 'lethe';

import { nearestNeighbour } from '../baselines/nearest_neighbour';
import type { Point } from './alphabet';
import { drawHand, write } from './hand';
import type { Ink } from './hand';
import { arranged, equallySpaced, extent, overlap } from './ink';

/** Points that stand for a symbol. */
const POINTS = 24;
/** Hands that the templates of each symbol come from. */
const HANDS = 60;

/**
 * A reader of lines by nearest templates: each symbol as many hands write it alone.
 *
 * @returns the class of each piece of a line: 1 for the first symbol.
 */
export function templateReader(symbols: readonly string[]): (ink: Ink) => number[] {
  const random = new Random(1, 2);
  const templates = symbols.flatMap((symbol, i) =>
    Array.from({ length: HANDS }, () => {
      const ink = write(symbol, drawHand(random), random);
      return { pixels: shapeOf(arranged(ink)), label: i + 1 };
    }),
  );
  const nearest = nearestNeighbour(templates);
  return (ink) => pieces(arranged(ink)).map((piece) => nearest(shapeOf(piece)));
}

/** Strokes that lie over each other belong together. */
function pieces(strokes: readonly Point[][]): Point[][][] {
  const cut: Point[][][] = [];
  for (const stroke of strokes) {
    const last = cut.at(-1);
    if (last && overlap(stroke, last.flat()) > 0.2) last.push(stroke);
    else cut.push([stroke]);
  }
  return cut;
}

/** Points at equal distances along the pen's way, their box in the middle and of height 1. */
function shapeOf(strokes: readonly Point[][]): Float32Array {
  const { left, top, width, height } = extent(strokes);
  const scale = 1 / (Math.max(height, width) || 1);
  const way = strokes.flat();
  const along = equallySpaced(way, lengthOf(way) / (POINTS - 1));
  const shape = new Float32Array(2 * POINTS);
  for (let i = 0; i < POINTS; i++) {
    const { x, y } = along[Math.min(i, along.length - 1)];
    shape.set([(x - left - width / 2) * scale, (y - top - height / 2) * scale], 2 * i);
  }
  return shape;
}

const lengthOf = (points: readonly Point[]): number =>
  points.reduce(
    (sum, { x, y }, i) =>
      i === 0 ? 0 : sum + Math.hypot(x - points[i - 1].x, y - points[i - 1].y),
    0,
  );
