import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

import { grouped } from '../shared/format';
import { exportFile, importFile } from './actions';
import { messageOf } from './problem';
import { answers, kept, phase, step } from './store';

const wrong = signal<string | null>(null);
const busy = signal(false);

async function attempt(work: () => Promise<string | null>): Promise<void> {
  busy.value = true;
  wrong.value = null;
  try {
    wrong.value = await work();
  } catch (error) {
    wrong.value = messageOf(error);
  } finally {
    busy.value = false;
  }
}

/** Whether the run outlives the tab, and the way into a file and back. */
export function Keep() {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div class="keep" role="group" aria-label="Keep the run">
      <p class="hint" data-kept={kept.value !== null && 'step' in kept.value}>
        {keptText()}
      </p>
      <button
        type="button"
        disabled={!answers.value || busy.value}
        title="Weights, optimiser, text, curves and samples, in one file"
        onClick={() => void attempt(() => exportFile('run'))}
      >
        Export run
      </button>
      <button
        type="button"
        disabled={!answers.value || busy.value}
        title="The weights alone, to be embedded in a page of yours"
        onClick={() => void attempt(() => exportFile('model'))}
      >
        Export model
      </button>
      <button
        type="button"
        disabled={busy.value || phase.value === 'opening'}
        onClick={() => picker.current?.click()}
      >
        Import run…
      </button>
      <input
        ref={picker}
        type="file"
        accept=".safetensors"
        hidden
        aria-label="Run file"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file && mayReplace()) void attempt(() => importFile(file));
          // Emptied, so that the same file can be chosen again.
          currentTarget.value = '';
        }}
      />
      <p class="wrong" aria-live="polite">
        {wrong}
      </p>
    </div>
  );
}

/** An import ends the run that is open: asked first, where there is something to lose. */
function mayReplace(): boolean {
  if (step.peek() === 0) return true;
  return confirm(
    `This ends the run at step ${grouped(step.peek())}. Export it first to keep it. Import now?`,
  );
}

function keptText(): string {
  const now = kept.value;
  if (!now) return '';
  if ('reason' in now) return `Not kept in this browser: ${now.reason}`;
  return `Kept in this browser at step ${grouped(now.step)}`;
}
