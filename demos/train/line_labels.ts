import type uPlot from 'uplot';

import { spread } from './spread';

/** Pixels of the page. */
const FONT = { size: 11, family: 'system-ui, sans-serif', height: 13 };
const GAP = 6;

/** What stands right of the plot at the end of a line. */
export interface EndLabel {
  text: string;
  /** A colour of the style sheet. */
  colour: string;
  /** Where the line ends on the value axis; Infinity for one that has left it at the top. */
  value: number;
}

/** A colour of the style sheet, as it is now: light or dark. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const ruler = document.createElement('canvas').getContext('2d')!;

/** Room for the labels, in pixels of the page. */
export function labelWidth(labels: readonly EndLabel[]): number {
  ruler.font = `${FONT.size}px ${FONT.family}`;
  return GAP + Math.ceil(Math.max(0, ...labels.map(({ text }) => ruler.measureText(text).width)));
}

/** Writes the labels right of the plot, each as near to the end of its line as the others let it be. */
export function labelEnds(chart: uPlot, labels: readonly EndLabel[]): void {
  const { ctx, bbox } = chart;
  const scale = devicePixelRatio;
  const height = FONT.height * scale;
  const [top, bottom] = [bbox.top + height / 2, bbox.top + bbox.height - height / 2];
  const heightOf = ({ value }: EndLabel) =>
    Number.isFinite(value)
      ? Math.min(Math.max(chart.valToPos(value, 'y', true), top), bottom)
      : top;
  // The highest first, also of those that have left the plot on the same side.
  const wanted = labels.toSorted((a, b) => (a.value < b.value ? 1 : -1));
  const places = spread(wanted.map(heightOf), { top, bottom, height });
  ctx.save();
  ctx.font = `${FONT.size * scale}px ${FONT.family}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  places.forEach((y, i) => {
    ctx.fillStyle = colour(wanted[i].colour);
    ctx.fillText(wanted[i].text, bbox.left + bbox.width + GAP * scale, y);
  });
  ctx.restore();
}
