import type { ReadonlySignal } from '@preact/signals';
import { useComputed, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { messageOf } from '../../src/io/reason';
import './curves.css';
import { counted, nats } from '../shared/format';
import { ChartOptions } from './chart_options';
import { curves, otherTexts } from './curve_data';
import type { Curve } from './curve_data';
import { CurveNotes } from './curve_notes';
import { keptRuns } from './kept_runs';
import { RunsTable } from './runs_table';
import { hasModel, report } from './store';

/** Draws the curves into `host` until the function given back is called; what draws is loaded behind the page. */
function draw(host: HTMLElement, drawn: ReadonlySignal<readonly Curve[]>): () => void {
  let stop: (() => void) | undefined;
  let ended = false;
  import('./chart_drawing').then(
    ({ drawCurves }) => {
      if (!ended) stop = drawCurves(host, drawn);
    },
    (error: unknown) => {
      host.textContent = `The chart could not be loaded (${messageOf(error)}): reload the page.`;
    },
  );
  return () => {
    ended = true;
    stop?.();
  };
}

function Chart({ drawn, label }: { drawn: ReadonlySignal<readonly Curve[]>; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => draw(host.current!, drawn), []);
  return (
    <div class="chart" role="img" aria-label={label}>
      <div ref={host} />
    </div>
  );
}

/** Loss against step, beside what simpler models reach and what earlier runs did; nothing before the first. */
export function LossChart() {
  const now = report.value;
  if (!now && keptRuns.value.length === 0) return null;
  const latest = now
    ? `${nats(now.smoothedLoss)} nats per character at step ${now.step}`
    : 'of earlier runs';
  return (
    <section class="panel" aria-labelledby="chart-title">
      <h2 id="chart-title">Loss</h2>
      <ChartOptions />
      {!now && hasModel.value && (
        <p class="hint">The curve of this run begins with its next step.</p>
      )}
      <Chart drawn={curves} label={`Loss by step: ${latest}`} />
      <CurveNotes />
      <OtherTexts />
      <RunsTable />
    </section>
  );
}

/** Charts of the runs on other texts, which are drawn when they are asked for. */
function OtherTexts() {
  const opened = useSignal(false);
  const others = otherTexts.value;
  if (others.length === 0) return null;
  return (
    <details
      class="other-texts"
      open={opened.value}
      onToggle={(event) => (opened.value = event.currentTarget.open)}
    >
      <summary>Runs on {counted(others.length, 'other text')}</summary>
      {opened.value && others.map(({ key, name }) => <OtherText key={key} id={key} name={name} />)}
    </details>
  );
}

function OtherText({ id, name }: { id: string; name: string }) {
  const drawn = useComputed(() => otherTexts.value.find(({ key }) => key === id)?.curves ?? []);
  return (
    <>
      <h3>{name}</h3>
      <Chart drawn={drawn} label={`Loss by step of runs on ${name}`} />
    </>
  );
}
