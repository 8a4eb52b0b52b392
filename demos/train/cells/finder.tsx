import { useId } from 'preact/hooks';

import { memoryOf } from '../../../src/inspect/index';
import type { ProbeName } from '../../../src/inspect/index';
import { SelectField } from '../../shared/fields';
import {
  layer,
  look,
  matches,
  memoryName,
  pickLayer,
  pickUnit,
  probe,
  probeValues,
  probeVaries,
  reachOf,
  unit,
  unitValues,
} from './store';
import { TraceLine } from './trace_line';

/** Units in the list. */
const MAX_SHOWN_UNITS = 10;

const PROBE_TITLES: Record<ProbeName, string> = {
  quotes: 'Inside quotes',
  linePosition: 'Position in the line',
  newline: 'Just after a line end',
  parentheses: 'Inside parentheses',
  brackets: 'Inside square brackets',
  braces: 'Inside braces',
  depth: 'Depth of nesting',
  comments: 'Inside a comment',
  ifCondition: 'Inside the condition of an if',
  word: 'Inside a word',
  capital: 'At a capital letter',
};

/** The units that go best with something in the text. */
export function Finder() {
  const id = useId();
  return (
    <section class="panel finder" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Find a unit</h2>
      <SelectField
        label="That follows"
        hint="By correlation over this text, in all layers."
        value={probe}
        choices={PROBE_TITLES}
      />
      {probeVaries.value ? (
        <Matches />
      ) : (
        <p class="nothing">
          The same at every character of this text, so no unit can be told by it. Choose another
          stretch, or something else to follow.
        </p>
      )}
    </section>
  );
}

function Matches() {
  const [lowest, highest] = extent(probeValues.value);
  return (
    <>
      <ol class="matches">
        {matches.value.slice(0, MAX_SHOWN_UNITS).map((match) => (
          <li key={`${match.layer} ${match.unit}`}>
            <button
              type="button"
              aria-pressed={match.layer === layer.value && match.unit === unit.value}
              onClick={() => {
                pickLayer(match.layer);
                pickUnit(match.unit);
              }}
            >
              <span>
                Layer {match.layer}, unit {match.unit}
              </span>
              <meter
                min={0}
                max={1}
                value={Math.abs(match.correlation)}
                aria-hidden="true"
                data-sign={match.correlation < 0 ? 'negative' : 'positive'}
              />
              <span class="correlation">{signed(match.correlation)}</span>
            </button>
          </li>
        ))}
      </ol>
      <TraceLine
        name={PROBE_TITLES[probe.value]}
        values={probeValues.value}
        low={lowest}
        high={highest}
        kind="probe"
      />
      <Memory />
    </>
  );
}

/** What the correlation is with, whatever is shown elsewhere. */
function Memory() {
  const trace = look.value?.layers[layer.value];
  if (!trace) return null;
  const memory = memoryOf(trace);
  const reach = reachOf(memory);
  const found = matches.value.find(
    (match) => match.layer === layer.value && match.unit === unit.value,
  );
  return (
    <>
      <TraceLine
        name={`${memoryName(trace)} of unit ${unit.value}`}
        values={unitValues(memory, trace.hidden, unit.value)}
        low={-reach}
        high={reach}
        kind="unit"
      />
      <p class="hint" data-figure="correlation">
        Layer {layer.value}, unit {unit.value}: correlation {signed(found?.correlation ?? 0)}
      </p>
    </>
  );
}

function extent(values: Float32Array): [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((most, value) => Math.max(most, value), -Infinity),
  ];
}

function signed(value: number): string {
  return (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2);
}
