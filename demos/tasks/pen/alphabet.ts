/**
 * An alphabet of centre-lines: how a pen goes to write the digits and the lower-case letters, in print. Common
 * forms of a symbol stand beside each other: a 7 with a bar and one without, a 4 in one stroke and in two.
 *
 * Units are the height of a digit: y is 0 at the top of digits and tall letters, 0.4 at the top of small ones,
 * 1 on the line, 1.4 at the bottom of tails; x begins near 0, to the right.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point that a stroke passes through: smoothly, or with a corner. */
export interface Knot extends Point {
  readonly corner: boolean;
}

/** What is written without lifting the pen. */
export type Stroke = readonly Knot[];

/** One form of a symbol: its strokes in the order of writing. */
export type Glyph = readonly Stroke[];

// Strokes are divided by a slash, points by a space; x,y in tenths, ^ behind a corner.
const FORMS: Readonly<Record<string, readonly string[]>> = {
  0: [
    '3,0 1,1.5 0,5 1,8.5 3,10 5,8.5 6,5 5,1.5 3,0',
    '4,0.4 2,0.3 0.6,2.2 0.2,5.5 1.2,9 3,10 5,8.4 5.6,5 4.8,1.6 3,0.2',
    '3,0 1,1.5 0,5 1,8.5 3,10 5,8.5 6,5 5,1.5 3,0/5.6,0.6 0.6,9.4',
  ],
  1: ['0,0 0,10', '0,3 2.5,0^ 2.5,10', '0,2 2,0^ 2,10/0,10 4,10', '1,0.8 2,0^ 2,10/0.3,10 3.7,10'],
  2: [
    '0,2.5 1,0.6 3,0 5,1 5.5,3 4,6 0,10^ 6,10',
    '0,2.5 1,0.5 3,0 5,1 5.3,3 4,6 1.5,9 0.4,9.8 0,9 1,8.6 3,9.6 6,10',
  ],
  3: [
    '0,1.2 1.5,0.1 3.5,0 5,1.2 4.8,3.4 2,4.8^ 4.8,5.6 5.6,7.6 4.5,9.6 2.5,10 0,9',
    '0,0 5,0^ 2,4.2^ 4.8,5.2 5.6,7.4 4.5,9.5 2.5,10 0,9',
  ],
  4: [
    '1.5,0 0,6.2^ 6,6.2/4.5,3.5 4.2,10',
    '4.5,10 4.5,0^ 0,6.8^ 6.2,6.8',
    '4.5,0 0,6.8^ 6.2,6.8/4.5,0 4.5,10',
  ],
  5: [
    '1,0 0.6,4.4^ 3,3.8 5.2,5 5.6,7.4 4.2,9.6 2,10 0,9/1,0 5.4,0',
    '5.4,0 1,0^ 0.6,4.4^ 3,3.8 5.2,5 5.6,7.4 4.2,9.6 2,10 0,9',
  ],
  6: [
    '4.5,0 2,2 0.3,5 0,7.6 1.2,9.7 3.2,10 5,8.6 5,6.4 3.4,5.2 1.4,5.8 0.1,7.6',
    '3.6,0 1.2,4.6 0.1,8 1.4,9.9 3.6,9.8 4.8,8 4,6 2.2,5.8 0.4,7.4',
  ],
  7: ['0,0 5.6,0^ 2,10', '0,0 5.6,0^ 2,10/1.4,5 5,5', '0,1.8 0.2,0^ 5.6,0^ 3.6,4 2.4,10'],
  8: [
    '5.2,1.6 3,0 0.6,1.2 0.9,3.4 3,4.8 5.2,6.4 5.5,8.4 3,10 0.4,8.6 0.7,6.4 3,4.8 5,3.4 5.2,1.6',
    '3,0 0.8,1 0.8,3.6 3,4.7 5.1,3.6 5.1,1 3,0/3,4.7 0.4,6 0.4,8.8 3,10 5.6,8.8 5.6,6 3,4.7',
    '3,4.7 0.8,3.4 0.9,1 3,0 5,1 4.9,3.4 3,4.7 0.6,6.4 0.4,8.6 3,10 5.5,8.6 5.2,6.4 3,4.7',
  ],
  9: [
    '5,1.8 3.4,0 1,0.6 0,2.6 0.8,4.6 2.8,5 4.6,3.8 5.1,1.4^ 5,10',
    '5,1.8 3.4,0 1,0.6 0,2.6 0.8,4.6 2.8,5 4.6,3.8 5.1,1.4^ 5.3,5 4.6,8.6 2.6,10 0.6,9.4',
    '5,4.2 3,5.1 0.9,4.4 0.1,2.6 1,0.7 3,0 4.8,0.8 5.3,3 5,6 4,8.4 2,10',
    '4.8,4.4 2.8,5 0.6,4.2 0.1,2.4 1.2,0.4 3.2,0 4.8,1.2 5.2,3.4 5,10',
  ],
  a: [
    '4.6,5 3,4 1,4.6 0,7 0.8,9.4 2.6,10 4.4,8.4 4.8,4.2^ 4.8,10',
    '0.5,5.2 2.4,4 4.3,5 4.6,10/4.5,6.6 1.6,6.8 0.2,8.4 1.4,10 3.4,9.6 4.6,8',
  ],
  b: ['0,0 0,10^ 0,6 2.2,4 4.4,5 4.8,7.2 3.8,9.6 2,10 0,8.6'],
  c: ['4.4,5 2.8,4 0.8,4.8 0,7 0.8,9.2 2.8,10 4.5,9'],
  d: [
    '4.6,5 3,4 1,4.6 0,7 0.8,9.4 2.6,10 4.4,8.4 4.8,0^ 4.8,10',
    '4.6,5 3,4 1,4.6 0,7 0.8,9.4 2.6,10 4.6,8.4/4.8,0 4.8,10',
  ],
  e: ['0.2,7 4.8,6.6^ 4.2,4.8 2.6,4 0.8,4.9 0,7 0.8,9.2 2.8,10 4.7,9'],
  f: ['4,0.8 2.8,0 1.6,1 1.4,3 1.4,10/0,4 3.4,4'],
  g: ['4.6,5 3,4 1,4.6 0,7 0.8,9.2 2.6,9.8 4.4,8.4 4.8,4.2^ 4.8,11 4,13.4 2,14 0.4,13'],
  h: ['0,0 0,10^ 0,6.5 1.4,4.4 3.2,4.1 4.4,5.4 4.5,10'],
  i: ['0,4 0,10/0,1.6 0.1,2'],
  j: ['1.8,4 1.8,11.5 1,13.6 0,13.8/1.8,1.6 1.9,2'],
  k: ['0,0 0,10/4,4 0,7.4^ 4.4,10'],
  l: ['0,0 0,10', '0,0 0,8.6 0.8,10 2,9.8'],
  m: ['0,4 0,10^ 0,6 1.2,4.3 2.4,4.2 3.2,5.4 3.3,10^ 3.3,6 4.5,4.3 5.8,4.2 6.6,5.4 6.7,10'],
  n: ['0,4 0,10^ 0,6.2 1.4,4.4 3.2,4.1 4.4,5.4 4.5,10'],
  o: ['2.5,4 0.7,4.9 0,7 0.7,9.1 2.5,10 4.3,9.1 5,7 4.3,4.9 2.5,4'],
  p: ['0,4 0,14^ 0,6 2.2,4 4.4,5 4.8,7.2 3.8,9.4 2,10 0,8.6'],
  q: [
    '4.6,5 3,4 1,4.6 0,7 0.8,9.2 2.6,9.8 4.4,8.4 4.8,4.2^ 4.8,14^ 6.2,12.4',
    '4.6,5 3,4 1,4.6 0,7 0.8,9.2 2.6,9.8 4.4,8.4 4.8,4.2^ 4.8,14/3.6,12 6.2,12',
  ],
  r: ['0,4 0,10^ 0,6.4 1.2,4.6 3,4.1'],
  s: ['4,4.8 2.4,4 0.6,4.8 0.8,6.4 2.4,7 4,7.8 4,9.3 2.2,10 0,9.2'],
  t: ['1.6,1.5 1.6,8.6 2.4,10 3.8,9.6/0,4 3.4,4', '1.6,1.5 1.6,10/0,4 3.4,4'],
  u: ['0,4 0,8 1,9.8 2.8,9.9 4.3,8 4.4,4^ 4.4,10'],
  v: ['0,4 2.3,10^ 4.6,4'],
  w: [
    '0,4 1.7,10^ 3.3,5^ 4.9,10^ 6.6,4',
    '0,4 0.4,8.6 1.8,10 3.1,8.4 3.3,5^ 3.6,8.6 5,10 6.3,8.4 6.6,4',
  ],
  x: ['0,4 4.5,10/4.5,4 0,10'],
  y: [
    '0,4 2.3,9.6/4.6,4 1,14',
    '0,4 0,7.6 1,9.3 2.8,9.4 4.3,7.8 4.4,4^ 4.4,11 3.6,13.6 1.8,14 0.4,13.2',
  ],
  z: ['0,4 4.4,4^ 0,10^ 4.6,10', '0,4 4.4,4^ 0,10^ 4.6,10/1,7 3.8,7'],
};

