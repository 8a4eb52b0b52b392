import { signal } from '@preact/signals';

import { save } from '../shared/save';
import { withCall } from './calls';
import { learner, ownAnswers, topic, which } from './state';

const problem = signal<string | null>(null);
/** What came of copying; it says nothing of another program. */
const copied = signal<string | null>(null);
topic.subscribe(() => (copied.value = null));

/** The model that answers, as a file; how a page of one's own uses it. */
export function Taking() {
  const shown = topic.value!;
  const own = ownAnswers.value;
  const file = `${own ? own.name.replace(/\.[^.]*$/, '') : shown.name}.safetensors`;
  const asked = own?.found?.inputs[0] ?? shown.written?.text(shown.inputs[0]);
  const program = withCall(shown.program, shown.name, file, asked);
  return (
    <div class="taking">
      <button type="button" onClick={() => void saveModel(file)}>
        Save the model that answers
      </button>
      {problem.value !== null && (
        <p class="wrong" role="alert">
          {problem.value}
        </p>
      )}
      <details>
        <summary>Use it in a program of your own</summary>
        <div class="commands">
          <button type="button" class="small" onClick={() => void copy(program)}>
            Copy the program
          </button>
          <span class="note" aria-live="polite">
            {copied}
          </span>
        </div>
        <pre tabIndex={0}>{program}</pre>
      </details>
    </div>
  );
}

async function copy(program: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(program);
    copied.value = 'Copied.';
  } catch {
    copied.value = 'The browser does not let a page copy: mark the text, and copy it.';
  }
}

async function saveModel(name: string): Promise<void> {
  const found = await learner.save(which.peek());
  problem.value = 'problem' in found ? found.problem.message : null;
  if (!('problem' in found)) save(new Blob([found.value]), name);
}
