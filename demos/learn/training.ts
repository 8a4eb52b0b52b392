import { defaultThreads } from '../../src/backend/cpu/thread_pool';
import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import type { Module } from '../../src/nn/index';
import { modelOnly } from '../../src/train/index';
import type { BestMetric, FitEvent } from '../../src/train/index';
import { after } from '../shared/after';
import { answer } from '../shared/answer';
import type { Problem } from '../shared/problem';
import { Turns } from '../shared/turns';
import { ExampleRun } from '../tasks/example';
import type { Example } from '../tasks/example';
import type { Lesson } from './lesson';
import type { LearnEvent, LearnOptions, Opened } from './protocol';
import type { Snapshots } from './snapshots';

/** Points of the loss curve of a whole training. */
const REPORTS = 200;
/** Shares of a training after which a snapshot is taken, besides at its end. */
const SNAPSHOTS = [0, 1 / 64, 1 / 16, 1 / 4, 1 / 2];
/** Times that the answer to the followed input took, which training goes on at least before the next. */
const SHOWN_RATIO = 5;

/** Milliseconds that a page has for drawing an answer, where training and browser share this many cores at most. */
const DRAWING_MS = 15;
const FEW_CORES = 2;

/** What can be done with a model between two steps. */
export type Work<T> = (model: Module, meta: unknown) => Promise<T>;

type Tell = (event: LearnEvent<unknown>) => void;

/** A lesson's model in training, on a device of its own, until `close`. */
export class Training {
  readonly opened: Opened;
  readonly #lesson: Lesson;
  readonly #run: ExampleRun;
  readonly #events: AsyncGenerator<FitEvent, void>;
  readonly #snapshots: Pick<Snapshots<number>, 'keep'>;
  readonly #tell: Tell;
  readonly #turns: Turns;
  /** Steps at which a snapshot is due. */
  readonly #due: ReadonlySet<number>;
  #best: BestMetric | undefined;
  /** The latest measurement. */
  #last: BestMetric | undefined;
  /** Whether the model is the best one, and no longer that of the trainer's step. */
  #restored = false;
  #followed: { readonly input: unknown } | null = null;
  /** When the followed input was answered last, and how long that took. */
  #shown = { at: -Infinity, took: 0 };

  /**
   * Loads the data and makes the model. Throws what cannot be, and leaves nothing behind.
   *
   * @param snapshots takes those of the training.
   */
  static async open(
    lesson: Lesson,
    options: LearnOptions<unknown>,
    snapshots: Pick<Snapshots<number>, 'keep'>,
    tell: Tell,
  ): Promise<Training> {
    const example = lesson.example(options.settings);
    const data = await example.load();
    const baseline = await example.baseline(data);
    // One core is left to the page, which draws meanwhile.
    const threads = Math.max(1, defaultThreads() - 1);
    const device = await openDevice(options.device ?? 'auto', { threads });
    try {
      const { seed = 1, epochs = example.training.epochs } = options;
      const run = new ExampleRun(example, device, data, { source: null, seed, epochs });
      const { kind, description, reason } = device;
      const { stepsPerEpoch } = run.trainer;
      const opened: Opened = {
        title: example.title,
        data: example.describe?.(data) ?? null,
        baseline,
        parameters: run.model.parameterCount(),
        device: { kind, description, reason },
        stepsPerEpoch,
        steps: epochs * stepsPerEpoch,
        monitor: example.training.monitor,
        mode: example.training.mode,
      };
      const training = new Training(lesson, device, run, opened, snapshots, tell);
      await training.#keep();
      return training;
    } catch (error) {
      device.dispose();
      throw error;
    }
  }

