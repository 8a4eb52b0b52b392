import { computed, effect, signal } from '@preact/signals';

import { Asked } from '../../shared/asked';
import { begun } from '../kept_runs';
import { connect } from '../service';
import type { Mattering } from './protocol';
import { characters, look, position } from './store';

/** The character that was asked about; null while none is. */
const asked = signal<number | null>(null);

const answer = new Asked<Mattering | null, ReturnType<typeof connect>>(connect, async (service) => {
  const [text, at] = [look.peek()?.text, asked.peek()];
  if (text === undefined || at === null) return { value: null };
  return service.cells.influence(text, at);
});
export const { problem: matteringProblem } = answer;

/** What mattered to the character that was asked about, once it is known. */
export const mattering = computed(() => {
  const found = answer.value.value;
  const still = found?.position === asked.value && found?.text === look.value?.text;
  return still ? found : null;
});

// An answer about another text, or of another model, is of no use.
effect(() => {
  answer.about(begun.value?.key);
  void characters.value;
  if (answer.value.peek()?.text !== look.value?.text) forgetMattering();
});

/** Asks what mattered to the character that is marked; a first one has none before it. */
export function askWhatMattered(at = position.peek()): void {
  if (at < 1) return;
  asked.value = at;
  void answer.ask();
}

export function forgetMattering(): void {
  asked.value = null;
}

/** The places that mattered most, with their share of the largest. */
export function strongest({ norms, from }: Mattering, count: number): number[] {
  return Array.from(norms.keys())
    .sort((a, b) => norms[b] - norms[a])
    .slice(0, count)
    .map((i) => from + i);
}
