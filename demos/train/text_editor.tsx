import './text.css';
import { source } from './form';
import { RareCharacters } from './rare_characters';
import { isOpen } from './store';
import { setText } from './text_store';

/** A longer text makes a text area slow: its beginning is shown, and not edited. */
const MAX_EDITABLE_CHARACTERS = 300_000;

/** The text to train on, to be read, pasted or edited. */
export function TextEditor() {
  const { text } = source.value;
  const whole = text.length <= MAX_EDITABLE_CHARACTERS;
  const locked = isOpen.value;
  return (
    <div class="panel text-editor">
      <label for="text">Text</label>
      <textarea
        id="text"
        spellcheck={false}
        rows={8}
        value={whole ? text : text.slice(0, MAX_EDITABLE_CHARACTERS)}
        readOnly={!whole}
        disabled={locked}
        placeholder="Paste a text here, or drop a file: 10,000 characters or more are good."
        aria-describedby="text-facts text-problem"
        onInput={(event) => setText('your text', event.currentTarget.value)}
      />
      {!whole && <p class="hint">Only its beginning is shown.</p>}
      <RareCharacters />
      <div class="row">
        <button
          type="button"
          disabled={locked || text === ''}
          onClick={() => setText('your text', '')}
        >
          Clear
        </button>
      </div>
    </div>
  );
}