const parseStroke = (text: string): Stroke =>
  text.split(' ').map((point) => {
    const [x, y] = point.split(',').map((number) => parseFloat(number) / 10);
    return { x, y, corner: point.endsWith('^') };
  });

/** The forms of each symbol. */
export const ALPHABET: Readonly<Record<string, readonly Glyph[]>> = Object.fromEntries(
  Object.entries(FORMS).map(([symbol, forms]) => [
    symbol,
    forms.map((form) => form.split('/').map(parseStroke)),
  ]),
);

export const DIGITS: readonly string[] = Array.from('0123456789');
export const LETTERS: readonly string[] = Array.from('abcdefghijklmnopqrstuvwxyz');

/** Points along each piece of a curve. */
const PIECES = 8;

/**
 * The line through the knots of a stroke, about 0.03 from point to point: a Catmull-Rom spline from corner to corner
 * (centripetal, so that it makes no loops).
 */
export function curve(stroke: Stroke): Point[] {
  const points: Point[] = [];
  let from = 0;
  for (let to = 1; to < stroke.length; to++) {
    if (!stroke[to].corner && to < stroke.length - 1) continue;
    if (to === from + 1) points.push(...line(stroke[from], stroke[to]));
    else points.push(...spline(stroke.slice(from, to + 1)));
    from = to;
  }
  const { x, y } = stroke[stroke.length - 1];
  return [...points, { x, y }];
}

