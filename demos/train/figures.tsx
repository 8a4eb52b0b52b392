import type { ComponentChildren } from 'preact';

import {
  counted,
  duration,
  grouped,
  megabytes,
  NONE,
  roughly,
  significant,
} from '../shared/format';
import { oneCore } from '../shared/one_core';
import { begun } from './kept_runs';
import { info, report, step } from './store';

/** The numbers of the run, as they are now. */
export function Figures() {
  const run = info.value;
  const now = report.value;
  if (!run) return null;
  return (
    <section class="panel" aria-label="Figures">
      <dl class="figures">
        <Figure name="pace" label="Characters per second">
          {now ? roughly(now.charactersPerSecond) : NONE}
        </Figure>
        <Figure
          name="parameters"
          label="Parameters"
          note={counted(run.vocabulary, 'character', 'characters known')}
        >
          {grouped(run.parameters)}
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
      <p class="device" data-figure="device" data-kind={run.device.kind}>
        Device: {run.device.kind === 'cpu' ? '' : 'WebGPU, '}
        {run.device.description} ({run.device.reason}). {run.device.kind === 'cpu' && oneCore()}
      </p>
    </section>
  );
}

/** By which schedule the rate is what it is. */
function scheduleNote(): string {
  const { schedule = 'constant', warmup = 0 } = begun.value?.settings.train ?? {};
  return (step.value < warmup ? 'warm-up, then ' : '') + schedule;
}

/** To the step at which training is to rest. */
function TimeLeft() {
  const [run, now] = [info.value, report.value];
  const stop = run ? (begun.value?.settings.stopAfter ?? 0) : 0;
  if (stop === 0) return null;
  const left = stop - (now?.step ?? 0);
  const known = run && now && left > 0;
  return (
    <Figure
      name="time-left"
      label="Time left"
      note={`${left > 0 ? 'to' : 'past'} step ${grouped(stop)}`}
    >
      {known ? duration((left * run.charactersPerStep) / now.charactersPerSecond) : NONE}
    </Figure>
  );
}

function Figure({
  name,
  label,
  note,
  children,
}: {
  name: string;
  label: string;
  note?: string | null;
  children: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="value" data-figure={name}>
          {children}
        </span>
        <span class="note">{note}</span>
      </dd>
    </div>
  );
}
