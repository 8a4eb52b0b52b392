import type { Endpoint } from 'comlink';

/** What a worker says as soon as it listens. */
export const LISTENING = 'listening';

/**
 * A worker as comlink takes it. Messages wait here until the worker listens: one that loads more
 * files before it does would lose them.
 */
export function endpointOf(worker: Worker): Endpoint {
  const listening = new Promise<void>((resolve) => {
    worker.addEventListener('message', ({ data }) => {
      if (data === LISTENING) resolve();
    });
  });
  return {
    postMessage(message: unknown, transfer: Transferable[] = []) {
      void listening.then(() => worker.postMessage(message, transfer));
    },
    addEventListener: worker.addEventListener.bind(worker),
    removeEventListener: worker.removeEventListener.bind(worker),
  };
}
