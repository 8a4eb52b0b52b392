import { computed, effect, signal } from '@preact/signals';

import { Asked } from '../../shared/asked';
import { excerpt } from '../excerpt';
import { runSettings } from '../form';
import { abandoned, connect } from '../service';
import { phase, step } from '../store';
import { drawing } from './layout';
import type { Box } from './layout';
import type { GraphRequest } from './protocol';

/** Milliseconds that a setting rests before the graph is traced. */
const DEBOUNCE_MS = 150;

export const model = signal<GraphRequest['model']>('new');
export const kind = signal<'unrolled' | 'fused'>('unrolled');

/** The run's model is asked for, and there is no run. */
export const noRun = computed(() => model.value === 'run' && phase.value === 'idle');

const request = computed<GraphRequest>(() => ({
  model: model.value,
  fused: kind.value === 'fused',
  train: runSettings.value.train,
  text: excerpt.value,
}));

export const traced = new Asked(connect, (service) => service.graph.trace(request.peek()));

/** The graph laid out; null before the first, and for the run's model where there is none. */
export const drawn = computed(() => {
  const facts = traced.value.value;
  return facts && drawing(facts);
});

/** The key of the box that is looked at. */
export const chosen = signal<string | null>(null);

/** The box that is looked at, if the graph has it. */
export const selected = computed<Box | null>(
  () => drawn.value?.boxes.find(({ key }) => key === chosen.value) ?? null,
);

/** Traces whenever something changes that counts, until the function given back is called. */
export function keepTracing(): () => void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    void [request.value, abandoned.value];
    const now = phase.value;
    clearTimeout(resting);
    if (model.value === 'run') {
      if (now === 'idle') return traced.forget();
      if (now === 'opening' || now === 'pausing') return;
      // At rest, a step may be taken by itself.
      if (now === 'paused') void step.value;
    }
    resting = setTimeout(() => void traced.ask(), DEBOUNCE_MS);
  });
  return () => {
    stop();
    clearTimeout(resting);
  };
}
