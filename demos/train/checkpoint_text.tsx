import { FilePicker, TEXT_FILES } from '../shared/file_picker';
import { counted, grouped } from '../shared/format';
import { Notice } from '../shared/notice';
import { attempt, busy, mayEnd } from './attempt';
import { bundled, source } from './form';
import { beginAnew, giveText, giveTextFile } from './importing';
import { waiting } from './waiting';
import type { Waiting } from './waiting';

/** Asks for the text of a checkpoint that was imported without it. */
export function CheckpointText() {
  const now = waiting.value;
  if (!now) return null;
  const text = now.other ?? source.value;
  return (
    <Notice tone="info">
      <span data-asks="text">{told(now)}</span>
      <FilePicker
        name="Text of the checkpoint"
        accept={TEXT_FILES}
        disabled={busy.value}
        onFile={(file) => void attempt(() => giveTextFile(file))}
      >
        Open its text…
      </FilePicker>
      {now.resumes && (
        <button
          type="button"
          disabled={busy.value}
          onClick={() => void attempt(() => giveText(bundled.value))}
        >
          Take the bundled text
        </button>
      )}
      {(now.other ?? !now.resumes) && text.text !== '' && (
        <button
          type="button"
          disabled={busy.value}
          onClick={() => mayEnd() && void attempt(() => beginAnew(text))}
        >
          Begin a new run with its weights on {text.name}
        </button>
      )}
      <button type="button" class="small" onClick={() => (waiting.value = null)}>
        Cancel
      </button>
    </Notice>
  );
}

function told({ file, mark, step, resumes, other }: Waiting): string {
  const trained = `${file.name} was trained for ${counted(step, 'step')} on ${mark.source} (length ${grouped(mark.length)})`;
  if (!resumes) {
    return `${trained}, and is a model alone: without the state of its optimizer that run cannot go on, but a new one can begin with its weights, on any text. `;
  }
  if (!other)
    return `${trained}, and does not hold that text. Give the text, and the run goes on. `;
  return `${other.name} (length ${grouped(other.text.length)}) is another text. ${trained}; with that one the run goes on. `;
}
