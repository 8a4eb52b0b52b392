import { computed } from '@preact/signals';

import { changeableSettings } from './form';
import { applied, begin, begun } from './kept_runs';
import { toOpen } from './opening';
import type { RunSettings } from './protocol';
import { info, isOpen, journal, kept, phase, problem } from './store';

/** True where the form has other settings than the run that is open, which it takes on as it goes on. */
export const hasChanges = computed(
  () => isOpen.value && begun.value !== null && begun.value.applied !== applied(),
);

/** Gives the run at rest the settings of the form that it may take on. False where it may not go on. */
export async function applyChanges(): Promise<boolean> {
  problem.value = null;
  if (!hasChanges.peek()) return true;
  const { settings: before } = begun.peek()!;
  const { train, ...rest } = changeableSettings.peek();
  const settings: RunSettings = { ...before, ...rest, train: { ...before.train, ...train } };
  phase.value = 'opening';
  const outcome = await toOpen((service) => service.change(settings));
  if (!outcome) return false;
  phase.value = 'paused';
  if ('problem' in outcome) {
    problem.value = outcome.problem;
    return false;
  }
  begin(outcome.source, outcome.settings, outcome.id);
  info.value = outcome.info;
  journal.value = outcome.journal;
  kept.value = outcome.kept;
  return true;
}
