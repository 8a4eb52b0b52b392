import { useEffect } from 'preact/hooks';

import { start } from '../actions';
import { phase } from '../store';
import { Choose } from './choose';
import { Finder } from './finder';
import { hasModel, watch } from './looking';
import { Gates } from './gates';
import { look, ownText, place, trace } from './store';
import { UnitText } from './unit_text';
import { Wall } from './wall';
import './cells.css';

/** What the units of the current model do on a text. */
export function CellsView() {
  useEffect(watch, []);
  if (!hasModel.value) return <NoModel />;
  const empty = place.value === 'own' && ownText.value === '';
  return (
    <main class="cells">
      <Choose />
      {look.value && trace.value && !empty && (
        <>
          <UnitText />
          <Finder />
          <Wall />
          <Gates />
        </>
      )}
    </main>
  );
}

function NoModel() {
  const opening = phase.value === 'opening';
  return (
    <main>
      <section class="panel" aria-labelledby="cells-title">
        <h2 id="cells-title">Inside the cells</h2>
        <p>
          There is no model yet. Start trains one on the text of the Train view; you then see here
          what each of its units does while it reads.
        </p>
        <div class="row">
          <button type="button" disabled={opening} onClick={() => void start()}>
            {opening ? 'Making the model…' : 'Start training'}
          </button>
        </div>
      </section>
    </main>
  );
}
