import { proxy, wrap } from 'comlink';
import type { Remote } from 'comlink';

import { device, runSettings, sampleOptions, source, temperature } from './form';
import { begin, keep } from './kept_runs';
import { problemOf } from './problem';
import type { TrainingService } from './protocol';
import { clearRun, endRun, info, phase, probed, receive, sampleProblem, writing } from './store';
import type { Phase } from './store';

/** Milliseconds that a run has to close; a step of a large model may take longer. */
const PATIENCE = 2000;

let worker: Worker | undefined;
let service: Remote<TrainingService> | undefined;

/** The phase as it is now, whatever it was before the last await. */
const now = (): Phase => phase.peek();

/** The worker, started on the first call. */
function connect(): Remote<TrainingService> {
  if (service) return service;
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  // Errors of a run come as events; only a script that does not load ends here.
  worker.onerror = ({ message }) => {
    abandon();
    endRun({ kind: 'other', message: `The worker failed: ${message || 'it did not load'}` });
  };
  service = wrap<TrainingService>(worker);
  void service.connect(proxy(receive));
  return service;
}

/** Ends the worker at once, whatever it does; the next call starts another. */
function abandon(): void {
  worker?.terminate();
  worker = undefined;
  service = undefined;
}

/** Finds out which device `auto` means here. */
export async function probe(): Promise<void> {
  try {
    probed.value = await connect().probe();
  } catch (error) {
    endRun(problemOf(error));
  }
}

/** Opens a run from the form. True when it is there and still wanted. */
async function open(): Promise<boolean> {
  keep();
  clearRun();
  begin(source.value, runSettings.value);
  phase.value = 'opening';
  const used = connect();
  const outcome = await used.open(source.value.text, runSettings.value);
  // Reset, or an error on the way, came first.
  if (used !== service || now() !== 'opening') return false;
  if ('problem' in outcome) {
    endRun(outcome.problem);
    return false;
  }
  info.value = outcome.info;
  return true;
}

/** Starts a run, or goes on with the one at rest. */
export async function start(): Promise<void> {
  if (now() === 'idle' && !(await open())) return;
  phase.value = 'running';
  await connect().resume();
}

/** Brings training to rest after the step under way. */
export async function pause(): Promise<void> {
  phase.value = 'pausing';
  await connect().pause();
  if (now() === 'pausing') phase.value = 'paused';
}

/** One training step, of a run at rest or of a new one. */
export async function stepOnce(): Promise<void> {
  if (now() === 'idle' && !(await open())) return;
  phase.value = 'paused';
  await connect().step();
}

/** Ends the run and forgets it. */
export async function reset(): Promise<void> {
  const used = service;
  const closing = now() !== 'opening';
  phase.value = 'idle';
  keep();
  clearRun();
  const closed = closing && (await inTime(used?.close()));
  if (!closed && used === service) abandon();
  clearRun();
}

/** Starts again on the CPU, where a GPU was asked for in vain. */
export async function startOnCpu(): Promise<void> {
  device.value = 'cpu';
  await start();
}

/** Measures the loss on the held-out text now. */
export async function evaluate(): Promise<void> {
  await connect().evaluate();
}

/** Has the model write a sample, between two steps if it is training. */
export async function write(): Promise<void> {
  sampleProblem.value = null;
  writing.value = true;
  sampleProblem.value = await connect().write(sampleOptions.value);
  writing.value = false;
}

/** Ends the sample being written where it stands. */
export async function stopWriting(): Promise<void> {
  await connect().stopWriting();
}

/** Sets the temperature, also of the samples still to come along the way. */
export async function setTemperature(value: number): Promise<void> {
  temperature.value = value;
  await service?.setTemperature(value);
}

function inTime(work: Promise<void> | undefined): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE));
  return Promise.race([late, Promise.resolve(work).then(() => true)]);
}
