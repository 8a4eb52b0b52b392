import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { start } from './actions';
import { phase } from './store';

/** What a view shows where there is no model to look into; `children` go on after "Start trains one; ". */
export function NoModel({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  const opening = phase.value === 'opening';
  return (
    <main>
      <section class="panel" aria-labelledby={id}>
        <h2 id={id}>{title}</h2>
        <p>There is no model yet. Start trains one on the text of the Train view; {children}</p>
        <div class="row">
          <button type="button" disabled={opening} onClick={() => void start()}>
            {opening ? 'Making the model…' : 'Start training'}
          </button>
        </div>
      </section>
    </main>
  );
}