/** Without its last point. */
function line(a: Point, b: Point): Point[] {
  return Array.from({ length: PIECES }, (_, i) => mix(a, b, i / PIECES));
}

function spline(knots: readonly Point[]): Point[] {
  const points: Point[] = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const [b, c] = [knots[i], knots[i + 1]];
    // Beyond its ends a curve goes on as it came.
    const a = knots[i - 1] ?? mix(b, c, -1);
    const d = knots[i + 2] ?? mix(b, c, 2);
    const t1 = gap(a, b);
    const t2 = t1 + gap(b, c);
    const t3 = t2 + gap(c, d);
    for (let k = 0; k < PIECES; k++) {
      const t = t1 + (k / PIECES) * (t2 - t1);
      const ab = mix(a, b, t / t1);
      const bc = mix(b, c, (t - t1) / (t2 - t1));
      const cd = mix(c, d, (t - t2) / (t3 - t2));
      const abc = mix(ab, bc, t / t2);
      const bcd = mix(bc, cd, (t - t1) / (t3 - t1));
      points.push(mix(abc, bcd, (t - t1) / (t2 - t1)));
    }
  }
  return points;
}

/** The time between knots of a centripetal spline; never 0, as points may fall together. */
const gap = (a: Point, b: Point): number => Math.sqrt(Math.hypot(b.x - a.x, b.y - a.y)) + 1e-6;

const mix = (a: Point, b: Point, t: number): Point => ({
  x: a.x + t * (b.x - a.x),
  y: a.y + t * (b.y - a.y),
});
