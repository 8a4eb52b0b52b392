import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { NONE } from '../../shared/format';
import { colour, labelEnds, labelWidth } from '../line_labels';
import type { EndLabel } from '../line_labels';
import { normsOf, shown } from './store';
import type { Shown } from './store';
import { brief } from './words';

const HEIGHT = 360;
/** The axis goes no lower. */
const LOWEST = 1e-16;

interface Line {
  label: string;
  /** At its end, where there is little room. */
  end: string;
  /** By lag; null where the norm is 0, which a log axis does not have. */
  norms: readonly (number | null)[];
  stroke: string;
  /** Lines differ by more than their colour. */
  dash: number[];
  /** The same in the legend. */
  mark: 'solid' | 'dashed' | 'dotted' | 'double';
  width: number;
}

type Style = Pick<Line, 'stroke' | 'dash' | 'mark' | 'width'>;

/** Of the new models, in their order. */
const STYLES: readonly Style[] = [
  { stroke: '--warm', dash: [10, 4], mark: 'dashed', width: 2 },
  { stroke: '--accent', dash: [], mark: 'solid', width: 2 },
  { stroke: '--violet', dash: [3, 3], mark: 'dotted', width: 2 },
  { stroke: '--muted', dash: [12, 3, 3, 3], mark: 'dashed', width: 2 },
];
const RUN: Style = { stroke: '--text', dash: [], mark: 'double', width: 3 };

function linesOf(curves: readonly Shown[]): Line[] {
  const drawable = (norms: readonly number[]) =>
    norms.map((norm) => (norm > 0 && Number.isFinite(norm) ? norm : null));
  return curves.flatMap((curve, i) => {
    const style = curve.name === 'run' ? RUN : STYLES[i % STYLES.length];
    return normsOf(curve).map(([part, norms], at): Line => {
      const end = curve.name === 'run' ? 'yours' : curve.title.replace(/^New /, '');
      const line = { ...style, label: curve.title, end, norms: drawable(norms) };
      if (at === 0) return line;
      const label = `${curve.title}, cell ${part}`;
      return {
        ...line,
        label,
        end: `${end}, ${part}`,
        dash: [8, 3, 2, 3],
        mark: 'dotted',
        width: 1,
      };
    });
  });
}

/** What each line is, where it ends. */
function endLabels(lines: readonly Line[]): EndLabel[] {
  return lines.flatMap(({ end, norms, stroke }) => {
    const last = norms.findLast((norm) => norm !== null);
    return typeof last === 'number' ? [{ text: end, colour: stroke, value: last }] : [];
  });
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `10⁻⁴`. */
function powerOfTen(norm: number): string {
  const digits = String(Math.round(Math.log10(norm)));
  return `10${digits.replace('-', '⁻').replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)])}`;
}

function options(width: number, lines: readonly Line[]): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    labelSize: 18,
  };
  return {
    width,
    height: HEIGHT,
    padding: [null, labelWidth(endLabels(lines)), null, null],
    hooks: { draw: [(chart) => labelEnds(chart, endLabels(lines))] },
    scales: {
      x: { time: false },
      y: { distr: 3, log: 10, range: (_, low, high) => powers(low, high) },
    },
    axes: [
      { ...axis, label: 'steps back from the loss', size: 34 },
      {
        ...axis,
        label: 'gradient norm',
        size: 56,
        splits: (_, __, low, high) => ticks(low, high),
        filter: (_, at) => at,
        values: (_, at) => at.map(powerOfTen),
      },
    ],
    series: [
      {
        label: 'Steps back',
        value: (_, lag: number | null) => (lag === null ? NONE : String(lag)),
      },
      ...lines.map(({ label, stroke, dash, width }) => ({
        ...{ label, stroke: colour(stroke), dash, width },
        points: { show: false },
        value: (_: uPlot, norm: number | null) => (norm === null ? NONE : brief(norm)),
      })),
    ],
    legend: { markers: { width: 2, dash: (_, i) => lines[i - 1]?.mark ?? 'solid' } },
    cursor: { drag: { x: false, y: false } },
  };
}

/** Whole powers of ten around the values; below the lowest, a gradient is as good as gone. */
function powers(low: number | null, high: number | null): [number, number] {
  const top = high ?? 1;
  const bottom = Math.max(low ?? 1, Math.min(LOWEST, top));
  const from = Math.floor(Math.log10(bottom));
  return [10 ** from, 10 ** Math.max(Math.ceil(Math.log10(top)), from + 1)];
}

/** Some ten powers of ten. */
function ticks(low: number, high: number): number[] {
  const [from, to] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const every = Math.ceil((to - from) / 10);
  const first = Math.ceil(from / every) * every;
  return Array.from(
    { length: Math.floor((to - first) / every) + 1 },
    (_, i) => 10 ** (first + i * every),
  );
}

/** Draws into `host`, anew at every change, until the function given back is called. */
function draw(host: HTMLElement): () => void {
  let chart: uPlot | undefined;
  const make = () => {
    const lines = linesOf(shown.value);
    chart?.destroy();
    chart = undefined;
    if (lines.length === 0) return;
    const most = Math.max(...lines.map(({ norms }) => norms.length));
    const lags = Array.from({ length: most }, (_, lag) => lag);
    const data = [lags, ...lines.map(({ norms }) => norms)] as uPlot.AlignedData;
    chart = new uPlot(options(host.clientWidth, lines), data, host);
  };
  const stop = effect(make);
  const resized = new ResizeObserver(() =>
    chart?.setSize({ width: host.clientWidth, height: HEIGHT }),
  );
  resized.observe(host);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', make);
  return () => {
    stop();
    resized.disconnect();
    scheme.removeEventListener('change', make);
    chart?.destroy();
  };
}

/** The norm of the gradient against the steps back. */
export function FlowChart() {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => draw(host.current!), []);
  const none = shown.value.length === 0;
  return (
    <div
      class="chart flow-chart"
      role="img"
      aria-label="Gradient norm by steps back; the table below has it in numbers"
    >
      <div ref={host} />
      {none && <p class="chart-empty">Measuring…</p>}
    </div>
  );
}
