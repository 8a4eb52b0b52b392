import { FilePicker } from '../shared/file_picker';
import { grouped } from '../shared/format';
import { attempt, busy, mayEnd } from './attempt';
import { importFile } from './importing';
import { exportFile } from './keeping';
import { refusal } from './lock';
import { menuOpen } from './menu_open';
import { Share } from './share';
import { answers, kept, phase } from './store';
import { touring } from './tour_state';

/** Whether the run outlives the tab, the way into a file and back, and what can be given to others. */
export function KeepMenu() {
  return (
    <div class="panel keep-menu" role="group" aria-label="Keep the run">
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
      <Share />
      <button type="button" class="fold" onClick={tour}>
        Take the tour
      </button>
    </div>
  );
}

function tour(): void {
  menuOpen.value = false;
  location.hash = '#train';
  touring.value = true;
}

function keptText(): string {
  const now = kept.value;
  const reason = refusal.value ?? (now && 'reason' in now ? now.reason : null);
  if (reason !== null) return `Not kept in this browser: ${reason}`;
  if (!now || 'reason' in now) return '';
  return `Kept in this browser at step ${grouped(now.step)}`;
}
