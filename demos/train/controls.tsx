import { computed } from '@preact/signals';

import { counted } from '../shared/format';
import { pause, reset, start, stepOnce } from './actions';
import { lesson } from './address';
import { mayEnd } from './attempt';
import { source } from './form';
import { beganWith } from './kept_runs';
import { info, phase, points, problem, samples, step } from './store';

const DEVICE_NAMES = { cpu: 'the CPU', webgpu: 'the GPU' } as const;

/** Changes with the phase only: it is read out, and must not be with every step. */
const status = computed(() => {
  switch (phase.value) {
    case 'idle':
      return problem.value ? 'Stopped' : 'Ready';
    case 'opening':
      return 'Making the model…';
    case 'running':
      return `Training on ${info.value ? DEVICE_NAMES[info.value.device.kind] : '…'}`;
    case 'pausing':
      return 'Finishing the step…';
    case 'paused':
      return step.value === 0 && beganWith.value
        ? 'Trained before; Resume trains it on'
        : `Paused after ${counted(step.value, 'step')}`;
  }
});

/** True when there is anything that Reset would take away. */
const hasRun = computed(
  () =>
    phase.value !== 'idle' ||
    problem.value !== null ||
    points.value.length > 0 ||
    samples.value.length > 0,
);

/** Start, pause, step and reset. */
export function Controls() {
  const now = phase.value;
  const ready = now === 'paused' || (now === 'idle' && source.value.text !== '');
  return (
    <div class="controls" role="toolbar" aria-label="Training">
      {now === 'running' || now === 'pausing' ? (
        <button
          type="button"
          class="primary"
          disabled={now === 'pausing'}
          onClick={() => void pause()}
        >
          Pause
        </button>
      ) : (
        <button type="button" class="primary" disabled={!ready} onClick={() => void start()}>
          {now === 'paused' ? 'Resume' : 'Start'}
        </button>
      )}
      {!lesson.value && (
        <button type="button" disabled={!ready} onClick={() => void stepOnce()}>
          Step
        </button>
      )}
      <button
        type="button"
        disabled={!hasRun.value}
        title="Ends the run; it stays in the table of runs"
        onClick={() => mayEnd() && void reset()}
      >
        Reset
      </button>
      <p class={`status ${now}`} role="status" aria-live="polite">
        {status}
      </p>
    </div>
  );
}
