import stringWidth from 'string-width';

/** Columns of a terminal that does not tell how wide it is. */
const DEFAULT_COLUMNS = 80;

/** Columns of standard output; without end where it is no terminal. */
export function columns(): number {
  // A terminal without a size says 0.
  return process.stdout.isTTY ? process.stdout.columns || DEFAULT_COLUMNS : Infinity;
}

/** Whether standard output is a terminal on which what is written can be written over. */
export function isInteractive(): boolean {
  return process.stdout.isTTY && process.env.TERM !== 'dumb';
}

/**
 * What a terminal obeys instead of showing it: controls but for line end and tab, and what overrides the
 * direction of writing. A return before a line end does no harm.
 */
const OBEYED = /(?!\r\n)[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `text` with every character that would be obeyed as `\u001b`. */
export function escaped(text: string): string {
  return text.replace(OBEYED, escape);
}

/** Text for standard output: escaped on a terminal, as it is in a file or a pipe. */
export function shown(text: string): string {
  return process.stdout.isTTY ? escaped(text) : text;
}

/** Writes a line of text to standard output. */
export function print(line: string): void {
  process.stdout.write(`${shown(line)}\n`);
}

/** Writes one JSON object a line to standard output; a key that is undefined is left out. */
export function printJson(object: object): void {
  // JSON escapes some of them by itself; the value is the same.
  process.stdout.write(`${escaped(JSON.stringify(object))}\n`);
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Between two stops of the tabulator. */
const TAB_COLUMNS = 8;

/**
 * Columns that a character takes with what combines with it. Terminals differ on emoji that are joined:
 * one picture, or all of them side by side. This is the wider of the two.
 */
function widthOf(character: string): number {
  const apart = [...character].reduce((sum, part) => sum + stringWidth(part), 0);
  return Math.max(stringWidth(character), apart);
}

/**
 * A line in pieces, each `prefix` and what fits beside it. A piece has a character at least, however
 * narrow the terminal. No character is cut in two; tabs become spaces.
 *
 * @param width Columns that a piece may take, `prefix` included.
 */
export function wrap(line: string, width: number, prefix = ''): string[] {
  const start = stringWidth(prefix);
  const pieces: string[] = [];
  let piece = '';
  let column = start;
  for (const { segment } of segmenter.segment(line)) {
    const isTab = segment === '\t';
    const room = isTab ? TAB_COLUMNS - (column % TAB_COLUMNS) : widthOf(segment);
    if (column + room > width && piece !== '') {
      pieces.push(prefix + piece);
      piece = '';
      column = start;
    }
    piece += isTab ? ' '.repeat(room) : segment;
    column += room;
  }
  return [...pieces, prefix + piece];
}
