import { batch, effect, untracked } from '@preact/signals';

import { bundled, fillForm, rememberSettings, source } from './form';
import { adopt, begin, drop, keep, keptRuns, mergeStored } from './kept_runs';
import type { KeptRun } from './run_record';
import { refusal } from './lock';
import { modelNamed } from './models';
import { runClosed, toOpen } from './opening';
import type { Failure, RestoredRun } from './protocol';
import { save } from '../shared/save';
import { answered, connect } from './service';
import { clearRun, endRun, info, journal, kept, latest, phase, problem, step } from './store';

/**
 * Takes up what this browser keeps, as soon as this page may; to be called first of all.
 *
 * @param link of a page that was opened by a link: settled once what that asks for is there. The run that was
 *   open before is in the table alone then.
 */
export function keepRuns(link: Promise<void> | null = null): void {
  phase.value = 'opening';
  const mine = latest.next();
  effect(() => {
    const why = refusal.value;
    if (why !== undefined) untracked(() => void follow(why, mine, link));
  });
}

/** After the lock: `first` is the number of the opening that waits for it since the page was loaded. */
async function follow(
  refused: string | null,
  first: number,
  link: Promise<void> | null,
): Promise<void> {
  await link;
  if (link && phase.peek() === 'opening') phase.value = 'idle';
  const waits = latest.is(first) && phase.peek() === 'opening';
  if (refused !== null) {
    if (waits) phase.value = 'idle';
    return;
  }
  mergeStored();
  if (!link && (waits || untouched())) await restore();
  await adoptOthers();
}

/** True where nothing would be lost that was done on this page. */
function untouched(): boolean {
  const nothing = phase.peek() === 'idle' && !info.peek() && !problem.peek();
  return nothing && source.peek() === bundled.peek();
}

/** Takes up the run that was open when the page was closed, at rest. */
async function restore(): Promise<void> {
  phase.value = 'opening';
  const outcome = await toOpen((service) => service.restore());
  if (outcome === undefined) return;
  if (outcome) takeOver(outcome);
  else phase.value = 'idle';
}

/** Lists the runs that this browser keeps and whose models the page does not know of. */
export async function adoptOthers(): Promise<void> {
  try {
    const known = keptRuns.peek().flatMap(({ key, model }) => (model ? [key] : []));
    adopt(await answered(connect().keptRuns(known)));
  } catch {
    // They are listed at the next visit.
  }
}

/** Opens a run of the table again, at rest; the one before goes into the table. What is wrong, or null. */
export async function openKept({ key, name }: KeptRun): Promise<string | null> {
  const outcome = await toOpen((service) => service.openKept(key, name));
  if (!outcome) return null;
  if ('problem' in outcome) return outcome.problem.message;
  takeOver(outcome);
  return null;
}

/** Forgets the model of a run, where there is one, and takes it out of the table: one that is still there would come back. */
export async function removeKept({ key, model }: KeptRun): Promise<null> {
  if (model) {
    await runClosed();
    await answered(connect().remove(key));
  }
  drop(key);
  return null;
}

/** Takes up the last snapshot of the run that failed, at rest. */
export async function goBack(): Promise<void> {
  phase.value = 'opening';
  const outcome = await toOpen((service) => service.goBack());
  if (outcome) takeOver(outcome);
}

/** Takes up the run as it was at its lowest held-out loss, as one of its own. What is wrong, or null. */
export async function openBest(): Promise<string | null> {
  const outcome = await toOpen((service) => service.goToBest());
  if (!outcome) return null;
  if ('problem' in outcome) return outcome.problem.message;
  takeOver(outcome);
  return null;
}

/** Puts the settings back that a trained model of the studio took the place of; null where none did. */
let putBack: (() => void) | null = null;

// The settings of such a model are not meant for what is trained after it.
effect(() => {
  if (phase.value !== 'idle') return;
  putBack?.();
  putBack = null;
});

/** Puts a run on the page, at rest; the one before goes into the table. */
export function takeOver(outcome: RestoredRun | Failure): void {
  if ('problem' in outcome) return endRun(outcome.problem);
  batch(() => {
    keep(outcome.id);
    clearRun();
    drop(outcome.id);
    putBack = modelNamed(outcome.settings.from) ? (putBack ?? rememberSettings()) : null;
    fillForm(outcome.source, outcome.settings);
    begin(outcome.source, outcome.settings, outcome.id);
    info.value = outcome.info;
    journal.value = outcome.journal;
    kept.value = outcome.kept;
    phase.value = 'paused';
  });
}

/** Offers the open run, or its model alone, as a file. What went wrong, or null. */
export async function exportFile(what: 'run' | 'model'): Promise<string | null> {
  const outcome = await answered(connect().exportRun(what));
  if (!outcome) return null;
  if ('problem' in outcome) return outcome.problem.message;
  save(new Blob([outcome.bytes]), `lethe-${what}-step-${step.value}.safetensors`);
  return null;
}
