import { nats, grouped } from '../shared/format';
import type { Point } from './protocol';

/** Pixels: the size that previews of links have. */
export const [WIDTH, HEIGHT] = [1200, 630];

/** What a picture of a run shows. */
export interface PictureOf {
  /** The model in words, and its text. */
  title: string;
  step: number;
  points: readonly Point[];
  /** The best n-gram's loss, or null. */
  baseline: number | null;
  /** What the model wrote. */
  text: string;
  /** Where the page is. */
  address: string;
}

const INK = '#17282b';
const SOFT = '#5b6f73';
const PAPER = '#fbfaf6';
const TEAL = '#1c6a73';
const RED = '#b3502f';
const MARGIN = 48;
const CHART = { left: 700, top: 150, width: 440, height: 360 } as const;
const TEXT = { top: 150, width: 600, size: 24, leading: 34, lines: 11 } as const;
const MONO = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const SANS = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

type Context = CanvasRenderingContext2D;

/** Draws what the network wrote, its curve beside it, in the colours of the light page. */
export function drawPicture(context: Context, picture: PictureOf): void {
  const { title, step, text, address } = picture;
  context.fillStyle = PAPER;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  words(context, title, MARGIN, 72, `600 30px ${SANS}`, INK);
  const when = step === 0 ? 'Before the first step' : `After ${grouped(step)} steps it writes`;
  words(context, when, MARGIN, 112, `22px ${SANS}`, SOFT);
  drawText(context, text);
  drawChart(context, picture);
  words(context, `Lethe · ${address}`, MARGIN, HEIGHT - 36, `20px ${SANS}`, SOFT);
}

function words(
  context: Context,
  text: string,
  x: number,
  y: number,
  font: string,
  colour: string,
  align: CanvasTextAlign = 'left',
): void {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(text, x, y, WIDTH - 2 * MARGIN);
}

/** The end of the text, where there is more than fits; short lines stand in columns. */
function drawText(context: Context, text: string): void {
  const { top, width, size, leading, lines } = TEXT;
  context.font = `${size}px ${MONO}`;
  const character = context.measureText('m').width;
  const rows = wrapped(text, Math.floor(width / character));
  const step = (2 + Math.max(...rows.map(({ length }) => length))) * character;
  const columns = Math.max(1, Math.floor(width / step));
  for (const [i, row] of rows.slice(-lines * columns).entries()) {
    const [x, y] = [Math.floor(i / lines) * step, (i % lines) * leading];
    words(context, row, MARGIN + x, top + size + y, `${size}px ${MONO}`, INK);
  }
}

/** Lines of a text, the longer ones broken at spaces where there are any. */
export function wrapped(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => {
    const rows: string[] = [];
    let rest = line;
    while (rest.length > columns) {
      const space = rest.lastIndexOf(' ', columns);
      const end = space > 0 ? space : columns;
      rows.push(rest.slice(0, end));
      rest = rest.slice(space > 0 ? end + 1 : end);
    }
    return [...rows, rest];
  });
}

function drawChart(context: Context, { points, baseline }: PictureOf): void {
  const { left, top, width, height } = CHART;
  const finite = points.filter(({ smoothed }) => Number.isFinite(smoothed));
  if (finite.length < 2) return;
  const held = finite.flatMap(({ step, validation }) =>
    validation === null || !Number.isFinite(validation) ? [] : [{ step, loss: validation }],
  );
  const losses = [
    ...finite.map(({ smoothed }) => smoothed),
    ...held.map(({ loss }) => loss),
    ...(baseline === null ? [] : [baseline]),
  ];
  const [low, high] = [Math.min(...losses) * 0.9, Math.max(...losses)];
  const last = finite[finite.length - 1];
  const x = (step: number) => left + (step / last.step) * width;
  const y = (loss: number) => top + ((high - loss) / (high - low || 1)) * height;
  context.strokeStyle = SOFT;
  context.lineWidth = 1;
  line(context, [
    [left, top],
    [left, top + height],
    [left + width, top + height],
  ]);
  if (baseline !== null) {
    context.setLineDash([6, 6]);
    line(context, [
      [left, y(baseline)],
      [left + width, y(baseline)],
    ]);
    context.setLineDash([]);
  }
  context.lineWidth = 3;
  context.strokeStyle = TEAL;
  line(
    context,
    finite.map(({ step, smoothed }) => [x(step), y(smoothed)]),
  );
  context.strokeStyle = RED;
  line(
    context,
    held.map(({ step, loss }) => [x(step), y(loss)]),
  );
  const bottom = top + height + 30;
  words(context, `loss ${nats(last.smoothed)}`, left, bottom, `20px ${SANS}`, TEAL);
  if (baseline !== null) {
    words(context, `best n-gram ${nats(baseline)}`, left, bottom + 28, `20px ${SANS}`, SOFT);
  }
  const lastHeld = held.at(-1);
  if (lastHeld) {
    words(
      context,
      `held out ${nats(lastHeld.loss)}`,
      left + width,
      bottom,
      `20px ${SANS}`,
      RED,
      'right',
    );
  }
}

function line(context: Context, [first, ...rest]: readonly (readonly [number, number])[]): void {
  if (!first) return;
  context.beginPath();
  context.moveTo(...first);
  for (const point of rest) context.lineTo(...point);
  context.stroke();
}
