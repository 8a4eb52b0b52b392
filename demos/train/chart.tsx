import { useLayoutEffect, useRef } from 'preact/hooks';

import { messageOf } from '../../src/io/reason';
import './curves.css';
import { nats } from '../shared/format';
import { ChartOptions } from './chart_options';
import { keptRuns } from './kept_runs';
import { RunsTable } from './runs_table';
import { report } from './store';

/** Draws the curves into `host` until the function given back is called; what draws is loaded behind the page. */
function draw(host: HTMLElement): () => void {
  let stop: (() => void) | undefined;
  let ended = false;
  import('./chart_drawing').then(
    ({ drawCurves }) => {
      if (!ended) stop = drawCurves(host);
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

/** Loss against step, beside what simpler models reach and what earlier runs did. */
export function LossChart() {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => draw(host.current!), []);
  const now = report.value;
  const latest = now
    ? `${nats(now.smoothedLoss)} nats per character at step ${now.step}`
    : 'nothing to show yet';
  return (
    <section class="panel" aria-labelledby="chart-title">
      <h2 id="chart-title">Loss</h2>
      <ChartOptions />
      <div class="chart" role="img" aria-label={`Loss by step: ${latest}`}>
        <div ref={host} />
        {!now && !keptRuns.value.some(({ shown }) => shown) && (
          <p class="chart-empty">The curve grows here as the model learns.</p>
        )}
      </div>
      <RunsTable />
    </section>
  );
}
