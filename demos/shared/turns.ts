import type { Device } from '../../src/index';
import { macrotask } from './macrotask';
import { Mutex } from './mutex';
import { problemOf } from './problem';
import type { Problem } from './problem';

/** What a training does, turn by turn. */
interface Work {
  /** One turn, of a step or so. */
  turn: () => Promise<void>;
  /** Once after the last turn, wherever it came to rest. */
  rest: () => Promise<void>;
  /** Hears why it ended, at most once. */
  failed: (problem: Problem) => void;
}

/** A training on a device of its own: it goes on and rests as it is told, and other work comes between two turns. */
export class Turns {
  readonly #device: Device;
  readonly #work: Work;
  readonly #mutex = new Mutex();
  #loop = Promise.resolve();
  #wanted = false;
  #over = false;
  /** Failed or closed: what waits for its turn is not done any more. */
  #shut = false;

  constructor(device: Device, work: Work) {
    this.#device = device;
    this.#work = work;
    void device.lost.then((reason) =>
      this.fail({ kind: 'lost', message: `The GPU device was lost (${reason}).` }),
    );
  }

  /** True from `resume` until it is to rest. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** True once it has ended, failed or been closed: no turn follows. */
  get over(): boolean {
    return this.#over;
  }

  resume(): void {
    if (this.#wanted || this.#over) return;
    this.#wanted = true;
    this.#loop = this.#loop.then(() => this.#take());
  }

  /** Lets it come to rest after the turn that is under way. */
  stop(): void {
    this.#wanted = false;
  }

  /** Resolves when it is at rest. */
  async pause(): Promise<void> {
    this.stop();
    await this.#loop;
  }

  /** It has reached its end. */
  end(): void {
    this.stop();
    this.#over = true;
  }

  /** Ends it, and tells why. Memory is freed by `close`. */
  fail(problem: Problem): void {
    if (this.#over) return;
    this.#over = true;
    this.#shut = true;
    this.#work.failed(problem);
  }

  /** Between two turns. Rejects with what `work` rejects with; training goes on. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.runExclusive(work);
  }

  /** Between two turns, unless it has failed or been closed by then; an error ends the training. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await this.between(async () => {
        if (!this.#shut) await work();
      });
    } catch (error) {
      this.fail(problemOf(error));
    }
  }

  /** Ends what is under way, has the memory freed, and then the device. */
  async close(free: () => void): Promise<void> {
    this.end();
    this.#shut = true;
    await this.#loop;
    await this.between(async () => {
      try {
        await this.#device.finish();
      } catch {
        // A lost device has nothing left to finish.
      }
      try {
        free();
      } finally {
        this.#device.dispose();
      }
    });
  }

  async #take(): Promise<void> {
    while (this.#wanted && !this.#over) {
      await this.attempt(this.#work.turn);
      await macrotask();
    }
    await this.attempt(this.#work.rest);
  }
}
