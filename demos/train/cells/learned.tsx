import { useId } from 'preact/hooks';

import { CONVINCING } from '../../../src/inspect/index';
import type { UnitClaim } from '../../../src/inspect/index';
import { claimInWords, PROBE_TITLES, signed, unitName } from './probe_words';
import { claim, claims, findings, layer, pick, pickProbe, probes, showBest, unit } from './store';

/** What the model was found to keep track of, in words, and the units that do. */
export function Learned() {
  const id = useId();
  return (
    <section class="panel learned" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>What it learned</h2>
      {findings.value.length > 0 ? <Findings /> : <Nothing />}
    </section>
  );
}

function Findings() {
  const shown = claim.value;
  return (
    <>
      <p class="claim" aria-live="polite" data-figure="claim">
        {shown && <Said claim={shown} />}
      </p>
      <div class="row findings" role="group" aria-label="Units that follow something">
        {findings.value.map((found) => (
          <button
            key={found.probe}
            type="button"
            aria-pressed={found.layer === layer.value && found.unit === unit.value}
            onClick={() => {
              pick(found);
              pickProbe(found.probe);
            }}
          >
            {PROBE_TITLES[found.probe]} <span class="correlation">{signed(found.correlation)}</span>
          </button>
        ))}
        <button type="button" class="best" onClick={showBest}>
          Show me the best
        </button>
      </div>
      <p class="hint">
        Every unit was tried with everything that this text has, on its first half. A claim is made
        where it holds on the second half too, at a correlation of {CONVINCING} or more.
      </p>
    </>
  );
}

function Said({ claim }: { claim: UnitClaim }) {
  if (!claim.holds) {
    return (
      <>
        <b>{unitName(claim)}</b> follows nothing that could be told: at best{' '}
        {PROBE_TITLES[claim.probe].toLowerCase()}, correlation {signed(claim.correlation)}.
      </>
    );
  }
  return (
    <>
      <b>{unitName(claim)}</b> {claimInWords(claim)}, correlation {signed(claim.correlation)}.
      {claim.memory === 0 && ' It takes no memory: the character just read tells it.'}
    </>
  );
}

function Nothing() {
  const [best] = claims.value;
  if (!best || probes.value.length === 0) {
    return (
      <p class="claim" data-figure="claim">
        This text has nothing that a unit could be told by.
      </p>
    );
  }
  return (
    <p class="claim" data-figure="claim">
      Nothing convinces yet. The best of {claims.value.length} units is{' '}
      {unitName(best).toLowerCase()}, with {PROBE_TITLES[best.probe].toLowerCase()}: correlation{' '}
      {signed(best.correlation)}. Train on, and look again.
    </p>
  );
}
