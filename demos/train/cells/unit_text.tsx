import { useId, useMemo } from 'preact/hooks';

import { counted, grouped, percent } from '../../shared/format';
import { ColouredText, nameOf, scrollToCharacter } from '../coloured_text';
import { Lens } from './lens';
import {
  askWhatMattered,
  forgetMattering,
  mattering,
  matteringProblem,
  strongest,
} from './mattering';
import { background } from './palette';
import { unitName } from './probe_words';
import {
  channel,
  channels,
  characters,
  fullColour,
  isGate,
  layer,
  look,
  pickChannel,
  pickLayer,
  pickPosition,
  pickUnit,
  position,
  stretched,
  trace,
  unit,
  values,
} from './store';
import { TraceLine } from './trace_line';

/** The text, coloured by what one unit holds after each character. */
export function UnitText() {
  const id = useId();
  const bound = fullColour.value(values.value);
  return (
    <section class="panel unit-text" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} data-figure="unit">
        {unitName({ layer: layer.value, unit: unit.value })}
      </h2>
      <div class="unit-choice">
        <LayerField />
        <UnitField />
        <ChannelField />
        <label class="check">
          <input
            type="checkbox"
            checked={stretched.value}
            onChange={({ currentTarget }) => (stretched.value = currentTarget.checked)}
          />
          Stretch colours
        </label>
      </div>
      <Legend bound={bound} />
      <Text bound={bound} />
      <Mattered />
      <Readout />
      <Lens />
      <TraceLine
        name={`${channel.value.name} of unit ${unit.value}`}
        values={values.value}
        low={isGate.value ? 0 : -bound}
        high={bound}
        kind="unit"
      />
    </section>
  );
}

function LayerField() {
  const id = useId();
  const layers = look.value?.layers ?? [];
  return (
    <div class="field">
      <label for={id}>Layer</label>
      <select
        id={id}
        value={layer.value}
        onChange={({ currentTarget }) => pickLayer(Number(currentTarget.value))}
      >
        {layers.map((_, i) => (
          <option key={i} value={i}>
            {i + 1}
          </option>
        ))}
      </select>
    </div>
  );
}

function UnitField() {
  const id = useId();
  const last = (trace.value?.hidden ?? 1) - 1;
  return (
    <div class="field">
      <label for={id}>Unit</label>
      <input
        id={id}
        type="number"
        min={0}
        max={last}
        value={unit.value}
        onInput={({ currentTarget: { valueAsNumber } }) => {
          if (Number.isInteger(valueAsNumber) && valueAsNumber >= 0 && valueAsNumber <= last) {
            pickUnit(valueAsNumber);
          }
        }}
      />
    </div>
  );
}

function ChannelField() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Show</label>
      <select
        id={id}
        value={channel.value.name}
        onChange={({ currentTarget }) => pickChannel(currentTarget.value)}
      >
        {channels.value.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What the colours mean. */
function Legend({ bound }: { bound: number }) {
  const low = mattering.value ? 'did not matter' : isGate.value ? '0' : figure(-bound);
  return (
    <p class="legend">
      <span>{low}</span>
      <span class={low === figure(-bound) ? 'bar' : 'bar gate'} />
      <span>{mattering.value ? 'mattered most' : figure(bound)}</span>
    </p>
  );
}

function Text({ bound }: { bound: number }) {
  const shown = values.value;
  const found = mattering.value;
  const colour = useMemo(() => {
    if (!found) return (t: number) => background(shown[t] / bound);
    const { norms, from, position } = found;
    const most = norms.reduce((largest, norm) => Math.max(largest, norm), 0) || 1;
    return (t: number) => {
      if (t === position) return 'var(--info-panel)';
      // By the root, as most of the gradient is at the nearest ones.
      return t < from || t > position ? '' : background(Math.sqrt(norms[t - from] / most));
    };
  }, [shown, bound, found]);
  return (
    <ColouredText
      label="The text that was read"
      characters={characters.value}
      colour={colour}
      position={position.value}
      onPoint={pickPosition}
      onChoose={askWhatMattered}
    />
  );
}

/** What mattered to the character that was clicked. */
function Mattered() {
  const found = mattering.value;
  const problem = matteringProblem.value;
  if (problem) return <p class="wrong">{problem.message}</p>;
  if (!found) {
    return (
      <p class="hint">
        Click a character to see which earlier ones mattered to the model’s guess of it.
      </p>
    );
  }
  const all = characters.value;
  const places = strongest(found, 3).map(
    (t) => `${nameOf(all[t])}, ${counted(found.position - t, 'character')} before`,
  );
  return (
    <div class="mattered" data-figure="mattered">
      <p>
        The model gave {nameOf(all[found.position])} at character {grouped(found.position + 1)} a
        probability of {percent(Math.exp(found.logProbability))}. The stronger the colour of a
        character before it, the more this would change with it. Most: {places.join('; ')}.
      </p>
      <button type="button" onClick={forgetMattering}>
        Back to the unit
      </button>
    </div>
  );
}

/** The character chosen by pointer or by slider, and the value there. */
function Readout() {
  const id = useId();
  const at = position.value;
  const count = characters.value.length;
  const value = `${channel.value.name} = ${figure(values.value[at])}`;
  const shown = `${nameOf(characters.value[at])}: ${value}`;
  return (
    <div class="field readout">
      <label for={id}>
        <span>Character {grouped(at + 1)}</span>
        <span data-figure="readout">{shown}</span>
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={count - 1}
        value={at}
        aria-valuetext={shown}
        onInput={({ currentTarget: { valueAsNumber, parentElement } }) => {
          pickPosition(valueAsNumber);
          const text = parentElement!.parentElement!.querySelector<HTMLElement>('.coloured')!;
          scrollToCharacter(text, valueAsNumber);
        }}
      />
      <button type="button" disabled={at < 1} onClick={() => askWhatMattered()}>
        What mattered to it?
      </button>
    </div>
  );
}

function figure(value = 0): string {
  return value.toFixed(2).replace('-', '−');
}
