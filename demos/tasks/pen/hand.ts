/** Handwriting by code: a hand of its own slant, spacing, unrest and letter forms, and what it writes. */
import { DataError, Random } from 'lethe';

import { ALPHABET, curve } from './alphabet';
import type { Glyph, Point, Stroke } from './alphabet';

/** Strokes of the pen: points in the order of writing, y downwards. A pointer's events make the same. */
export type Ink = readonly (readonly Point[])[];

/** How a person writes. Lengths are in heights of a digit. */
export interface Hand {
  /** Sideways for each height upwards. */
  readonly slant: number;
  /** Widths, as a multiple of the alphabet's. */
  readonly width: number;
  /** How the line climbs, or falls: dy / dx. */
  readonly climb: number;
  /** Between symbols. */
  readonly gap: number;
  /** Standard deviations from symbol to symbol: of their size, their height above the line, their lean. */
  readonly unrest: Readonly<Record<'size' | 'lift' | 'lean', number>>;
  /** Standard deviation of the points of a form: from hand to hand, and each time anew. */
  readonly form: Readonly<Record<'own' | 'anew', number>>;
  /** Amplitude of smooth noise along a stroke. */
  readonly wobble: number;
  /** Length along a stroke over which haste rounds corners. */
  readonly haste: number;
  /** Probability that a stroke goes the other way round; twice that, that a symbol's strokes come in reverse. */
  readonly contrary: number;
  /** Distance of the points that are kept: a device has pixels. */
  readonly pixel: number;
  /** Tells this hand's forms. */
  readonly seed: number;
}

/** Draws a hand. @param wild widens all ranges by this factor; 1 are those that are learnt from. */
export function drawHand(random: Random, wild = 1): Hand {
  const between = (least: number, most: number) => least + (most - least) * random.uniform();
  return {
    slant: 0.12 + 0.17 * wild * random.normal(),
    width: Math.exp(0.18 * wild * random.normal()),
    climb: 0.06 * wild * random.normal(),
    gap: between(0.1, 0.1 + 0.55 * wild),
    unrest: {
      size: between(0, 0.12 * wild),
      lift: between(0, 0.1 * wild),
      lean: between(0, 0.08 * wild),
    },
    form: { own: between(0.01, 0.05 * wild), anew: between(0.005, 0.03 * wild) },
    wobble: between(0, 0.025 * wild),
    haste: between(0, 0.22 * wild),
    contrary: between(0, 0.12 * wild),
    pixel: between(0.006, 0.03),
    seed: Math.floor(random.uniform() * 2 ** 31),
  };
}

/**
 * The strokes of a text.
 *
 * @param random what differs each time.
 * @throws DataError for a character that the alphabet lacks.
 */
export function write(text: string, hand: Hand, random: Random): Ink {
  const ink: Point[][] = [];
  let left = 0;
  for (const symbol of text) {
    const glyph = ownForm(symbol, hand, random);
    const size = Math.exp(hand.unrest.size * random.normal());
    const lift = hand.unrest.lift * random.normal();
    const slant = hand.slant + hand.unrest.lean * random.normal();
    const strokes = contrary(glyph, hand, random).map((stroke) =>
      unsteady(rounded(curve(stroke), hand.haste), hand.wobble, random),
    );
    const xs = strokes.flat().map(({ x }) => x);
    const [first, last] = [Math.min(...xs), Math.max(...xs)];
    for (const stroke of strokes) {
      ink.push(
        stroke.map(({ x, y }) => {
          const up = (1 - y) * size + lift;
          const along = left + (x - first) * size * hand.width + slant * up;
          return { x: along, y: 1 - up - hand.climb * along };
        }),
      );
    }
    left += (last - first) * size * hand.width + hand.gap * Math.exp(0.3 * random.normal());
  }
  return ink.map((stroke) => onPixels(stroke, hand.pixel));
}

/** The form of a symbol that a hand has, mostly the same one, its knots moved as always and a little anew. */
function ownForm(symbol: string, hand: Hand, random: Random): Glyph {
  const forms = ALPHABET[symbol] as readonly Glyph[] | undefined;
  if (!forms) {
    throw new DataError(`"${symbol}" cannot be written; digits and lower-case letters a to z can`);
  }
  const own = new Random(hand.seed, symbol.codePointAt(0));
  const habit = Math.floor(own.uniform() * forms.length);
  const form = random.uniform() < 0.85 ? habit : Math.floor(random.uniform() * forms.length);
  const move = () => hand.form.own * own.normal() + hand.form.anew * random.normal();
  return forms[form].map((stroke) =>
    stroke.map(({ x, y, corner }) => ({ x: x + move(), y: y + move(), corner })),
  );
}

function contrary(glyph: Glyph, hand: Hand, random: Random): Glyph {
  const strokes: Stroke[] = glyph.map((stroke) =>
    random.uniform() < hand.contrary ? turned(stroke) : stroke,
  );
  return random.uniform() < 2 * hand.contrary ? strokes.reverse() : strokes;
}

const turned = (stroke: Stroke): Stroke => [...stroke].reverse();

/** Each point the mean of those within half of `length` along the stroke. */
function rounded(points: readonly Point[], length: number): Point[] {
  const at = arcLengths(points);
  return points.map((point, i) => {
    // Ends stay where they are.
    const reach = Math.min(length / 2, at[i], at[at.length - 1] - at[i]);
    let [x, y, n] = [0, 0, 0];
    for (const [j, { x: px, y: py }] of points.entries()) {
      if (Math.abs(at[j] - at[i]) > reach) continue;
      x += px;
      y += py;
      n++;
    }
    return n > 0 ? { x: x / n, y: y / n } : point;
  });
}

/** Two slow waves of random phase in each direction. */
function unsteady(points: readonly Point[], amplitude: number, random: Random): Point[] {
  const waves = Array.from({ length: 4 }, (_, i) => ({
    often: (i % 2 === 0 ? 2 : 5) * (0.7 + 0.6 * random.uniform()),
    phase: 2 * Math.PI * random.uniform(),
    height: amplitude * random.normal(),
  }));
  const at = arcLengths(points);
  return points.map(({ x, y }, i) => {
    const [a, b, c, d] = waves.map(({ often, phase, height }) => {
      return height * Math.sin(often * at[i] * 2 + phase);
    });
    return { x: x + a + b, y: y + c + d };
  });
}

function onPixels(points: readonly Point[], pixel: number): Point[] {
  const to = (value: number) => Math.round(value / pixel) * pixel;
  return points.map(({ x, y }) => ({ x: to(x), y: to(y) }));
}

/** The way of the pen from the first point to each. */
export function arcLengths(points: readonly Point[]): number[] {
  let sum = 0;
  return points.map(({ x, y }, i) => {
    if (i > 0) sum += Math.hypot(x - points[i - 1].x, y - points[i - 1].y);
    return sum;
  });
}
