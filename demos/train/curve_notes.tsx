import { useComputed } from '@preact/signals';

import { grouped, nats, significant } from '../shared/format';
import { Notice } from '../shared/notice';
import { attempt, busy } from './attempt';
import { divergedAt, overfitting } from './curve_facts';
import { currentRun } from './kept_runs';
import { openBest } from './keeping';
import { LowerRate } from './lower_rate';
import type { RunRecord } from './run_record';
import { answers, journal, points, problem } from './store';

/** What the curve of the run on the page tells, in words: that it diverges, or learns by heart. */
export function CurveNotes() {
  const diverged = useComputed(() => divergedAt(points.value));
  const run = currentRun.value;
  // One that has ended tells so at the top.
  if (!run || problem.value?.kind === 'diverged') return null;
  return diverged.value === null ? <Overfitting run={run} /> : <Diverged run={run} />;
}

function Diverged({ run: { points, settings } }: { run: RunRecord }) {
  const { lr, clip } = settings;
  return (
    <Notice tone="info">
      <strong>This run has diverged.</strong> Since step {grouped(divergedAt(points)!)} its loss is
      above the {nats(points[0].loss)} that it began with. Lower the learning rate, which is{' '}
      {significant(lr)}
      {clip === 0
        ? ', or limit the norm of gradients ("Clip gradients at")'
        : `, or clip gradients at less than ${significant(clip)}`}
      , and start again.
      <LowerRate />
    </Notice>
  );
}

function Overfitting({ run: { points, settings } }: { run: RunRecord }) {
  const found = overfitting(points);
  const best = journal.value.best;
  if (!found) return null;
  const { step, loss } = best ?? found.best;
  return (
    <Notice tone="info">
      <strong>It begins to learn the text by heart.</strong> On the text held out the loss was
      lowest at step {grouped(step)}, {nats(loss)}, and has risen to {nats(found.now)} since, while
      the training loss still falls. {settings.dropout === 0 ? 'Dropout' : 'More dropout'}, a
      smaller network or a longer text puts that off.
      {best && answers.value && (
        <button type="button" disabled={busy.value} onClick={() => void attempt(openBest)}>
          Go back to the best, step {grouped(step)}
        </button>
      )}
    </Notice>
  );
}
