import { ArgumentError } from 'lethe';
import type { Random } from 'lethe';

/** Pictures are SIDE x SIDE pixels of red, green and blue, each from 0 to 1, row by row from the top. */
export const SIDE = 24;
export const PIXELS = SIDE * SIDE * 3;

export interface Picture {
  /** [SIDE, SIDE, 3] */
  readonly pixels: Float32Array;
  readonly caption: string;
}

const SIZES = { small: 2.5, big: 3.8 } as const;
const COLOURS = {
  red: [0.9, 0.15, 0.15],
  green: [0.15, 0.75, 0.2],
  blue: [0.2, 0.3, 0.95],
  yellow: [0.95, 0.85, 0.15],
  purple: [0.6, 0.2, 0.75],
  white: [0.95, 0.95, 0.95],
} as const;
/** Whether a shape of radius 1 covers the point (x, y); y grows downwards. */
const SHAPES = {
  circle: (x: number, y: number) => x * x + y * y <= 1,
  square: (x: number, y: number) => Math.abs(x) <= 0.95 && Math.abs(y) <= 0.95,
  triangle: (x: number, y: number) => y <= 0.9 && y >= 1.9 * Math.abs(x) - 1,
} as const;
/** Where the first thing stands: the second is in the middle. */
const RELATIONS = {
  'left of': [-1, 0],
  'right of': [1, 0],
  above: [0, -1],
  below: [0, 1],
} as const;

type Name<Table> = keyof Table & string;
export interface Thing {
  readonly size: Name<typeof SIZES>;
  readonly colour: Name<typeof COLOURS>;
  readonly shape: Name<typeof SHAPES>;
}
export interface Scene {
  readonly first: Thing;
  readonly relation: Name<typeof RELATIONS>;
  readonly second: Thing;
}

/** Colours of shapes that no picture of the training has, in either place: the test is made of them. */
const HELD_OUT = ['red triangle', 'yellow circle', 'blue square'];

export function isHeldOut({ first, second }: Scene): boolean {
  return [first, second].some(({ colour, shape }) => HELD_OUT.includes(`${colour} ${shape}`));
}

const keys = <Table extends object>(table: Table): Name<Table>[] =>
  Object.keys(table) as Name<Table>[];

/** Every scene that there is: 36 things, four relations, 36 things. */
export function allScenes(): Scene[] {
  const things = keys(SIZES).flatMap((size) =>
    keys(COLOURS).flatMap((colour) => keys(SHAPES).map((shape) => ({ size, colour, shape }))),
  );
  return things.flatMap((first) =>
    keys(RELATIONS).flatMap((relation) => things.map((second) => ({ first, relation, second }))),
  );
}

/** "a small red circle left of a big blue square" */
export function describe({ first, relation, second }: Scene): string {
  const thing = ({ size, colour, shape }: Thing): string => `a ${size} ${colour} ${shape}`;
  return `${thing(first)} ${relation} ${thing(second)}`;
}

/**
 * The scene that a caption describes.
 *
 * @throws ArgumentError with the grammar, for what is no caption of a scene.
 */
export function parse(caption: string): Scene {
  const thing = `a (${keys(SIZES).join('|')}) (${keys(COLOURS).join('|')}) (${keys(SHAPES).join('|')})`;
  const relation = keys(RELATIONS).join('|');
  const match = new RegExp(`^${thing} (${relation}) ${thing}$`).exec(
    caption.trim().toLowerCase().replace(/\s+/g, ' '),
  );
  if (!match) {
    throw new ArgumentError(
      `"${caption}" is no caption: "${thing} (${relation}) ${thing}" is, such as ` +
        '"a small red circle left of a big blue square"',
    );
  }
  const at = (i: number): Thing => ({
    size: match[i] as Thing['size'],
    colour: match[i + 1] as Thing['colour'],
    shape: match[i + 2] as Thing['shape'],
  });
  return { first: at(1), relation: match[4] as Scene['relation'], second: at(5) };
}

/** The scene drawn somewhat out of place, in somewhat other colours, on a noisy dark ground. */
export function draw(scene: Scene, random: Random): Picture {
  const pixels = new Float32Array(PIXELS);
  const about = (middle: number, spread: number): number =>
    middle + spread * (2 * random.uniform() - 1);
  const ground = about(0.12, 0.06);
  pixels.fill(ground);
  const place = (thing: Thing, x: number, y: number): void => {
    const radius = about(SIZES[thing.size], 0.25);
    const colour = COLOURS[thing.colour].map((value) => about(value, 0.05));
    paint(pixels, SHAPES[thing.shape], about(x, 0.8), about(y, 0.8), radius, colour);
  };
  const [dx, dy] = RELATIONS[scene.relation];
  const middle = SIDE / 2;
  place(scene.second, middle, middle);
  place(scene.first, middle + 7.6 * dx, middle + 7.6 * dy);
  for (let i = 0; i < PIXELS; i++) {
    pixels[i] = Math.min(Math.max(about(pixels[i], 0.05), 0), 1);
  }
  return { pixels, caption: describe(scene) };
}

/** Points across a pixel, in each direction, that tell how much of it a shape covers. */
const SAMPLES = 4;

function paint(
  pixels: Float32Array,
  covers: (x: number, y: number) => boolean,
  left: number,
  top: number,
  radius: number,
  colour: readonly number[],
): void {
  for (let i = 0; i < SIDE * SIDE; i++) {
    if (Math.hypot((i % SIDE) + 0.5 - left, Math.floor(i / SIDE) + 0.5 - top) > 2 * radius)
      continue;
    let hits = 0;
    for (let s = 0; s < SAMPLES * SAMPLES; s++) {
      const x = (i % SIDE) + ((s % SAMPLES) + 0.5) / SAMPLES;
      const y = Math.floor(i / SIDE) + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES;
      if (covers((x - left) / radius, (y - top) / radius)) hits++;
    }
    const share = hits / SAMPLES ** 2;
    for (let c = 0; c < 3; c++) pixels[3 * i + c] += share * (colour[c] - pixels[3 * i + c]);
  }
}

/** `count` different scenes of those given, drawn. */
export function drawSome(scenes: readonly Scene[], count: number, random: Random): Picture[] {
  const rest = [...scenes];
  return Array.from({ length: count }, () => {
    const [scene] = rest.splice(Math.floor(random.uniform() * rest.length), 1);
    if (rest.length === 0) rest.push(...scenes);
    return draw(scene, random);
  });
}
