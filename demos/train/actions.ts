import { applyChanges } from './changing';
import { device, runSettings, sampleOptions, source, temperature, typed } from './form';
import { begin, begun, keep, opened } from './kept_runs';
import { adoptOthers } from './keeping';
import { problemOf } from '../shared/problem';
import type { Failure } from './protocol';
import { whyAtEnd } from './run_end';
import { abandon, answered, connect, connected } from './service';
import {
  clearRun,
  closing,
  endRun,
  info,
  latest,
  mayChange,
  phase,
  probed,
  problem,
  sampleProblem,
  step,
  writing,
} from './store';
import type { Phase } from './store';

/** Milliseconds that a run has to close; a step of a large model, and its last snapshot, take a while. */
const CLOSE_LIMIT_MS = 10_000;

/** Settled once the run before is closed, or its worker ended. */
let closed = Promise.resolve();

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
  const mine = latest.next();
  await closed;
  if (!latest.is(mine)) return false;
  const outcome = await answered(connect().open(text, settings)).catch(
    (error: unknown): Failure => ({ problem: problemOf(error) }),
  );
  // Reset, or an error on the way, came first.
  if (!latest.is(mine) || now() !== 'opening') return false;
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
  latest.next();
  const mayTake = now() === 'opening' ? 0 : CLOSE_LIMIT_MS;
  phase.value = 'idle';
  keep();
  clearRun();
  begun.value = null;
  const mine = (closed = close(mayTake));
  closing.value = true;
  await mine;
  if (mine === closed) closing.value = false;
  await adoptOthers();
}

/** Has the worker close its run, and ends a worker that is not done with that in time. */
async function close(milliseconds: number): Promise<void> {
  const used = connected();
  if (milliseconds > 0 && (await inTime(used?.close(), milliseconds))) return;
  if (used === connected()) abandon();
  // Another worker can still tell the browser that the run is closed.
  await answered(connect().close()).catch(() => {});
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

function inTime(work: Promise<void> | undefined, milliseconds: number): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds));
  return Promise.race([
    late,
    Promise.resolve(work).then(
      () => true,
      () => false,
    ),
  ]);
}
