import { signal } from '@preact/signals';

import { grouped } from '../shared/format';
import { messageOf } from '../../src/io/reason';
import { kept, step } from './store';

/** What went wrong at last with a file, or with a run that was to be opened. */
export const wrong = signal<string | null>(null);
export const busy = signal(false);

/** Does something that may tell what is wrong, or reject; one such thing at a time. */
export async function attempt(work: () => Promise<string | null>): Promise<void> {
  if (busy.peek()) return;
  busy.value = true;
  wrong.value = null;
  try {
    wrong.value = await work();
  } catch (error) {
    wrong.value = messageOf(error);
  } finally {
    busy.value = false;
  }
}

/** Whether the run that is open may end: asked first, where its model would be lost. */
export function mayEnd(): boolean {
  const state = kept.peek();
  if (step.peek() === 0 || (state && 'step' in state)) return true;
  return confirm(
    `This browser does not keep the run, and its model ends at step ${grouped(step.peek())}. ` +
      'Export it first. End it now?',
  );
}