  private constructor(
    lesson: Lesson,
    device: Device,
    run: ExampleRun,
    opened: Opened,
    snapshots: Pick<Snapshots<number>, 'keep'>,
    tell: Tell,
  ) {
    this.#lesson = lesson;
    this.#run = run;
    this.opened = opened;
    this.#snapshots = snapshots;
    this.#tell = tell;
    const { steps, stepsPerEpoch } = opened;
    this.#due = new Set(SNAPSHOTS.map((share) => Math.ceil(share * steps)));
    const { evaluations } = lesson;
    const evalEvery =
      evaluations === undefined ? stepsPerEpoch : Math.max(1, Math.ceil(steps / evaluations));
    const { patience = 0 } = run.example.training;
    this.#events = run.fit({
      logEvery: Math.max(1, Math.round(steps / REPORTS)),
      evalEvery,
      // The example's counts evaluations after each epoch.
      patience: Math.ceil((patience * stepsPerEpoch) / evalEvery),
      onCompile: (done, total) => tell({ kind: 'compiling', done, total }),
    });
    this.#turns = new Turns(device, {
      turn: () => this.#next(),
      rest: () => this.#show(),
      failed: (problem) => tell({ kind: 'failed', problem }),
    });
  }

  get example(): Example {
    return this.#run.example;
  }

  resume(): void {
    this.#turns.resume();
  }

  pause(): Promise<void> {
    return this.#turns.pause();
  }

  /** Has the model as it is do something, in evaluation mode. Throws what that throws; training goes on. */
  use<T>(work: Work<T>): Promise<T> {
    const { model, about } = this.#run;
    return this.#turns.between(() => work(model.eval(), about.meta));
  }

  async follow(input: unknown): Promise<void> {
    this.#followed = input === null ? null : { input };
    await this.#turns.attempt(() => this.#show());
  }

  /** The model as it is, and the step that it learnt until: once the training is done, that of the best one. */
  save(): Promise<{ step: number; bytes: Uint8Array<ArrayBuffer> }> {
    return this.#turns.between(async () => {
      const step = this.#restored ? this.#best!.step : this.#run.trainer.step;
      return { step, bytes: await this.#model() };
    });
  }

  /** Ends it, and tells why. Its memory is freed by `close`. */
  fail(problem: Problem): void {
    this.#turns.fail(problem);
  }

  close(): Promise<void> {
    return this.#turns.close(() => this.#run.dispose());
  }

  async #next(): Promise<void> {
    const { done, value } = await this.#events.next();
    if (done) await this.#end();
    else await this.#take(value);
  }

  async #take(event: FitEvent): Promise<void> {
    if (event.kind === 'report') {
      const { kind, ...report } = event;
      if (report.metrics) {
        this.#last = { step: report.step, value: report.metrics[this.opened.monitor] };
        if (report.improved) this.#best = this.#last;
      }
      this.#tell({ kind, report });
      const { at, took } = this.#shown;
      if (performance.now() - at >= SHOWN_RATIO * took) {
        await this.#show();
        if (this.opened.device.kind === 'cpu' && defaultThreads() <= FEW_CORES) {
          await after(DRAWING_MS);
        }
      }
    }
    if (event.kind === 'step' && this.#due.has(event.step)) await this.#keep();
  }

  async #end(): Promise<void> {
    this.#turns.stop();
    const { trainer } = this.#run;
    const { step } = trainer;
    // The last one is taken where it is as good as the best. `fit`, and so `lethe task`, has the first of those that are
    // as good; here few are held out, all may soon be right, and the first such model has hardly begun.
    const last = this.#last;
    if (this.#best && last?.step === step && last.value === this.#best.value) this.#best = last;
    else if (this.#best) {
      trainer.restoreBest();
      this.#restored = true;
    }
    await this.#keep();
    this.#tell({ kind: 'done', step, best: this.#best ?? null, test: await this.#run.test() });
    this.#turns.end();
    await this.#show();
  }

  async #answer(input: unknown): Promise<unknown> {
    const { model, about } = this.#run;
    return this.#lesson.answer(model.eval(), about.meta, input);
  }

  async #show(): Promise<void> {
    const followed = this.#followed;
    if (!followed) return;
    const begin = performance.now();
    const found = await answer(() => this.#answer(followed.input));
    const at = performance.now();
    this.#shown = { at, took: at - begin };
    this.#tell({ kind: 'shown', step: this.#run.trainer.step, answer: found });
  }

  async #model(): Promise<Uint8Array<ArrayBuffer>> {
    return modelOnly(await this.#run.save(this.#best));
  }

  async #keep(): Promise<void> {
    const { step } = this.#run.trainer;
    this.#snapshots.keep(step, this.#run.example, await this.#model());
    this.#tell({ kind: 'snapshot', step });
  }
}
