import { grouped, nats, NONE, roughly } from '../shared/format';
import { look } from './curve_data';
import { divergedAt } from './curve_facts';
import { attempt, busy, mayEnd } from './attempt';
import { currentRun, keptRuns, rename, show } from './kept_runs';
import { openKept, removeKept } from './keeping';
import type { KeptRun, RunRecord } from './run_record';
import { phase } from './store';
import type { TrainConfig } from '../../src/train/config';

const LABELS: Record<keyof TrainConfig, string> = {
  cell: 'Cell',
  hidden: 'Hidden',
  layers: 'Layers',
  embedding: 'Embedding',
  dropout: 'Dropout',
  recurrentInit: 'Recurrent weights',
  forgetBias: 'Forget bias',
  steps: 'Stop after',
  batch: 'Batch',
  seq: 'Sequence',
  optimizer: 'Optimizer',
  lr: 'Rate',
  schedule: 'Schedule',
  scheduleSteps: 'Schedule steps',
  gamma: 'Gamma',
  warmup: 'Warm-up',
  clip: 'Clip',
  clipValue: 'Clip elements',
  validFraction: 'Held out',
  seed: 'Seed',
};

interface Column {
  label: string;
  of: (run: RunRecord) => string;
}

/** Text, device and settings. */
const COLUMNS: readonly Column[] = [
  { label: 'Text', of: ({ text }) => text },
  { label: 'Device', of: ({ device }) => device },
  ...(Object.keys(LABELS) as (keyof TrainConfig)[]).map((name) => ({
    label: LABELS[name],
    of: ({ settings }: RunRecord) => valueOf(settings[name] ?? ABSENT[name] ?? ''),
  })),
];

/** What a setting that is null stands for. */
const ABSENT: Partial<Record<keyof TrainConfig, string>> = {
  forgetBias: 'random',
  steps: 'never',
  scheduleSteps: 'by length',
  gamma: 'by length',
};

function valueOf(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : value;
}

/** The runs so far, side by side: what differs in their settings, and what came of it. */
export function RunsTable() {
  const kept = keptRuns.value;
  if (kept.length === 0) return null;
  const now = currentRun.value;
  const all: RunRecord[] = [...kept, ...(now ? [now] : [])];
  const differing = COLUMNS.filter(({ of }) => new Set(all.map(of)).size > 1);
  return (
    <div class="runs" role="region" aria-labelledby="runs-title" tabIndex={0}>
      <table>
        <caption id="runs-title">Runs, and what differs between them</caption>
        <thead>
          <tr>
            <th scope="col">Shown</th>
            <th scope="col">Name</th>
            {differing.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">Steps</th>
            <th scope="col">Training loss</th>
            <th scope="col">Held-out loss</th>
            <th scope="col">Characters/s</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {kept.map((run) => (
            <KeptRow key={run.id} run={run} differing={differing} />
          ))}
          {now && (
            <tr>
              <td />
              <th scope="row">This run</th>
              <Results run={now} differing={differing} />
              <td />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function KeptRow({ run, differing }: { run: KeptRun; differing: readonly Column[] }) {
  const { id, name, shown } = run;
  const { colour, dash } = look(id);
  return (
    <tr>
      <td>
        <label class="shown">
          <input
            type="checkbox"
            checked={shown}
            aria-label={`Show ${name}`}
            onChange={(event) => show(id, event.currentTarget.checked)}
          />
          <svg width="28" height="8" aria-hidden="true">
            <line
              x2="28"
              y1="4"
              y2="4"
              stroke={`var(${colour})`}
              stroke-width="2"
              stroke-dasharray={dash.join(' ')}
            />
          </svg>
        </label>
      </td>
      <th scope="row">
        <input
          type="text"
          value={name}
          aria-label={`Name of run ${id}`}
          onInput={(event) => rename(id, event.currentTarget.value)}
        />
      </th>
      <Results run={run} differing={differing} />
      <td class="kept-actions">
        {run.model && (
          <button
            type="button"
            class="small"
            aria-label={`Open ${name}`}
            disabled={busy.value || phase.value === 'opening'}
            onClick={() => mayEnd() && void attempt(() => openKept(run))}
          >
            Open
          </button>
        )}
        <button
          type="button"
          class="small"
          aria-label={`Remove ${name}`}
          disabled={busy.value}
          onClick={() => mayRemove(run) && void attempt(() => removeKept(run))}
        >
          Remove
        </button>
      </td>
    </tr>
  );
}

/** Asked first, where the model goes too. */
function mayRemove({ name, model, step }: KeptRun): boolean {
  return !model || confirm(`Remove ${name}, and its model of step ${grouped(step)}, for good?`);
}

function Results({ run, differing }: { run: RunRecord; differing: readonly Column[] }) {
  return (
    <>
      {differing.map(({ label, of }) => (
        <td key={label}>{of(run)}</td>
      ))}
      <td>{grouped(run.step)}</td>
      <td>{divergedAt(run.points) === null ? nats(run.loss) : 'diverged'}</td>
      <td>{run.validation === null ? NONE : nats(run.validation)}</td>
      <td>{roughly(run.charactersPerSecond)}</td>
    </>
  );
}
