import { useId } from 'preact/hooks';

import { NumberField } from '../shared/fields';
import { counted } from '../shared/format';
import { setTemperature, stopWriting, write } from './actions';
import { prime, sampleLength, sampleSeed, temperature, topK, topP } from './form';
import type { Sample } from './protocol';
import { Legend, ScoredText } from './scored_text';
import { answers, sampleProblem, samples, writing } from './store';

/** Has the model write, and keeps what it wrote on the way. */
export function Samples() {
  const open = answers.value;
  return (
    <section class="panel" aria-labelledby="samples-title">
      <h2 id="samples-title">Samples</h2>
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
      <Legend />
      <p class="samples-problem wrong" aria-live="polite">
        {sampleProblem.value?.message}
      </p>
      {samples.value.length === 0 ? (
        <p class="hint">
          What the model writes appears here: before the first step, then after 100, 300, 1,000,
          2,000… and whenever you press Write.
        </p>
      ) : (
        <ol class="samples">
          {samples.value.map((sample) => (
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

function Writing({ step, automatic, temperature, prime, text, scores, done }: Sample) {
  return (
    <li data-done={done} data-automatic={automatic}>
      <p class="caption">
        <b>{step === 0 ? 'Untrained' : `After ${counted(step, 'step')}`}</b>
        <span>
          temperature {temperature.toFixed(2)}
          {!automatic && ', asked for'}
        </span>
      </p>
      <ScoredText prime={prime} text={text} scores={scores} done={done} />
    </li>
  );
}
