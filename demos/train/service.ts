import { effect } from '@preact/signals';
import type { Remote } from 'comlink';

import { refusal } from './lock';
import type { TrainingService } from './protocol';
import { endRun, receive } from './store';
import { WorkerLink } from '../shared/worker_link';

const link = new WorkerLink<TrainingService>(
  () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  // Errors of a run come as events; only a script that does not load ends here.
  (message) => endRun({ kind: 'other', message: `The worker failed: ${message}` }),
  (service) => {
    void service.connect(receive);
    tellRefusal(service);
  },
);

/** The worker's service; it is started on the first call. */
export const connect = (): Remote<TrainingService> => link.connect();
/** The worker's service, if it was started. */
export const connected = (): Remote<TrainingService> | undefined => link.current;
/** Ends the worker at once, whatever it does; the next call starts another. */
export const abandon = (): void => link.end();
/** Workers ended before their time; what was asked of them is never answered. */
export const abandoned = link.ended;
/** An answer of the worker, or a rejection when there will be none. */
export const answered = <P extends Promise<unknown>>(work: P): Promise<Awaited<P>> =>
  link.answered(work);

function tellRefusal(service: Remote<TrainingService>): void {
  const why = refusal.peek();
  if (why !== undefined) void service.mayKeep(why);
}

// Before anything else that follows the lock.
effect(() => {
  void refusal.value;
  if (link.current) tellRefusal(link.current);
});
