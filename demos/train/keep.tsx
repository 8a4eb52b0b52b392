import { FilePicker } from '../shared/file_picker';
import { grouped } from '../shared/format';
import { attempt, busy, mayEnd, wrong } from './attempt';
import { importFile } from './importing';
import { exportFile } from './keeping';
import { refusal } from './lock';
import { answers, kept, phase } from './store';

/** Whether the run outlives the tab, and the way into a file and back. */
export function Keep() {
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
      <FilePicker
        name="Run file"
        accept=".safetensors"
        disabled={busy.value || phase.value === 'opening'}
        onFile={(file) => {
          if (mayEnd()) void attempt(() => importFile(file));
        }}
      >
        Import run…
      </FilePicker>
      <p class="wrong" aria-live="polite">
        {wrong}
      </p>
    </div>
  );
}

function keptText(): string {
  const now = kept.value;
  const reason = refusal.value ?? (now && 'reason' in now ? now.reason : null);
  if (reason !== null) return `Not kept in this browser: ${reason}`;
  if (!now || 'reason' in now) return '';
  return `Kept in this browser at step ${grouped(now.step)}`;
}
