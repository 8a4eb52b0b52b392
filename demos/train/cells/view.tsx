import { useEffect } from 'preact/hooks';

import { NoModel } from '../no_model';
import { hasModel } from '../store';
import { Choose } from './choose';
import { Finder } from './finder';
import { watch } from './looking';
import { Gates } from './gates';
import { Learned } from './learned';
import { look, ownText, place, trace } from './store';
import { UnitText } from './unit_text';
import { Wall } from './wall';
import './cells.css';

/** What the units of the current model do on a text. */
export function CellsView() {
  useEffect(watch, []);
  if (!hasModel.value) {
    return (
      <NoModel title="Inside the cells">
        you then see here what each of its units does while it reads.
      </NoModel>
    );
  }
  const empty = place.value === 'own' && ownText.value === '';
  return (
    <main class="cells">
      {look.value && trace.value && !empty && <Learned />}
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
