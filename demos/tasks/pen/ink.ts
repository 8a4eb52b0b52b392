/** Ink as the frames that a recogniser reads: the same for what code writes and for a visitor's pen. */
import { ArgumentError } from 'lethe';

import type { Point } from './alphabet';
import { arcLengths } from './hand';
import type { Ink } from './hand';

/** Between the points that are looked at, in heights of the line. */
const SPACING = 0.1;
/** Of each move of the pen: dx, dy, whether it was lifted, and the height where it ends. */
const MOVE = 4;
/** Moves in a frame. */
const MOVES = 2;

/** Numbers in a frame. */
export const FEATURES = MOVE * MOVES;

/**
 * Frames of handwriting: the line is brought to height 1 and laid level, late strokes are put behind the stroke
 * that they lie over, each stroke is taken downwards or to the right, and the pen's way is divided into moves of equal
 * length. Where it was lifted, a move leads to the next stroke. Place, size, speed, direction and number of points make
 * little difference, or none.
 *
 * @param ink strokes of the pen in any unit, y downwards. Empty strokes count nothing.
 * @returns [time, FEATURES]; no frame where nothing was written.
 * @throws ArgumentError for a point that is no pair of finite numbers, by the numbers of stroke and point.
 */
export function strokesToFrames(ink: Ink): Float32Array {
  check(ink);
  const moves: number[] = [];
  let last: Point | undefined;
  for (const stroke of arranged(ink)) {
    for (const [i, point] of equallySpaced(steady(stroke), SPACING).entries()) {
      const lifted = i === 0;
      const scale = lifted ? 1 : 1 / SPACING;
      const [dx, dy] = last ? [(point.x - last.x) * scale, (point.y - last.y) * scale] : [0, 0];
      moves.push(limited(dx), limited(dy), lifted ? 1 : 0, point.y - 0.5);
      last = point;
    }
  }
  const frames = new Float32Array(Math.ceil(moves.length / FEATURES) * FEATURES);
  frames.set(moves);
  return frames;
}

/** Points nearer than this to the one before, in heights of the line, are a hand that lingers. */
const TREMBLE = 0.03;

/** Without the points that would make the pen's way longer than it looks; the last one stays. */
function steady(stroke: readonly Point[]): Point[] {
  const kept = [stroke[0]];
  for (const point of stroke) {
    const { x, y } = kept[kept.length - 1];
    if (Math.hypot(point.x - x, point.y - y) >= TREMBLE) kept.push(point);
  }
  const last = stroke[stroke.length - 1];
  return kept[kept.length - 1] === last ? kept : [...kept, last];
}

const limited = (value: number): number => Math.max(-2, Math.min(2, value));

function check(ink: Ink): void {
  for (const [s, stroke] of ink.entries()) {
    const i = stroke.findIndex(({ x, y }) => !(Number.isFinite(x) && Number.isFinite(y)));
    if (i < 0) continue;
    const { x, y } = stroke[i];
    throw new ArgumentError(
      `strokesToFrames: point ${i} of stroke ${s} is (${x}, ${y}); two finite numbers are needed`,
    );
  }
}

/** Strokes in a line of height 1, from 0 at its top, in the order and direction of reading. */
export function arranged(ink: Ink): Point[][] {
  return inReadingOrder(level(ink.filter((stroke) => stroke.length > 0))).map(directed);
}

/** Of its width and height together, how near the ends of a stroke are that is closed. */
const CLOSED = 0.15;

/**
 * A stroke as if it were written downwards, or to the right: people write in other directions. One that is closed
 * begins at its top, to the left.
 */
function directed(stroke: readonly Point[]): Point[] {
  const [first, last] = [stroke[0], stroke[stroke.length - 1]];
  const { width, height } = extent([stroke]);
  if (Math.hypot(last.x - first.x, last.y - first.y) > CLOSED * (width + height)) {
    const onwards = last.y - first.y + (last.x - first.x) / 2 >= 0;
    return onwards ? [...stroke] : [...stroke].reverse();
  }
  const ys = stroke.map(({ y }) => y);
  const top = ys.indexOf(Math.min(...ys));
  const round = [...stroke.slice(top), ...stroke.slice(0, top), stroke[top]];
  const { x } = round[Math.floor(round.length / 8)];
  return x <= round[0].x ? round : round.reverse();
}

/** Lines that are at least this many times as wide as high are laid level; shorter ones have no direction. */
const WIDE = 2;

/** Without the climb of the line, its top at 0, its bottom at 1. */
function level(ink: Ink): Point[][] {
  const spacing = extent(ink).height / 20;
  const even = ink.map((stroke) => equallySpaced(stroke, spacing));
  const box = extent(even);
  const climb = box.width > WIDE * box.height ? slope(even.flat()) : 0;
  const straight = ink.map((stroke) => stroke.map(({ x, y }) => ({ x, y: y - climb * x })));
  const { left, top, width, height } = extent(straight);
  // A dash is a line of little height, not one of giant letters.
  const scale = 1 / (Math.max(height, width / 10) || 1);
  return straight.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: (x - left) * scale, y: (y - top) * scale })),
  );
}

export function extent(ink: Ink): { left: number; top: number; width: number; height: number } {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of ink.flat()) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** dy / dx of the least squares line. */
function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [mx, my] = [mean(({ x }) => x), mean(({ y }) => y)];
  return mean(({ x, y }) => (x - mx) * (y - my)) / mean(({ x }) => (x - mx) ** 2);
}

/** A stroke that lies over one before the last, such as the dot of an i set late, comes behind that one. */
function inReadingOrder(strokes: readonly Point[][]): Point[][] {
  const ordered: Point[][] = [];
  for (const stroke of strokes) {
    const shares = ordered.map((other) => overlap(stroke, other));
    const place = shares.lastIndexOf(Math.max(...shares, 0));
    const late = place >= 0 && shares[place] > 0.5;
    ordered.splice(late ? place + 1 : ordered.length, 0, stroke);
  }
  return ordered;
}

/** The share of the narrower one's width that both have in common; a dot has some width too. */
export function overlap(a: readonly Point[], b: readonly Point[]): number {
  const [p, q] = [extent([a]), extent([b])];
  const least = 0.1;
  const [pw, qw] = [Math.max(p.width, least), Math.max(q.width, least)];
  const [pl, ql] = [p.left + (p.width - pw) / 2, q.left + (q.width - qw) / 2];
  const common = Math.min(pl + pw, ql + qw) - Math.max(pl, ql);
  return common / Math.min(pw, qw);
}

/** Points along a stroke at equal distances, its ends among them; the distance is `spacing` or a little less. */
export function equallySpaced(stroke: readonly Point[], spacing: number): Point[] {
  const at = arcLengths(stroke);
  const length = at[at.length - 1];
  const pieces = spacing > 0 ? Math.ceil(length / spacing) : 0;
  if (pieces === 0) return [stroke[0]];
  const points: Point[] = [];
  let i = 0;
  for (let k = 0; k <= pieces; k++) {
    const goal = (length * k) / pieces;
    while (i < at.length - 2 && at[i + 1] < goal) i++;
    const share = at[i + 1] > at[i] ? (goal - at[i]) / (at[i + 1] - at[i]) : 0;
    const [a, b] = [stroke[i], stroke[i + 1]];
    points.push({ x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) });
  }
  return points;
}
