import { effect } from '@preact/signals';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { bits, grouped, nats, NONE } from '../shared/format';
import { uniformLoss } from './baselines';
import { curves, unit } from './curve_data';
import type { Curve, Unit } from './curve_data';

const HEIGHT = 280;

/** From nats to the unit. */
const FACTORS: Record<Unit, number> = { nats: 1, bits: 1 / Math.LN2 };

/** A colour of the style sheet, as it is now: light or dark. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function line(curve: Curve, factor: number): uPlot.Series {
  return {
    label: curve.label,
    stroke: colour(curve.colour),
    width: curve.width,
    dash: curve.dash,
    spanGaps: true,
    points: { show: curve.dots ?? false, size: 5 },
    value: (_, value: number | null) => {
      if (typeof value !== 'number') return NONE;
      return `${nats(value / factor)} nats, ${bits(value / factor)} bits`;
    },
  };
}

function options(width: number, all: readonly Curve[], of: Unit): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    // Steps, not times.
    scales: { x: { time: false }, y: { range: lossRange } },
    axes: [
      { ...axis, label: 'step', labelSize: 18, size: 34, values: (_, at) => at.map(stepLabel) },
      { ...axis, label: `${of} per character`, labelSize: 18, size: 46 },
    ],
    series: [
      { label: 'Step', value: (_, step: number | null) => (step === null ? NONE : grouped(step)) },
      ...all.map((curve) => line(curve, FACTORS[of])),
    ],
    legend: { markers: { width: 2 } },
    cursor: { drag: { x: false, y: false } },
    hooks: { draw: [(chart) => labelBaselines(chart, all, FACTORS[of])] },
  };
}

/** Writes at each baseline what it is, so that it needs no legend. */
function labelBaselines(chart: uPlot, all: readonly Curve[], factor: number): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = colour('--muted');
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  for (const { flat, label, losses } of all) {
    const loss = losses[0];
    if (!flat || typeof loss !== 'number') continue;
    const y = chart.valToPos(loss * factor, 'y', true);
    ctx.fillText(`${label} ${(loss * factor).toFixed(2)}`, bbox.left + bbox.width - 4, y - 2);
  }
  ctx.restore();
}

/** Steps are whole: no label between two of them. */
function stepLabel(step: number): string {
  return Number.isInteger(step) ? grouped(step) : '';
}

/** Of the losses; one that has diverged leaves at the top, so that the others stay to be seen. */
function lossRange(_: uPlot, least: number, most: number): [number, number] {
  const top = Math.min(
    most,
    Math.max(2 * (uniformLoss.peek() ?? 0) * FACTORS[unit.peek()], 2 * least),
  );
  const room = 0.05 * (top - least || 1);
  return [Math.max(0, least - room), top + room];
}

/** One column of steps for all, and a column of values, in the unit chosen, for each. */
function table(all: readonly Curve[], factor: number): uPlot.AlignedData {
  return uPlot.join(
    all.map(({ steps, losses }) => [
      [...steps],
      losses.map((loss) => (loss === null ? null : loss * factor)),
    ]),
  );
}

/** Draws the curves into `host`, anew at every change, until the function given back is called. */
export function drawCurves(host: HTMLElement): () => void {
  const make = () => {
    const [all, of] = [curves.peek(), unit.peek()];
    return new uPlot(options(host.clientWidth, all, of), table(all, FACTORS[of]), host);
  };
  let chart = make();
  let made = '';
  // A chart keeps the lines, and the legend the colours, that it was made with.
  const remake = () => {
    chart.destroy();
    chart = make();
  };
  const stop = effect(() => {
    const all = curves.value;
    const key = [unit.value, ...all.map(({ label, colour }) => label + colour)].join('\n');
    if (key !== made) remake();
    else chart.setData(table(all, FACTORS[unit.peek()]));
    made = key;
  });
  const resized = new ResizeObserver(() =>
    chart.setSize({ width: host.clientWidth, height: HEIGHT }),
  );
  resized.observe(host);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', remake);
  return () => {
    stop();
    resized.disconnect();
    scheme.removeEventListener('change', remake);
    chart.destroy();
  };
}
