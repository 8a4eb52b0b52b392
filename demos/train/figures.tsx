import type { ComponentChildren } from 'preact';

import {
  bits,
  counted,
  duration,
  grouped,
  megabytes,
  nats,
  NONE,
  roughly,
  significant,
} from '../shared/format';
import { evaluate } from './actions';
import { device } from './form';
import { begun } from './kept_runs';
import { answers, compiling, info, probed, report, step, validation } from './store';

/** The numbers of the run, as they are now. */
export function Figures() {
  const run = info.value;
  const now = report.value;
  const held = validation.value;
  // Unknown for a run that was not trained here, until its first step.
  const epoch = now && Number.isFinite(now.epoch) ? `epoch ${now.epoch.toFixed(2)}` : null;
  const open = answers.value;
  return (
    <section class="panel" aria-label="Figures">
      <dl class="figures">
        <Figure name="step" label="Step" note={compileNote() ?? epoch}>
          {grouped(now?.step ?? 0)}
        </Figure>
        <Figure
          name="loss"
          label="Training loss"
          unit={now && 'nats'}
          note={now && `${bits(now.smoothedLoss)} bits per character`}
        >
          {now ? nats(now.smoothedLoss) : NONE}
        </Figure>
        <Figure
          name="validation"
          label="Validation loss"
          unit={held && 'nats'}
          note={held && `${bits(held.loss)} bits at step ${grouped(held.step)}`}
          action={
            <button
              type="button"
              class="small"
              disabled={!open}
              aria-label="Measure the validation loss now"
              onClick={() => void evaluate()}
            >
              Measure
            </button>
          }
        >
          {held ? nats(held.loss) : NONE}
        </Figure>
        <Figure name="pace" label="Characters per second">
          {now ? roughly(now.charactersPerSecond) : NONE}
        </Figure>
        <Figure
          name="parameters"
          label="Parameters"
          note={run && counted(run.vocabulary, 'character', 'characters known')}
        >
          {run ? grouped(run.parameters) : NONE}
        </Figure>
        <Figure name="grad-norm" label="Gradient norm" note={now && 'before clipping'}>
          {significant(now && now.gradNorm)}
        </Figure>
        <Figure name="lr" label="Learning rate" note={now && scheduleNote()}>
          {significant(now?.lr ?? null)}
        </Figure>
        <Figure
          name="memory"
          label="Memory"
          note={now && `and ${megabytes(now.pooledBytes)} to reuse`}
        >
          {now ? megabytes(now.bytes) : NONE}
        </Figure>
        <TimeLeft />
        {now !== null && now.skipped > 0 && (
          <Figure name="skipped" label="Steps skipped" note="a gradient was not finite">
            {grouped(now.skipped)}
          </Figure>
        )}
      </dl>
      <p class="device" data-figure="device" data-kind={run?.device.kind}>
        {run
          ? `Device: ${run.device.kind === 'cpu' ? '' : 'WebGPU, '}${run.device.description} (${run.device.reason})`
          : `No model yet: Start makes one${placeText()}.`}
      </p>
    </section>
  );
}

/** Where it would run, once that is known. */
function placeText(): string {
  const found = probed.value;
  if (!found || device.value !== 'auto') return '';
  return found.kind === 'cpu'
    ? ` on the CPU (${found.reason})`
    : ` on the GPU, ${found.description}`;
}

/** By which schedule the rate is what it is. */
function scheduleNote(): string {
  const { schedule = 'constant', warmup = 0 } = begun.value?.settings.train ?? {};
  return (step.value < warmup ? 'warm-up, then ' : '') + schedule;
}

/** How far the shaders are that the first step waits for. */
function compileNote(): string | null {
  const now = compiling.value;
  return now && `compiling shader ${now.done} of ${now.total}`;
}

/** To the step at which training is to rest. */
function TimeLeft() {
  const [run, now] = [info.value, report.value];
  const stop = run ? (begun.value?.settings.stopAfter ?? 0) : 0;
  const left = stop - (now?.step ?? 0);
  const known = run && now && left > 0;
  return (
    <Figure
      name="time-left"
      label="Time left"
      note={stop > 0 ? `${left > 0 ? 'to' : 'past'} step ${grouped(stop)}` : run && 'no end is set'}
    >
      {known ? duration((left * run.charactersPerStep) / now.charactersPerSecond) : NONE}
    </Figure>
  );
}

function Figure({
  name,
  label,
  unit,
  note,
  action,
  children,
}: {
  name: string;
  label: string;
  unit?: string | null;
  note?: string | null;
  action?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="value" data-figure={name}>
          {children}
        </span>
        {unit && <span class="unit"> {unit}</span>}
        <span class="note">{note}</span>
        {action}
      </dd>
    </div>
  );
}
