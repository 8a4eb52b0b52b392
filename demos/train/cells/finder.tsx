import { useId } from 'preact/hooks';

import { memoryOf, unitColumn } from '../../../src/inspect/index';
import type { ProbeName } from '../../../src/inspect/index';
import { PROBE_TITLES, signed, unitName } from './probe_words';
import {
  layer,
  look,
  matches,
  memoryName,
  pick,
  pickProbe,
  probe,
  probes,
  probeValues,
  reachOf,
  unit,
} from './store';
import { TraceLine } from './trace_line';

/** Units in the list. */
const MAX_SHOWN_UNITS = 10;

/** The units that go best with something in the text. */
export function Finder() {
  const id = useId();
  return (
    <section class="panel finder" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Find a unit</h2>
      {probe.value ? (
        <>
          <ProbeField />
          <Matches name={PROBE_TITLES[probe.value]} />
        </>
      ) : (
        <p class="nothing">
          This text has nothing that a unit could be told by: no quotes, brackets or comments, and
          too few lines and words. Choose a longer stretch.
        </p>
      )}
    </section>
  );
}

function ProbeField() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>That follows</label>
      <select
        id={id}
        value={probe.value}
        aria-describedby={`${id}-note`}
        onChange={({ currentTarget }) => pickProbe(currentTarget.value as ProbeName)}
      >
        {probes.value.map((name) => (
          <option key={name} value={name}>
            {PROBE_TITLES[name]}
          </option>
        ))}
      </select>
      <p id={`${id}-note`} class="hint">
        By correlation over this text, in all layers. What the text does not have is left out.
      </p>
    </div>
  );
}

function Matches({ name }: { name: string }) {
  const [lowest, highest] = extent(probeValues.value);
  return (
    <>
      <ol class="matches">
        {matches.value.slice(0, MAX_SHOWN_UNITS).map((match) => (
          <li key={`${match.layer} ${match.unit}`}>
            <button
              type="button"
              aria-pressed={match.layer === layer.value && match.unit === unit.value}
              onClick={() => pick(match)}
            >
              <span>{unitName(match)}</span>
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
      <TraceLine name={name} values={probeValues.value} low={lowest} high={highest} kind="probe" />
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
        values={unitColumn(memory, trace.hidden, unit.value)}
        low={-reach}
        high={reach}
        kind="unit"
      />
      <p class="hint" data-figure="correlation">
        {unitName({ layer: layer.value, unit: unit.value })}: correlation{' '}
        {signed(found?.correlation ?? 0)}
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
