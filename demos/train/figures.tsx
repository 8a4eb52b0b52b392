import type { ComponentChildren } from 'preact';

import { bits, counted, grouped, nats, NONE, roughly } from '../shared/format';
import { evaluate } from './actions';
import { device } from './form';
import { info, phase, probed, report, validation } from './store';

/** The numbers of the run, as they are now. */
export function Figures() {
  const run = info.value;
  const now = report.value;
  const held = validation.value;
  const open = phase.value === 'running' || phase.value === 'paused';
  return (
    <section class="panel" aria-label="Figures">
      <dl class="figures">
        <Figure name="step" label="Step" note={now && `epoch ${now.epoch.toFixed(2)}`}>
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
