import { batch, computed, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { Remote } from 'comlink';

import type { BestMetric, Metrics } from '../../src/train/index';
import type { Answer } from '../shared/answer';
import { problemOf } from '../shared/problem';
import type { Problem } from '../shared/problem';
import { WorkerLink } from '../shared/worker_link';
import type {
  Found,
  Given,
  Gradients,
  KeptListener,
  LearnEvent,
  LearnOptions,
  LearnReport,
  LearnService,
  Opened,
  Which,
} from './protocol';

/** Where a training stands: none, being made, at rest, training, coming to rest, or at its end. */
export type Phase = 'closed' | 'opening' | 'resting' | 'training' | 'pausing' | 'done';

/** A training that another one, or another lesson, has taken the place of. Its model is kept. */
export interface Before<Settings> {
  /** That its model learnt until: of a training that was done, that of its best model. */
  readonly step: number;
  readonly opened: Opened;
  readonly reports: readonly LearnReport[];
  readonly settings: Settings | undefined;
}

/**
 * A page's side of its worker with lessons: what is asked of it, and what it has told, as signals.
 *
 * @typeParam Settings what the page opens a training with.
 * @typeParam Input what a model is asked.
 * @typeParam Reply its answer, to be drawn.
 */
export class Learner<Settings, Input, Reply> {
  readonly phase = signal<Phase>('closed');
  readonly opened = signal<Opened | null>(null);
  /** The settings of the latest training. */
  readonly settings = signal<Settings | undefined>(undefined);
  /** The training of this lesson that came before, as soon as its model can be asked; null unless they are kept. */
  readonly before = signal<Before<Settings> | null>(null);
  readonly reports = signal<readonly LearnReport[]>([]);
  /** Steps of the training so far. */
  readonly step = computed(() => this.reports.value.at(-1)?.step ?? 0);
  /** The reports with figures on held-out data. */
  readonly evaluations = computed(() => this.reports.value.filter(({ metrics }) => metrics));
  /** The latest answer to the input that is followed. */
  readonly shown = signal<{ step: number; answer: Answer<Reply> } | null>(null);
  /** Steps of the models that can be asked beside the present one. */
  readonly snapshots = signal<readonly number[]>([]);
  readonly compiling = signal<{ done: number; total: number } | null>(null);
  /** What the finished training came to on the test data. */
  readonly result = signal<{ best: BestMetric | null; test: Metrics } | null>(null);
  /** Why the last training ended, or did not begin. */
  readonly problem = signal<Problem | null>(null);
  // Comlink's types need to know whether settings and inputs are proxies: they are plain values.
  readonly #link: WorkerLink<LearnService<unknown, unknown, Reply>>;
  readonly #keeps: boolean;
  #lesson = '';
  /** By their lessons. */
  readonly #befores = new Map<string, Before<Settings>>();
  /** Numbers trainings, so that what an older one tells is not shown. */
  #training = 0;

  /** Workers that failed so far: what the next one is to have must be chosen, and used, again. */
  get ended(): ReadonlySignal<number> {
    return this.#link.ended;
  }

  /** @param keeps whether the model of a training can still be asked when another has taken its place. */
  constructor(make: () => Worker, { keeps = false }: { keeps?: boolean } = {}) {
    this.#keeps = keeps;
    this.#link = new WorkerLink(make, (message) => {
      // They went with the worker.
      this.#befores.clear();
      this.before.value = null;
      this.#fail({ kind: 'other', message: `The worker failed: ${message}` });
    });
  }

  /** Takes a lesson up, by its name. What the one before had is gone, unless it is kept for when that is taken up again. */
  choose(lesson: string): Promise<Answer<null>> {
    const kept = this.#leave();
    this.#forget();
    this.#lesson = lesson;
    this.before.value = this.#befores.get(lesson) ?? null;
    return this.#ask((service) => service.choose(lesson, kept));
  }

  /** The model of a file answers from now on as `given`. */
  use(lesson: string, bytes: Uint8Array): Promise<Answer<Given>> {
    return this.#ask((service) => service.use(lesson, bytes));
  }

  /** What data of one's own hold; a sentence where they cannot be learnt. */
  find(settings: Settings): Promise<Answer<Found | null>> {
    return this.#ask((service) => service.find(settings));
  }

  /** Makes a training, at rest. False where it cannot be, and `problem` tells why. */
  async open(options: LearnOptions<Settings> = {}): Promise<boolean> {
    const kept = this.#leave();
    this.#forget();
    this.phase.value = 'opening';
    this.settings.value = options.settings;
    const mine = this.#training;
    const listener = (event: LearnEvent<Reply>): void => {
      if (mine === this.#training) this.#receive(event);
    };
    const found = await this.#ask((service) => service.open(options, listener, kept));
    // Another one was asked for, or it has failed meanwhile: that told more.
    if (mine !== this.#training || this.phase.peek() !== 'opening') return false;
    if ('problem' in found) {
      this.#fail(found.problem);
      return false;
    }
    batch(() => {
      this.opened.value = found.value;
      this.phase.value = 'resting';
    });
    return true;
  }

  async resume(): Promise<void> {
    if (this.phase.peek() !== 'resting') return;
    this.phase.value = 'training';
    await this.#told((service) => service.resume());
  }

  async pause(): Promise<void> {
    if (this.phase.peek() !== 'training') return;
    this.phase.value = 'pausing';
    await this.#told((service) => service.pause());
    if (this.phase.peek() === 'pausing') this.phase.value = 'resting';
  }

  ask(input: Input, which: Which): Promise<Answer<Reply>> {
    return this.#ask((service) => service.ask(input, which));
  }

  gradient(input: Input, output: number | null, which: Which): Promise<Answer<Gradients | null>> {
    return this.#ask((service) => service.gradient(input, output, which));
  }

  /** Has `shown` be the answer to this input from now on. */
  async follow(input: Input | null): Promise<void> {
    await this.#told((service) => service.follow(input));
  }

  save(which: Which): Promise<Answer<Uint8Array<ArrayBuffer>>> {
    return this.#ask((service) => service.save(which));
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#told((service) => service.close());
  }

  #receive(event: LearnEvent<Reply>): void {
    switch (event.kind) {
      case 'compiling':
        this.compiling.value = event;
        return;
      case 'report':
        return batch(() => {
          this.compiling.value = null;
          this.reports.value = [...this.reports.peek(), event.report];
        });
      case 'shown':
        this.shown.value = event;
        return;
      case 'snapshot':
        // The last of a training can stand at the step of one before.
        this.snapshots.value = [...new Set([...this.snapshots.peek(), event.step])];
        return;
      case 'done':
        return batch(() => {
          this.result.value = event;
          this.phase.value = 'done';
        });
      case 'failed':
        return this.#fail(event.problem);
    }
  }

  /** For the worker, where the training that is open is to be kept: it has learnt something, and has not failed. */
  #leave(): KeptListener | null {
    const [opened, reports] = [this.opened.peek(), this.reports.peek()];
    if (!this.#keeps || !opened || reports.length === 0 || this.phase.peek() === 'closed') {
      return null;
    }
    const [lesson, settings, ended] = [this.#lesson, this.settings.peek(), this.ended.peek()];
    return (step: number) => {
      // Nothing of a worker that has ended can be asked.
      if (ended !== this.ended.peek()) return;
      const before = { step, opened, reports, settings };
      this.#befores.set(lesson, before);
      // Its lesson may have been left, or left and taken up again, meanwhile.
      if (lesson === this.#lesson) this.before.value = before;
    };
  }

  #forget(): void {
    this.#training++;
    batch(() => {
      this.phase.value = 'closed';
      this.opened.value = null;
      this.reports.value = [];
      this.shown.value = null;
      this.snapshots.value = [];
      this.compiling.value = null;
      this.result.value = null;
      this.problem.value = null;
    });
  }

  /** Curves stay to be looked at. */
  #fail(problem: Problem): void {
    batch(() => {
      this.phase.value = 'closed';
      this.compiling.value = null;
      this.problem.value = problem;
    });
  }

  async #ask<T>(
    question: (service: Remote<LearnService<unknown, unknown, Reply>>) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    try {
      return await this.#link.answered<Promise<Answer<T>>>(question(this.#link.connect()));
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /** Has the worker do something for the training that is open, and ends that if it cannot. */
  async #told(
    work: (service: Remote<LearnService<unknown, unknown, Reply>>) => Promise<void>,
  ): Promise<void> {
    const mine = this.#training;
    try {
      await this.#link.answered(work(this.#link.connect()));
    } catch (error) {
      if (mine === this.#training) this.#fail(problemOf(error));
    }
  }
}
