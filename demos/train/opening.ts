/** Runs follow one another in the worker: none is opened before the one before is closed. */
import type { Remote } from 'comlink';

import { problemOf } from '../shared/problem';
import type { Failure, TrainingService } from './protocol';
import { abandon, answered, connect, connected } from './service';
import { closing, latest, phase } from './store';

/** Milliseconds that a run has to close; a step of a large model, and its last snapshot, take a while. */
const CLOSE_LIMIT_MS = 10_000;

/** Settled once every run that was to be closed is, or its worker ended; never rejects. */
let closed = Promise.resolve();

/** The latest opening that the worker was asked for. */
let asked = NaN;

/** Resolves once no run is being closed: until then its worker may be ended. */
export const runClosed = (): Promise<void> => closed;

/**
 * The worker's answer to what is to put another run on the page, asked once the run before is closed; undefined where
 * something else was asked for meanwhile, or what the page showed as being opened has ended.
 */
export async function toOpen<P extends Promise<unknown>>(
  ask: (service: Remote<TrainingService>) => P,
): Promise<Awaited<P> | Failure | undefined> {
  const mine = latest.next();
  const shown = phase.peek() === 'opening';
  const wanted = (): boolean => latest.is(mine) && (!shown || phase.peek() === 'opening');
  await closed;
  if (!wanted()) return undefined;
  asked = mine;
  const outcome = await answered(ask(connect())).catch((error: unknown): Failure => ({
    problem: problemOf(error),
  }));
  return wanted() ? outcome : undefined;
}

/** Has the worker close its run; nothing that is being opened is wanted any more. To be called before the phase changes. */
export async function closeRun(): Promise<void> {
  // A worker that makes a model has nothing to keep, and may take long.
  const limit = phase.peek() === 'opening' && latest.is(asked) ? 0 : CLOSE_LIMIT_MS;
  latest.next();
  const mine = (closed = closed.then(() => close(limit)));
  closing.value = true;
  await mine;
  if (mine === closed) closing.value = false;
}

/** Ends a worker that has not closed its run in time. */
async function close(limit: number): Promise<void> {
  const used = connect();
  if (limit > 0 && (await inTime(used.close(), limit))) return;
  if (used === connected()) abandon();
  // Another worker can still tell the browser that the run is closed.
  await inTime(connect().close(), CLOSE_LIMIT_MS);
}

/** Whether the worker has done it within that many milliseconds. */
function inTime(work: Promise<void>, milliseconds: number): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds));
  return Promise.race([
    late,
    answered(work).then(
      () => true,
      () => false,
    ),
  ]);
}
