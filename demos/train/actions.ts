import { applyChanges } from './changing';
import { device, runSettings, sampleOptions, source, temperature, typed } from './form';
import { begin, begun, keep, opened } from './kept_runs';
import { adoptOthers } from './keeping';
import { closeRun, toOpen } from './opening';
import { problemOf } from '../shared/problem';
import { whyAtEnd } from './run_end';
import { answered, connect, connected } from './service';
import {
  clearRun,
  endRun,
  info,
  mayChange,
  phase,
  probed,
  problem,
  sampleProblem,
  step,
  writing,
} from './store';
import type { Phase } from './store';

/** The phase as it is now, whatever it was before the last await. */
const now = (): Phase => phase.peek();

/** Finds out which device `auto` means here. */
export async function probe(): Promise<void> {
  try {
    probed.value = await answered(connect().probe());
  } catch (error) {
    // A run that is open tells for itself.
    if (now() === 'idle') problem.value = problemOf(error);
  }
}

/** Opens a run from the form. True when it is there and still wanted. */
async function open(): Promise<boolean> {
  keep();
  clearRun();
  const [text, settings] = [source.value, runSettings.value];
  begin(text, settings);
  phase.value = 'opening';
  const outcome = await toOpen((service) => service.open(text, settings));
  if (!outcome) return false;
  if ('problem' in outcome) {
    endRun(outcome.problem);
    return false;
  }
  opened(outcome.id);
  info.value = outcome.info;
  return true;
}

/** Makes ready what is at rest: the run that is open, with the settings of the form, or a new one. */
async function ready(): Promise<boolean> {
  if (!mayChange.peek()) return false;
  return now() === 'idle' ? open() : applyChanges();
}

/** Has the worker do something for the run that is open, and ends that if it cannot. */
async function told(work: () => Promise<void>): Promise<void> {
  const run = begun.peek();
  try {
    await answered(work());
  } catch (error) {
    if (run === begun.peek() && now() !== 'idle') endRun(problemOf(error));
  }
}

/** Starts a run, or goes on with the one at rest. */
export async function start(): Promise<void> {
  if (!(await ready())) return;
  const ended = whyAtEnd(begun.peek()!.settings, step.peek());
  if (ended !== null) {
    phase.value = 'paused';
    problem.value = { kind: 'argument', message: ended };
    return;
  }
  phase.value = 'running';
  await told(() => connect().resume());
}

/** Brings training to rest after the step under way. */
export async function pause(): Promise<void> {
  const run = begun.peek();
  phase.value = 'pausing';
  await told(() => connect().pause());
  if (run === begun.peek() && now() === 'pausing') phase.value = 'paused';
}

/** One training step, of a run at rest or of a new one. */
export async function stepOnce(): Promise<void> {
  if (!(await ready())) return;
  phase.value = 'paused';
  await told(() => connect().step());
}

/** Ends the run; it stays among the runs, and can be opened again where it was kept. */
export async function reset(): Promise<void> {
  const closed = closeRun();
  phase.value = 'idle';
  keep();
  clearRun();
  begun.value = null;
  await closed;
  await adoptOthers();
}

/** Starts again on the CPU, where a GPU was asked for in vain. */
export async function startOnCpu(): Promise<void> {
  device.value = 'cpu';
  await start();
}

/** Ends the run, and begins another with a lower rate. */
export async function tryLowerRate(rate: string): Promise<void> {
  await reset();
  typed.lr.value = rate;
  await start();
}

/** Measures the loss on the held-out text now. */
export async function evaluate(): Promise<void> {
  await told(() => connect().evaluate());
}

/** Has the model write a sample, between two steps if it is training. */
export async function write(): Promise<void> {
  const run = begun.peek();
  sampleProblem.value = null;
  writing.value = true;
  const outcome = await answered(connect().write(sampleOptions.value)).catch(problemOf);
  // Another run has taken its place meanwhile.
  if (run !== begun.peek()) return;
  sampleProblem.value = outcome;
  writing.value = false;
}

/** Ends the sample being written where it stands. */
export async function stopWriting(): Promise<void> {
  await connected()?.stopWriting();
}

/** Sets the temperature, also of the samples still to come along the way. */
export async function setTemperature(value: number): Promise<void> {
  temperature.value = value;
  await connected()?.setTemperature(value);
}
