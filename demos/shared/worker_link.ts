import { signal } from '@preact/signals';
import { wrap } from 'comlink';
import type { Remote } from 'comlink';

import { endpointOf } from './endpoint';

/** A worker that is started when it is first needed, and may be ended whatever it does. */
export class WorkerLink<T> {
  /** Workers ended so far; what was asked of them is never answered. */
  readonly ended = signal(0);
  readonly #make: () => Worker;
  readonly #started: (remote: Remote<T>) => void;
  readonly #failed: (message: string) => void;
  #worker: Worker | undefined;
  #remote: Remote<T> | undefined;

  /**
   * @param started is called with every new worker, before anything else is asked of it.
   * @param failed hears of a script that did not load, or threw; that worker is ended.
   */
  constructor(
    make: () => Worker,
    failed: (message: string) => void,
    started: (remote: Remote<T>) => void = () => {},
  ) {
    this.#make = make;
    this.#failed = failed;
    this.#started = started;
  }

  /** The worker's service, if there is a worker. */
  get current(): Remote<T> | undefined {
    return this.#remote;
  }

  /** The worker's service; starts a worker where there is none. */
  connect(): Remote<T> {
    if (this.#remote) return this.#remote;
    const worker = this.#make();
    worker.onerror = ({ message }) => {
      if (worker === this.#worker) this.end();
      this.#failed(message || 'it did not load');
    };
    this.#worker = worker;
    this.#remote = wrap<T>(endpointOf(worker));
    this.#started(this.#remote);
    return this.#remote;
  }

  /** Ends the worker at once; the next call starts another. */
  end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#remote = undefined;
    this.ended.value++;
  }

  /** What was asked of the worker that is there now, or a rejection once that has ended. */
  answered<P extends Promise<unknown>>(work: P): Promise<Awaited<P>> {
    const before = this.ended.peek();
    return new Promise((resolve, reject) => {
      const stop = this.ended.subscribe((count) => {
        if (count === before) return;
        // The work never settles.
        stop();
        reject(new Error('its worker was ended meanwhile'));
      });
      work.then((value) => resolve(value as Awaited<P>), reject).finally(stop);
    });
  }
}
