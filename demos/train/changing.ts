import { computed } from '@preact/signals';

import { changeableSettings } from './form';
import { applied, begin, begun } from './kept_runs';
import { problemOf } from '../shared/problem';
import type { Failure, RunSettings } from './protocol';
import { answered, connect } from './service';
import { info, isOpen, journal, kept, latest, phase, problem } from './store';

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
  const mine = latest.next();
  phase.value = 'opening';
  const outcome = await answered(connect().change(settings)).catch((error: unknown): Failure => ({
    problem: problemOf(error),
  }));
  if (!latest.is(mine)) return false;
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
