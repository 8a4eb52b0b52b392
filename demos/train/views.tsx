import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

import { CellsView } from './cells/view';
import { GradientsView } from './gradients/view';
import { GraphView } from './graph/view';
import { TrainView } from './train_view';

export interface View {
  readonly name: string;
  readonly title: string;
  readonly component: ComponentType;
}

/** What the studio shows, one at a time; the first comes first. */
export const VIEWS: readonly View[] = [
  { name: 'train', title: 'Train', component: TrainView },
  { name: 'cells', title: 'Inside the cells', component: CellsView },
  { name: 'gradients', title: 'Gradients through time', component: GradientsView },
  { name: 'graph', title: 'Graph', component: GraphView },
];

function named(hash: string): View {
  return VIEWS.find(({ name }) => `#${name}` === hash) ?? VIEWS[0];
}

/** The one shown, after the address: so that a view can be linked to, and Back works. */
export const shown = signal(named(location.hash));
addEventListener('hashchange', () => (shown.value = named(location.hash)));

/** The ways to the views. */
export function Views() {
  return (
    <nav class="views" aria-label="Views">
      {VIEWS.map((view) => (
        <a
          key={view.name}
          href={`#${view.name}`}
          aria-current={view === shown.value ? 'page' : undefined}
        >
          {view.title}
        </a>
      ))}
    </nav>
  );
}
