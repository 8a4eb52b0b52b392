import { batch, signal } from '@preact/signals';

import type { Answer } from './answer';
import { problemOf } from './problem';
import type { Problem } from './problem';

/** Something that the page keeps asking of a worker. */
export class Asked<T, Service> {
  /** The last answer that was no problem; it stays while the next is on its way. */
  readonly value = signal<T | null>(null);
  /** What was wrong with the last question. */
  readonly problem = signal<Problem | null>(null);
  readonly waiting = signal(false);
  /** Of the last answer, in milliseconds: when it came, and how long it took. */
  last = { at: 0, took: 0 };
  readonly #connect: () => Service;
  readonly #question: (service: Service) => Promise<Answer<T>>;
  /** The question under way. */
  #under: { readonly service: Service } | undefined;
  #again = false;
  #about: unknown;

  /** @param connect the worker's service, which is another once the worker was ended. */
  constructor(connect: () => Service, question: (service: Service) => Promise<Answer<T>>) {
    this.#connect = connect;
    this.#question = question;
  }

  /** Asks, or asks once more as soon as the answer under way is there. */
  async ask(): Promise<void> {
    const service = this.#connect();
    // A worker that was ended answers no more, and another is not kept waiting for it.
    if (this.#under?.service === service) {
      this.#again = true;
      return;
    }
    const under = { service };
    this.#under = under;
    this.waiting.value = true;
    try {
      do {
        this.#again = false;
        const begin = performance.now();
        const answer = await this.#question(service).catch((error: unknown) => ({
          problem: problemOf(error),
        }));
        if (this.#under !== under) return;
        const at = performance.now();
        this.last = { at, took: at - begin };
        this.problem.value = 'problem' in answer ? answer.problem : null;
        if ('value' in answer) this.value.value = answer.value;
      } while (this.#again);
    } finally {
      // Whatever became of the answer: who reads it may throw, and the next question is asked still.
      if (this.#under === under) {
        this.#under = undefined;
        this.waiting.value = false;
      }
    }
  }

  /** Drops what there is of something else: to be called with what the questions are about, as a run's id. */
  about(key: unknown): void {
    if (key === this.#about) return;
    this.#about = key;
    this.forget();
  }

  /** Drops the answer, and the one under way. */
  forget(): void {
    this.#under = undefined;
    batch(() => {
      this.value.value = null;
      this.problem.value = null;
      this.waiting.value = false;
    });
  }
}
