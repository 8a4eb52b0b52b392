import { effect } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { bits, grouped, nats, NONE } from '../shared/format';
import { framedRange, unit } from './curve_data';
import type { Curve, Unit } from './curve_data';
import { colour, labelEnds, labelWidth } from './line_labels';
import type { EndLabel } from './line_labels';

const HEIGHT = 280;
/** Characters of a name at the end of a line. */
const LONGEST_NAME = 18;

/** From nats to the unit. */
const FACTORS: Record<Unit, number> = { nats: 1, bits: 1 / Math.LN2 };

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

function options(width: number, all: () => readonly Curve[], of: Unit): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const factor = FACTORS[of];
  return {
    width,
    height: HEIGHT,
    // Room for what stands at the ends of the lines.
    padding: [null, () => labelWidth(endLabels(all(), factor)), null, null],
    // Steps, not times.
    scales: { x: { time: false }, y: { range: () => rangeOf(all(), factor) } },
    axes: [
      { ...axis, label: 'step', labelSize: 18, size: 34, values: (_, at) => at.map(stepLabel) },
      { ...axis, label: `${of} per character`, labelSize: 18, size: 46 },
    ],
    series: [
      { label: 'Step', value: (_, step: number | null) => (step === null ? NONE : grouped(step)) },
      ...all().map((curve) => line(curve, factor)),
    ],
    legend: { markers: { width: 2 } },
    cursor: { drag: { x: false, y: false } },
    hooks: { draw: [(chart) => labelEnds(chart, endLabels(all(), factor))] },
  };
}

/** What each line is and where it stands, in words: so that nothing need be pointed at. */
function endLabels(all: readonly Curve[], factor: number): EndLabel[] {
  return all.flatMap(({ end, losses, colour, divergedAt = null }) => {
    const last = losses.findLast((loss) => loss !== null && Number.isFinite(loss));
    if (end === undefined || typeof last !== 'number') return [];
    const name = end.length > LONGEST_NAME ? `${end.slice(0, LONGEST_NAME - 1)}…` : end;
    if (divergedAt !== null) return [{ text: `${name}: diverged`, colour, value: Infinity }];
    return [{ text: `${name} ${(last * factor).toFixed(2)}`, colour, value: last * factor }];
  });
}

/** Steps are whole: no label between two of them. */
function stepLabel(step: number): string {
  return Number.isInteger(step) ? grouped(step) : '';
}

/** All losses but noise and runs that have diverged: those leave at the top, so that the others stay to be seen. */
function rangeOf(all: readonly Curve[], factor: number): [number, number] {
  const [least, most] = framedRange(all);
  const room = 0.05 * (most - least || 1);
  return [Math.max(0, least - room) * factor, (most + room) * factor];
}

/** One column of steps for all, and a column of values, in the unit chosen, for each. */
function table(all: readonly Curve[], factor: number): uPlot.AlignedData {
  return uPlot.join(
    all.map(({ steps, losses }) => [
      [...steps],
      losses.map((loss) => (loss === null || !Number.isFinite(loss) ? null : loss * factor)),
    ]),
  );
}

/** Draws curves into `host`, anew at every change, until the function given back is called. */
export function drawCurves(host: HTMLElement, drawn: ReadonlySignal<readonly Curve[]>): () => void {
  const make = () => {
    const of = unit.peek();
    const opts = options(host.clientWidth, () => drawn.peek(), of);
    return new uPlot(opts, table(drawn.peek(), FACTORS[of]), host);
  };
  let chart = make();
  let made = '';
  // A chart keeps the lines, and the legend the colours, that it was made with.
  const remake = () => {
    chart.destroy();
    chart = make();
  };
  const stop = effect(() => {
    const all = drawn.value;
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
