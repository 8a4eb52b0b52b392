import { expose, proxyMarker, transferHandlers } from 'comlink';
import type { Endpoint } from 'comlink';

/** What a worker says as soon as it listens. */
export const LISTENING = 'listening';

type Listener = (...given: unknown[]) => void;

/** What a worker tells a function of the page, by its number; without `given`, that it has let go of it. */
interface Told {
  listener: number;
  given?: unknown[];
}

/** Functions of the message that comlink makes: it sends it at once, to the worker that they are for. */
const leaving: [number, Listener][] = [];
let last = 0;

function tell(told: Told): void {
  postMessage(told);
}

/** In a worker, of functions that nothing there calls any more. */
const released = new FinalizationRegistry((listener: number) => tell({ listener }));

// A function that a worker is given returns nothing there. What it is told goes over the worker's own channel, so it is heard in
// order with the answers; it is cloned, never transferred. A proxy of comlink has a channel of its own: where a page is busy, its
// messages come long after answers that were later.
transferHandlers.set('listener', {
  canHandle: (value): value is Listener => typeof value === 'function' && !(proxyMarker in value),
  serialize(listener: Listener): [number, Transferable[]] {
    leaving.push([++last, listener]);
    return [last, []];
  },
  deserialize(listener: number): Listener {
    const told: Listener = (...given) => tell({ listener, given });
    released.register(told, listener);
    return told;
  },
});

/** Has the worker that calls it do what a page asks of `service`. */
export function serve(service: unknown): void {
  expose(service);
  postMessage(LISTENING);
}

/**
 * A worker as comlink takes it. Messages wait here until the worker listens: one that loads more
 * files before it does would lose them.
 */
export function endpointOf(worker: Worker): Endpoint {
  // Of this worker alone, so that they go with it: one that is ended lets go of nothing.
  const listeners = new Map<number, Listener>();
  const hear = ({ listener, given }: Told): void => {
    if (given) listeners.get(listener)?.(...given);
    else listeners.delete(listener);
  };
  const listening = new Promise<void>((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data === LISTENING) resolve();
      else if (typeof data === 'object' && data !== null && 'listener' in data) hear(data as Told);
    });
  });
  return {
    postMessage(message: unknown, transfer: Transferable[] = []) {
      for (const [number, listener] of leaving.splice(0)) listeners.set(number, listener);
      void listening.then(() => worker.postMessage(message, transfer));
    },
    addEventListener: worker.addEventListener.bind(worker),
    removeEventListener: worker.removeEventListener.bind(worker),
  };
}
