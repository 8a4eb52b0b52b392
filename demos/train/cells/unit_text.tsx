import { useEffect, useId, useMemo, useRef } from 'preact/hooks';

import { grouped } from '../../shared/format';
import { Lens } from './lens';
import { background } from './palette';
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
        Layer {layer.value}, unit {unit.value}
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
      <ColouredText bound={bound} />
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
            {i}
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
  return (
    <p class="legend">
      <span>{isGate.value ? '0' : figure(-bound)}</span>
      <span class={isGate.value ? 'bar gate' : 'bar'} />
      <span>{figure(bound)}</span>
    </p>
  );
}

function ColouredText({ bound }: { bound: number }) {
  const host = useRef<HTMLPreElement>(null);
  const all = characters.value;
  const spans = useMemo(
    () =>
      all.map((character, t) => (
        <span key={t} data-t={t} class={character === '\n' ? 'line-end' : undefined}>
          {character}
        </span>
      )),
    [all],
  );
  const shown = values.value;
  // By hand: thousands of characters change their colour at once, and nothing else does.
  useEffect(() => {
    const children = host.current!.children;
    for (let t = 0; t < children.length; t++) {
      (children[t] as HTMLElement).style.backgroundColor = background(shown[t] / bound);
    }
  }, [spans, shown, bound]);
  const at = position.value;
  useEffect(() => {
    const here = host.current!.children[at];
    here?.classList.add('here');
    return () => here?.classList.remove('here');
  }, [spans, at]);
  return (
    <pre
      ref={host}
      class="coloured"
      role="region"
      tabIndex={0}
      aria-label="The text that was read"
      onPointerOver={({ target }) => {
        const { t } = (target as HTMLElement).dataset;
        if (t !== undefined) pickPosition(Number(t));
      }}
    >
      {spans}
    </pre>
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
          const here = text.children[valueAsNumber] as HTMLElement;
          // The text alone is scrolled, not the page.
          text.scrollTop = here.offsetTop - text.clientHeight / 2;
        }}
      />
    </div>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ '\n': 'line end', ' ': 'space', '\t': 'tab', '\r': 'carriage return' },
};

function nameOf(character = ''): string {
  return NAMES[character] ?? `‘${character}’`;
}

function figure(value = 0): string {
  return value.toFixed(2).replace('-', '−');
}
