import { messageOf } from '../../src/io/reason';
import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';

import { Notice } from '../shared/notice';
import { TrainView } from './train_view';

export interface View {
  readonly name: string;
  readonly title: string;
  /** Where there is little room. */
  readonly short?: string;
  /** Fetches the view, the first time that it is shown. */
  readonly load: () => Promise<ComponentType>;
}

/** What the studio shows, one at a time; the first comes first. */
export const VIEWS: readonly View[] = [
  { name: 'train', title: 'Train', load: async () => TrainView },
  {
    name: 'cells',
    title: 'Inside the cells',
    short: 'Cells',
    load: async () => (await import('./cells/view')).CellsView,
  },
  {
    name: 'errors',
    title: 'What it gets wrong',
    short: 'Errors',
    load: async () => (await import('./errors/view')).ErrorsView,
  },
  {
    name: 'map',
    title: 'A map of models',
    short: 'Map',
    load: async () => (await import('./map/view')).MapView,
  },
  {
    name: 'gradients',
    title: 'Gradients through time',
    short: 'Gradients',
    load: async () => (await import('./gradients/view')).GradientsView,
  },
  { name: 'graph', title: 'Graph', load: async () => (await import('./graph/view')).GraphView },
];

function named(hash: string): View {
  return VIEWS.find(({ name }) => `#${name}` === hash) ?? VIEWS[0];
}

/** The one shown, after the address: so that a view can be linked to, and Back works. */
export const shown = signal(named(location.hash));
addEventListener('hashchange', () => (shown.value = named(location.hash)));

/** The views that are there, by name; what went wrong with one that is not. */
const loaded = signal<Readonly<Record<string, ComponentType>>>({ [VIEWS[0].name]: TrainView });
const failed = signal<string | null>(null);

async function load({ name, load }: View): Promise<void> {
  failed.value = null;
  try {
    const component = await load();
    loaded.value = { ...loaded.peek(), [name]: component };
  } catch (error) {
    // Another view may be shown by now.
    if (shown.peek().name === name) failed.value = messageOf(error);
  }
}

effect(() => {
  const view = shown.value;
  if (!(view.name in loaded.peek())) void load(view);
});

/** The view that is shown, as soon as it is there. */
export function ShownView() {
  const view = shown.value;
  const Shown = loaded.value[view.name] as ComponentType | undefined;
  if (Shown) return <Shown />;
  if (failed.value === null) return <main aria-busy="true" />;
  return (
    <main>
      <Notice tone="alert">
        This view could not be loaded: {failed.value}
        <button type="button" onClick={() => void load(view)}>
          Try again
        </button>
      </Notice>
    </main>
  );
}

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
          <span class={view.short && 'wide'}>{view.title}</span>
          {view.short && <span class="narrow">{view.short}</span>}
        </a>
      ))}
    </nav>
  );
}
