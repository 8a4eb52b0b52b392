/**
 * Fonts by code: the alphabet of centre-lines, drawn in a slant, width, weight and height of small letters of each
 * font's own. Those to test with lie outside of the ranges of those to learn from.
 */
import { Random } from 'lethe';

import { ALPHABET, curve } from '../pen/alphabet';
import type { Point, Stroke } from '../pen/alphabet';
import { inLineHeights } from './outlines';
import type { GlyphOutline, Outlines } from './outlines';

/** What tells a font from others. Lengths are in heights of a digit. */
interface Style {
  /** Sideways for each height upwards. */
  readonly slant: number;
  readonly width: number;
  /** Of half a line. */
  readonly weight: number;
  /** The top of small letters; 0.4 in the alphabet. */
  readonly small: number;
}

/** Least and most to learn from; what is held out lies up to as far again on either side. */
const RANGES: Readonly<Record<keyof Style, readonly [number, number]>> = {
  slant: [-0.05, 0.2],
  width: [0.85, 1.15],
  weight: [0.04, 0.07],
  small: [0.36, 0.46],
};
const BEYOND = 0.5;

/** The characters of these fonts. */
export const DRAWN = [' ', ...Object.keys(ALPHABET)];

/** @param heldOut draws two of the four properties from outside of the ranges. */
export function drawnFont(seed: number, heldOut: boolean): Outlines {
  const random = new Random(seed, Number(heldOut));
  const names = Object.keys(RANGES) as (keyof Style)[];
  const outside = new Set<string>();
  while (heldOut && outside.size < 2) outside.add(names[Math.floor(4 * random.uniform())]);
  const entries = names.map((name) => {
    const [least, most] = RANGES[name];
    const far = BEYOND * (most - least) * random.uniform();
    if (!outside.has(name)) return [name, least + (most - least) * random.uniform()];
    return [name, random.uniform() < 0.5 ? least - far : most + far];
  });
  const style = Object.fromEntries(entries) as unknown as Style;
  const serifs = random.uniform() < 0.4;
  const bend = 0.03 * random.uniform();
  const gap = 0.2 + 0.2 * random.uniform() + 2 * style.weight;
  const glyphs: Record<string, GlyphOutline> = {
    ' ': { advance: 0.6 * style.width, contours: [] },
  };
  for (const [character, forms] of Object.entries(ALPHABET)) {
    const form = forms[Math.floor(forms.length * random.uniform())];
    const strokes = form.map((stroke) =>
      stroke.map((knot) => ({
        ...knot,
        x: (knot.x + bend * random.normal()) * style.width,
        y: knot.y + bend * random.normal(),
      })),
    );
    glyphs[character] = drawnGlyph(strokes, style, { serifs, gap });
  }
  return inLineHeights({ name: `${heldOut ? 'held-out ' : ''}drawn font ${seed}`, glyphs });
}

function drawnGlyph(
  strokes: readonly Stroke[],
  { slant, weight, small }: Style,
  { serifs, gap }: { serifs: boolean; gap: number },
): GlyphOutline {
  const lines: Point[][] = strokes.map((stroke) => curve(stroke).filter(everyOther));
  if (serifs) {
    for (const stroke of strokes) {
      for (const end of [stroke[0], stroke[stroke.length - 1]]) lines.push(serif(end));
    }
  }
  const xs = lines.flat().map(({ x }) => x);
  const left = Math.min(...xs);
  // The line that is written on is at y 1 of the alphabet, and at 0 of an outline.
  const place = ({ x, y }: Point): Point => {
    const height =
      (y < 0.4 ? (y * small) / 0.4 : y < 1 ? 1 - ((1 - y) * (1 - small)) / 0.6 : y) - 1;
    return { x: x - left + gap / 2 - slant * height, y: height };
  };
  return {
    advance: Math.max(...xs) - left + gap,
    contours: lines.map((line) => outlined(line.map(place), weight)),
  };
}

const everyOther = (_: Point, i: number, { length }: readonly Point[]): boolean =>
  i % 2 === 0 || i === length - 1;

const serif = ({ x, y }: Point): Point[] => [
  { x: x - 0.1, y },
  { x: x + 0.1, y },
];

/** A line as thick as twice `half`: along its left side, and back along its right. */
function outlined(points: readonly Point[], half: number): number[] {
  const last = points.length - 1;
  const sides = points.map(({ x, y }, i) => {
    const [from, to] = [points[Math.max(0, i - 1)], points[Math.min(last, i + 1)]];
    const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    const [u, v] = [(half * (to.x - from.x)) / length, (half * (to.y - from.y)) / length];
    // Beyond its ends by half as much, so that a dot is one.
    const out = i === 0 ? -0.5 : i === last ? 0.5 : 0;
    return { left: [x + out * u + v, y + out * v - u], right: [x + out * u - v, y + out * v + u] };
  });
  return [
    ...sides.flatMap(({ left }) => left),
    ...sides.toReversed().flatMap(({ right }) => right),
  ];
}
