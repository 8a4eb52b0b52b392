import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { bits, grouped, nats, NONE } from '../shared/format';
import type { Point } from './journal';
import { points, report } from './store';

const HEIGHT = 280;

/** A colour of the style sheet, as it is now: light or dark. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function columns(all: readonly Point[]): uPlot.AlignedData {
  return [
    all.map(({ step }) => step),
    all.map(({ loss }) => loss),
    all.map(({ smoothed }) => smoothed),
    all.map(({ validation }) => validation),
  ];
}

function line(label: string, stroke: string, more: Partial<uPlot.Series> = {}): uPlot.Series {
  return {
    label,
    stroke: colour(stroke),
    points: { show: false },
    value: (_, loss: number | null) =>
      loss === null ? NONE : `${nats(loss)} nats, ${bits(loss)} bits`,
    ...more,
  };
}

function options(width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    // Steps, not times.
    scales: { x: { time: false } },
    axes: [
      { ...axis, label: 'step', labelSize: 18, size: 34, values: (_, at) => at.map(stepLabel) },
      { ...axis, label: 'nats per character', labelSize: 18, size: 46 },
    ],
    series: [
      { label: 'Step', value: (_, step: number | null) => (step === null ? NONE : grouped(step)) },
      line('Loss', '--faint', { width: 1 }),
      line('Smoothed', '--accent', { width: 2 }),
      line('Validation', '--warm', { width: 2, spanGaps: true, points: { show: true, size: 5 } }),
    ],
    legend: { markers: { width: 2 } },
    cursor: { drag: { x: false, y: false } },
  };
}

/** Steps are whole: no label between two of them. */
function stepLabel(step: number): string {
  return Number.isInteger(step) ? grouped(step) : '';
}

/** Draws the points into `host`, anew at every change, until the function given back is called. */
function draw(host: HTMLElement): () => void {
  const make = () => new uPlot(options(host.clientWidth), columns(points.peek()), host);
  let chart = make();
  const stop = effect(() => chart.setData(columns(points.value)));
  const resized = new ResizeObserver(() =>
    chart.setSize({ width: host.clientWidth, height: HEIGHT }),
  );
  resized.observe(host);
  // The legend keeps the colours that the chart was made with.
  const recolour = () => {
    chart.destroy();
    chart = make();
  };
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', recolour);
  return () => {
    stop();
    resized.disconnect();
    scheme.removeEventListener('change', recolour);
    chart.destroy();
  };
}

/** Loss against step. */
export function LossChart() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => draw(host.current!), []);
  const now = report.value;
  const latest = now
    ? `${nats(now.smoothedLoss)} nats per character at step ${now.step}`
    : 'nothing to show yet';
  return (
    <section class="panel" aria-labelledby="chart-title">
      <h2 id="chart-title">Loss</h2>
      <div class="chart" role="img" aria-label={`Loss by step: ${latest}`}>
        <div ref={host} />
        {!now && <p class="chart-empty">The curve grows here as the model learns.</p>}
      </div>
    </section>
  );
}
