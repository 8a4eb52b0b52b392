import { batch, signal } from '@preact/signals';
import { proxy, transfer, wrap } from 'comlink';
import type { Remote } from 'comlink';

import { megabytes } from '../shared/format';
import { endpointOf } from './endpoint';
import { device, fillForm, runSettings, sampleOptions, source, temperature } from './form';
import { begin, keep } from './kept_runs';
import { refusal } from './lock';
import { problemOf } from './problem';
import type { Failure, RestoredRun, TrainingService } from './protocol';
import {
  clearRun,
  endRun,
  info,
  journal,
  kept,
  phase,
  probed,
  receive,
  sampleProblem,
  step,
  writing,
} from './store';
import type { Phase } from './store';

/** Milliseconds that a run has to close; a step of a large model may take longer. */
const PATIENCE = 2000;
/** Of a file with a run. */
const MOST_BYTES = 512 * 2 ** 20;

let worker: Worker | undefined;
let service: Remote<TrainingService> | undefined;

/** The phase as it is now, whatever it was before the last await. */
const now = (): Phase => phase.peek();

/** Workers ended before their time; what was asked of them is never answered. */
export const abandoned = signal(0);

/** An answer of the worker, or a rejection when there will be none. */
function answered<P extends Promise<unknown>>(work: P): Promise<Awaited<P>> {
  const before = abandoned.peek();
  return new Promise((resolve, reject) => {
    const stop = abandoned.subscribe((count) => {
      if (count !== before) reject(new Error('the run was reset meanwhile'));
    });
    work.then((value) => resolve(value as Awaited<P>), reject).finally(stop);
  });
}

/** Grows with every change of the run that is asked for: the answer to an older one is not shown. */
let asked = 0;

/** The worker, started on the first call. */
export function connect(): Remote<TrainingService> {
  if (service) return service;
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  // Errors of a run come as events; only a script that does not load ends here.
  worker.onerror = ({ message }) => {
    abandon();
    endRun({ kind: 'other', message: `The worker failed: ${message || 'it did not load'}` });
  };
  service = wrap<TrainingService>(endpointOf(worker));
  void service.connect(
    proxy(receive),
    proxy(() => refusal),
  );
  return service;
}

/** Ends the worker at once, whatever it does; the next call starts another. */
function abandon(): void {
  worker?.terminate();
  worker = undefined;
  service = undefined;
  abandoned.value++;
}

/** Finds out which device `auto` means here. */
export async function probe(): Promise<void> {
  try {
    probed.value = await connect().probe();
  } catch (error) {
    endRun(problemOf(error));
  }
}

/** Takes up the run that this browser has kept, at rest; to be called first of all. */
export async function restore(): Promise<void> {
  const mine = ++asked;
  phase.value = 'opening';
  const outcome = await answered(connect().restore()).catch(failure);
  if (mine !== asked) return;
  if (outcome) takeOver(outcome);
  else phase.value = 'idle';
}

/** Takes up a run that was exported. What is wrong with the file; the run before goes on then. */
export async function importFile(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES) {
    return `${file.name} has ${megabytes(file.size)}, and ${megabytes(MOST_BYTES)} is the most. Choose a file of "Export run".`;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mine = ++asked;
  const outcome = await answered(
    connect().importRun(transfer(bytes, [bytes.buffer]), file.name),
  ).catch(failure);
  if (mine !== asked) return null;
  if ('problem' in outcome) return outcome.problem.message;
  takeOver(outcome);
  return null;
}

/** Takes up the last snapshot of the run that failed, at rest. */
export async function goBack(): Promise<void> {
  const mine = ++asked;
  phase.value = 'opening';
  const outcome = await answered(connect().goBack()).catch(failure);
  if (mine === asked) takeOver(outcome);
}

const failure = (error: unknown): Failure => ({ problem: problemOf(error) });

function takeOver(outcome: RestoredRun | Failure): void {
  if ('problem' in outcome) return endRun(outcome.problem);
  batch(() => {
    keep();
    clearRun();
    begin(outcome.source, outcome.settings);
    fillForm(outcome.source, outcome.settings);
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
  const url = URL.createObjectURL(new Blob([outcome.bytes]));
  const link = document.createElement('a');
  link.href = url;
  link.download = `lethe-${what}-step-${step.value}.safetensors`;
  link.click();
  // Not at once: the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return null;
}

/** Opens a run from the form. True when it is there and still wanted. */
async function open(): Promise<boolean> {
  keep();
  clearRun();
  begin(source.value, runSettings.value);
  phase.value = 'opening';
  const mine = ++asked;
  const outcome = await answered(connect().open(source.value, runSettings.value)).catch(failure);
  // Reset, or an error on the way, came first.
  if (mine !== asked || now() !== 'opening') return false;
  if ('problem' in outcome) {
    endRun(outcome.problem);
    return false;
  }
  info.value = outcome.info;
  return true;
}

const atRest = (): boolean => now() === 'idle' || now() === 'paused';

/** Starts a run, or goes on with the one at rest. */
export async function start(): Promise<void> {
  if (!atRest()) return;
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
  if (!atRest()) return;
  if (now() === 'idle' && !(await open())) return;
  phase.value = 'paused';
  await connect().step();
}

/** Ends the run and forgets it. */
export async function reset(): Promise<void> {
  asked++;
  const used = service;
  const closing = now() !== 'opening';
  phase.value = 'idle';
  keep();
  clearRun();
  const closed = closing && (await inTime(used?.close()));
  if (!closed && used === service) {
    abandon();
    // Another worker can still forget what was kept.
    void connect().close();
  }
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
  const outcome = await answered(connect().write(sampleOptions.value)).catch(problemOf);
  // A reset has begun anew.
  if (!writing.peek()) return;
  sampleProblem.value = outcome;
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
