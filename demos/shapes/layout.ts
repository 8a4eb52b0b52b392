import type { Column } from './picture';

/** Units of the drawing: between boxes, and a box's height. */
const GAP = 15;
export const TALL = 27;
/** Height and width of an input that is a picture. */
export const PIXELS_TALL = 60;
/** Of a box; longer words are set narrower. */
const MOST_WIDE = 100;

interface Row {
  /** Of the middle of its boxes. */
  readonly y: number;
  /** Of a box. */
  readonly tall: number;
}

/** Where the boxes of a picture stand. */
export interface Layout {
  /** Of a box. */
  readonly width: number;
  /** Of the whole drawing. */
  readonly total: number;
  readonly height: number;
  readonly rows: Readonly<Record<'input' | 'state' | 'output', Row>>;
  /** x of the middle of a column. */
  readonly middle: (column: number) => number;
}

/** A box is as wide as the longest word that stands in one. */
export function layoutOf(columns: readonly Column[]): Layout {
  const words = columns.flatMap(({ input = '', output = '' }) => [input, output]);
  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  const pictures = columns.some(({ pixels }) => pixels);
  const tall = pictures ? PIXELS_TALL : TALL;
  const width = Math.max(tall, Math.min(7.5 * longest + 8, MOST_WIDE));
  const input = 154 + (tall - TALL) / 2;
  return {
    width,
    total: columns.length * (width + GAP),
    height: input + tall / 2 + 14.5,
    rows: {
      output: { y: 17, tall: TALL },
      state: { y: 96, tall: TALL },
      input: { y: input, tall },
    },
    middle: (column) => (column + 0.5) * (width + GAP),
  };
}

/** From a state up, and along the row of outputs to the box of a later column. */
export function readingPath({ middle, rows, width }: Layout, from: number, to: number): string {
  const [x, y, round] = [middle(from), rows.output.y, 8];
  const bottom = rows.state.y - TALL / 2;
  return `M${x} ${bottom}V${y + round}Q${x} ${y} ${x + round} ${y}H${middle(to) - width / 2}`;
}

/** From an output down to the state of the next column, which is made from it too. */
export function feedingPath({ middle, rows, width }: Layout, column: number): string {
  const [from, to] = [middle(column) + width / 2, middle(column + 1) - width / 2 + 4];
  const [y, top] = [rows.output.y, rows.state.y - TALL / 2];
  return `M${from} ${y}C${from + GAP} ${y} ${to} ${y} ${to} ${top}`;
}

/** Over the states, from one to another, as attention looks. */
export function attentionArc({ middle, rows }: Layout, from: number, to: number): string {
  const [x0, x1, y] = [middle(from), middle(to), rows.state.y - TALL / 2];
  return `M${x0} ${y}C${x0} ${y - 58} ${x1} ${y - 58} ${x1} ${y}`;
}
