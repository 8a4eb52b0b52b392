import { useId, useMemo, useRef } from 'preact/hooks';

import { grouped, percent } from '../../shared/format';
import { background } from '../cells/palette';
import { ColouredText, nameOf, scrollToCharacter } from '../coloured_text';
import {
  colouring,
  differences,
  from,
  kindOf,
  mistakes,
  onlyKind,
  order,
  part,
  parts,
  pickPart,
  pickPosition,
  position,
  shown,
} from './store';
import { KINDS } from './words';

/** The difference of ln p that has the full colour, in nats. */
const FULL = 3;

/** The held-out text, each character coloured by its kind of error or by who foresaw it better. */
export function ErrorText() {
  const id = useId();
  const host = useRef<HTMLElement>(null);
  const [how, kinds, only, difference, start] = [
    ...([colouring.value, kindOf.value, onlyKind.value, differences.value, from.value] as const),
  ];
  const colour = useMemo(() => {
    if (how === 'difference') return (t: number) => background(difference[start + t] / FULL);
    return (t: number) => {
      const kind = kinds[start + t];
      return kind && (only === null || kind === only) ? `var(--error-${kind})` : '';
    };
  }, [how, kinds, only, difference, start]);
  return (
    <section ref={host} class="panel errors-text" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Character by character</h2>
      <div class="row">
        <div class="field">
          <label for={`${id}-how`}>Coloured by</label>
          <select
            id={`${id}-how`}
            value={how}
            onChange={({ currentTarget }) =>
              (colouring.value = currentTarget.value === 'kinds' ? 'kinds' : 'difference')
            }
          >
            <option value="kinds">Kinds of error</option>
            <option value="difference">Network against n-gram</option>
          </select>
        </div>
        <Parts />
      </div>
      <Legend />
      <ColouredText
        label="The held-out text"
        characters={shown.value}
        colour={colour}
        position={position.value}
        onPoint={pickPosition}
      />
      <div class="field readout">
        <label for={`${id}-at`}>
          <span>Character {grouped(start + position.value + 1)}</span>
          <span data-figure="error-readout">{readout()}</span>
        </label>
        <input
          id={`${id}-at`}
          type="range"
          min={0}
          max={Math.max(shown.value.length - 1, 0)}
          value={position.value}
          aria-valuetext={readout()}
          onInput={({ currentTarget: { valueAsNumber } }) => {
            pickPosition(valueAsNumber);
            scrollToCharacter(host.current!.querySelector('.coloured')!, valueAsNumber);
          }}
        />
      </div>
    </section>
  );
}

function Legend() {
  if (colouring.value === 'kinds') {
    const only = onlyKind.value;
    return (
      <p class="hint">
        {only
          ? `Errors of one kind: ${KINDS[only].title.toLowerCase()}.`
          : 'The colours are those of the bar; what has none was foreseen.'}
      </p>
    );
  }
  return (
    <p class="legend">
      <span>n-gram better</span>
      <span class="bar" />
      <span>network better</span>
    </p>
  );
}

/** The ways to the other parts of a long text. */
function Parts() {
  if (parts.value < 2) return null;
  const last = Math.min(from.value + shown.value.length, mistakes.value!.network.length);
  return (
    <div class="errors-parts">
      <button type="button" disabled={part.value === 0} onClick={() => pickPart(part.value - 1)}>
        Before
      </button>
      <span>
        {grouped(from.value + 1)} to {grouped(last)}
      </span>
      <button
        type="button"
        disabled={part.value === parts.value - 1}
        onClick={() => pickPart(part.value + 1)}
      >
        After
      </button>
    </div>
  );
}

/** What is known of the marked character. */
function readout(): string {
  const at = from.value + position.value;
  const { network, ngrams } = mistakes.value!;
  const kind = kindOf.value[at];
  return (
    `${nameOf(shown.value[position.value])}: network ${percent(network[at])}, ` +
    `${order.value}-gram ${percent(ngrams[order.value - 1][at])}` +
    (kind ? `; ${KINDS[kind].title.toLowerCase()}` : '')
  );
}
