import { signal } from '@preact/signals';

import './text.css';
import { FilePicker, TEXT_FILES } from '../shared/file_picker';
import { counted } from '../shared/format';
import { bundled, counting, source, statistics, textProblem } from './form';
import { RareCharacters } from './rare_characters';
import { isOpen } from './store';
import { fileProblem, reading, setText, takeFile } from './text_store';

/** A longer text makes a text area slow: its beginning is shown, and not edited. */
const MAX_EDITABLE_CHARACTERS = 100_000;

const dragging = signal(false);

/** The text to train on: pasted, dropped, from a file, or the one that comes along. */
export function TextInput() {
  const { name, text } = source.value;
  const whole = text.length <= MAX_EDITABLE_CHARACTERS;
  const locked = isOpen.value;
  const wrong = fileProblem.value ?? textProblem.value;
  return (
    <section
      class={dragging.value ? 'panel text-input dragging' : 'panel text-input'}
      aria-labelledby="text-title"
      onDragOver={(event) => {
        event.preventDefault();
        dragging.value = !locked;
      }}
      onDragLeave={() => (dragging.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        dragging.value = false;
        const file = event.dataTransfer?.files[0];
        if (file && !locked) void takeFile(file);
      }}
    >
      <h2 id="text-title">
        <label for="text">Text</label>
      </h2>
      <textarea
        id="text"
        spellcheck={false}
        rows={8}
        value={whole ? text : text.slice(0, MAX_EDITABLE_CHARACTERS)}
        readOnly={!whole}
        disabled={locked}
        placeholder="Paste a text here, or drop a file."
        aria-describedby="text-facts text-problem"
        onInput={(event) => setText('your text', event.currentTarget.value)}
      />
      <p id="text-facts" class="hint">
        <Facts name={name} whole={whole} />
      </p>
      <RareCharacters />
      <p id="text-problem" class="wrong" aria-live="polite">
        {wrong}
      </p>
      <div class="row">
        <FilePicker
          name="Text file"
          accept={TEXT_FILES}
          disabled={locked}
          onFile={(file) => void takeFile(file)}
        >
          Open file…
        </FilePicker>
        <button
          type="button"
          disabled={locked}
          onClick={() => setText(bundled.value.name, bundled.value.text)}
        >
          Bundled text
        </button>
        <button type="button" disabled={locked || text === ''} onClick={() => setText('', '')}>
          Clear
        </button>
      </div>
    </section>
  );
}

function Facts({ name, whole }: { name: string; whole: boolean }) {
  const { characters, distinct, lines } = statistics.value;
  if (reading.value !== null) return <>Reading {reading.value}…</>;
  if (source.value.text === '') return <>No text yet; a file can be dropped here too.</>;
  if (characters === 0 || counting.value) return <>Counting {name}…</>;
  const facts = [counted(characters, 'character'), `${distinct} distinct`, counted(lines, 'line')];
  return (
    <>
      {name}: {facts.join(', ')}.{!whole && ' Only its beginning is shown.'}
    </>
  );
}
