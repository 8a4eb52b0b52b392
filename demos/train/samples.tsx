import { useId } from 'preact/hooks';

import { NumberField } from '../shared/fields';
import { counted } from '../shared/format';
import { setTemperature, stopWriting, write } from './actions';
import { prime, sampleLength, sampleSeed, temperature, topK, topP } from './form';
import { beganWith } from './kept_runs';
import type { Sample } from './protocol';
import { ScoredText } from './scored_text';
import { answers, sampleProblem, samples, writing } from './store';

/** Has the model write as one likes, and lists what it wrote so. */
export function Samples() {
  const open = answers.value;
  const asked = samples.value.filter(({ automatic }) => !automatic);
  if (!open && asked.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="samples-title">
      <h2 id="samples-title">Have it write</h2>
      <form
        class="sample-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (open && !writing.value) void write();
        }}
      >
        <Temperature />
        <Prime />
        <NumberField label="Length" hint="characters" value={sampleLength} min="1" />
        <NumberField label="Top k" hint="likeliest only; 0 for all" value={topK} />
        <NumberField label="Top p" hint="share kept; 1 for all" value={topP} step="0.05" />
        <NumberField label="Sample seed" hint="same seed, same draw" value={sampleSeed} />
        {writing.value ? (
          <button type="button" onClick={() => void stopWriting()}>
            Stop writing
          </button>
        ) : (
          <button type="submit" class="primary" disabled={!open}>
            Write
          </button>
        )}
      </form>
      <p class="samples-problem wrong" aria-live="polite">
        {sampleProblem.value?.message}
      </p>
      {asked.length > 0 && (
        <ol class="samples">
          {asked.map((sample) => (
            <Writing key={sample.id} {...sample} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Temperature() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        Temperature <span aria-hidden="true">{temperature.value.toFixed(2)}</span>
      </label>
      <input
        id={id}
        type="range"
        min="0"
        max="2"
        step="0.05"
        value={temperature.value}
        aria-describedby={`${id}-note`}
        onInput={(event) => void setTemperature(event.currentTarget.valueAsNumber)}
      />
      <p id={`${id}-note`} class="hint">
        below 1 safer, above 1 wilder, 0 always the likeliest
      </p>
    </div>
  );
}

function Prime() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Begin with</label>
      <input
        id={id}
        type="text"
        value={prime.value}
        autocomplete="off"
        spellcheck={false}
        placeholder="a new line"
        aria-describedby={`${id}-note`}
        onInput={(event) => (prime.value = event.currentTarget.value)}
      />
      <p id={`${id}-note`} class="hint">
        characters of the text only
      </p>
    </div>
  );
}

function Writing({ step, temperature, prime, text, scores, done }: Sample) {
  const first = beganWith.value === undefined ? 'Untrained' : 'As it was opened';
  return (
    <li data-done={done}>
      <p class="caption">
        <b>{step === 0 ? first : `After ${counted(step, 'step')}`}</b>
        <span>temperature {temperature.toFixed(2)}</span>
      </p>
      <ScoredText prime={prime} text={text} scores={scores} done={done} />
    </li>
  );
}
