import { useId } from 'preact/hooks';

import { NumberField } from '../../shared/fields';
import { counted, grouped } from '../../shared/format';
import { asOf } from '../as_of';
import { statistics } from '../form';
import { refresh } from './looking';
import {
  chosenText,
  follow,
  from,
  fromProblem,
  length,
  lengthProblem,
  look,
  looking,
  lookProblem,
  MAX_CHARACTERS,
  ownText,
  place,
} from './store';

/** Which text the model is to read, and when. */
export function Choose() {
  const id = useId();
  return (
    <section class="panel choose" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Inside the cells</h2>
      <p class="hint">
        The model reads a text, from an empty memory. This is what its units hold after each
        character.
      </p>
      <div class="row">
        <button
          type="button"
          disabled={looking.value || chosenText.value === null}
          onClick={() => void refresh()}
        >
          Refresh
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={follow.value}
            onChange={({ currentTarget }) => (follow.value = currentTarget.checked)}
          />
          Follow training
        </label>
        <p class="hint" data-figure="looked-at">
          <Freshness />
        </p>
        <details open={fromProblem.value !== null || lengthProblem.value !== null}>
          <summary>
            <Summary />
          </summary>
          <div class="choose-text">
            <div class="field">
              <label for={`${id}-place`}>Text to read</label>
              <select
                id={`${id}-place`}
                value={place.value}
                onChange={({ currentTarget }) =>
                  (place.value = currentTarget.value === 'own' ? 'own' : 'training')
                }
              >
                <option value="training">From the training text</option>
                <option value="own">A text of your own</option>
              </select>
            </div>
            {place.value === 'training' ? <Stretch /> : <OwnText />}
          </div>
        </details>
      </div>
      <p class="wrong" aria-live="polite">
        {lookProblem.value?.message}
      </p>
    </section>
  );
}

/** What is read, in words. */
function Summary() {
  if (place.value === 'own') return <>It reads a text of your own</>;
  const first = Number(from.value);
  return (
    <>
      It reads characters {grouped(first + 1)} to {grouped(first + Number(length.value))} of the
      training text
    </>
  );
}

function Freshness() {
  if (look.value) return <>{asOf(look.value.step)}</>;
  if (looking.value) return <>The model is reading…</>;
  return <>Nothing read yet.</>;
}

function Stretch() {
  const { characters } = statistics.value;
  return (
    <>
      <NumberField
        label="Characters to skip"
        hint={`of ${grouped(characters)}`}
        value={from}
        problem={fromProblem}
        step="500"
      />
      <NumberField
        label="Characters to read"
        hint={`${grouped(MAX_CHARACTERS)} at most`}
        value={length}
        problem={lengthProblem}
        min="1"
        step="1"
      />
    </>
  );
}

function OwnText() {
  const id = useId();
  const count = Array.from(ownText.value).length;
  return (
    <div class="field own-text">
      <label for={id}>Your text</label>
      <textarea
        id={id}
        rows={4}
        spellcheck={false}
        placeholder="Only characters of the training text."
        value={ownText.value}
        aria-describedby={`${id}-note`}
        onInput={({ currentTarget }) => (ownText.value = currentTarget.value)}
      />
      <p id={`${id}-note`} class="hint">
        {count > MAX_CHARACTERS
          ? `${counted(count, 'character')}: the first ${grouped(MAX_CHARACTERS)} are read.`
          : counted(count, 'character')}
      </p>
    </div>
  );
}
