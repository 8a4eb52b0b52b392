import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { loadModel, readCheckpoint, saveCheckpoint } from '../../src/train/index';
import type { CharTrainer, SampleOptions, TextMark } from '../../src/train/index';
import { entered } from './journal';
import { Pace } from './pace';
import { problemOf } from './problem';
import type { Problem } from './problem';
import type { Journal, RunEvent, RunInfo, RunSettings, TextSource } from './protocol';
import { markSource } from './run_file';
import type { SavedRun } from './run_file';
import { runInfo } from './run_info';
import { checkLength, sampleDue, TIMELINE, writeSample } from './writing';
import type { Writer } from './writing';
import { macrotask } from './macrotask';
import { Mutex } from './mutex';

/** Milliseconds between reports: each waits for the device, and the eye follows no more. */
const REPORT_INTERVAL_MS = 100;
/** Steps between two looks at the held-out text. */
const EVALUATE_INTERVAL_STEPS = 100;
/** Milliseconds between two snapshots: what a closed tab or a lost device costs at most. */
const SAVE_INTERVAL_MS = 5_000;
/** Times that a save took, which training goes on at least before the next. */
const SAVE_INTERVAL_RATIO = 10;

/** What a run begins with. */
export interface Beginning {
  id: string;
  source: TextSource;
  settings: RunSettings;
  /** Of a run that goes on: how its text was marked when it began. */
  mark?: TextMark;
  listen: (event: RunEvent, run: Run) => void;
  /** Takes snapshots; training waits for it. */
  save: (saved: SavedRun, run: Run) => Promise<void>;
}

/** A model in training on a device of its own, until `close`. */
export class Run {
  readonly id: string;
  readonly info: RunInfo;
  readonly #device: Device;
  readonly #trainer: CharTrainer;
  readonly #source: TextSource;
  readonly #settings: RunSettings;
  readonly #listen: Beginning['listen'];
  readonly #save: Beginning['save'];
  readonly #mark: TextMark;
  readonly #mutex = new Mutex();
  #journal: Journal;
  #savedAt = performance.now();
  #savedStep = -1;
  /** Milliseconds that the last save took. */
  #saving = 0;
  #loop = Promise.resolve();
  #wanted = false;
  #over = false;
  #problem: Problem | undefined;
  #stopWriting = false;
  #temperature: number;
  readonly #stopAfter: number;
  #samples = 0;
  #reportedAt = 0;
  readonly #pace: Pace;

  /** Takes device and trainer over; see open_run.ts. */
  constructor(device: Device, trainer: CharTrainer, journal: Journal, start: Beginning) {
    this.id = start.id;
    this.#device = device;
    this.#trainer = trainer;
    this.#journal = journal;
    this.#source = start.source;
    this.#settings = start.settings;
    this.#listen = start.listen;
    this.#save = start.save;
    this.#mark = start.mark ?? markSource(start.source);
    this.#temperature = start.settings.temperature;
    this.#stopAfter = start.settings.stopAfter ?? 0;
    this.#samples = journal.samples.reduce((most, { id }) => Math.max(most, id), 0);
    this.#pace = new Pace(trainer.step, trainer.charactersPerStep);
    this.info = runInfo(device, trainer);
    void device.lost.then((reason) =>
      this.fail({ kind: 'lost', message: `The GPU device was lost (${reason}).` }),
    );
  }

  /** What it has told so far. */
  get journal(): Journal {
    return this.#journal;
  }

  /** What ended it; undefined for a run in good health. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Trains until `pause`, or to its end; from there on it rests. */
  resume(): void {
    if (this.#wanted || this.#over) return;
    if (this.#atEnd()) return this.#emit({ kind: 'stopped' });
    this.#wanted = true;
    this.#loop = this.#loop.then(() => this.#train());
  }

  /** Resolves when no step is under way and the last report is out. */
  async pause(): Promise<void> {
    this.#wanted = false;
    await this.#loop;
  }

  async step(): Promise<void> {
    await this.#attempt(async () => {
      await this.#step();
      await this.#rest();
    });
  }

  async evaluate(): Promise<void> {
    await this.#attempt(() => this.#evaluate());
  }

  /** Looks into the model between two steps. Throws what `work` throws; the run goes on. */
  look<T>(work: (trainer: CharTrainer) => Promise<T>): Promise<T> {
    return this.#mutex.runExclusive(() => work(this.#trainer));
  }

  /** Writes a sample before the next step. Throws what is wrong with the options. */
  async write(options: SampleOptions): Promise<void> {
    checkLength(options);
    this.#stopWriting = false;
    await this.#mutex.runExclusive(() => this.#write(options));
    // While it trains, the next snapshot is never far.
    if (!this.#wanted) await this.keepNow();
  }

  /** Writes the sample of the untrained model, and saves it: a lost device has a way back. */
  async begin(): Promise<void> {
    await this.#attempt(async () => {
      const { checkpoint } = await this.#keep();
      // On the CPU, so that the first training step does not wait for the shaders of sampling.
      const device = await openDevice('cpu');
      try {
        await this.#write(undefined, loadModel(device, readCheckpoint(checkpoint)));
      } finally {
        device.dispose();
      }
    });
  }

  /** The run as it is between two steps. */
  snapshot(): Promise<SavedRun> {
    return this.#mutex.runExclusive(() => this.#snapshot());
  }

  /** Takes a snapshot, whenever the last one was. */
  async keepNow(): Promise<void> {
    await this.#attempt(async () => void (await this.#keep()));
  }

  stopWriting(): void {
    this.#stopWriting = true;
  }

  setTemperature(temperature: number): void {
    this.#temperature = temperature;
  }

  /** Ends it, and tells why. Its memory is freed by `close`. */
  fail(problem: Problem): void {
    if (this.#over) return;
    this.#over = true;
    this.#problem = problem;
    this.#emit({ kind: 'failed', problem });
  }

  /** Ends what is under way and frees model and device. */
  async close(): Promise<void> {
    this.#over = true;
    this.#wanted = false;
    await this.#loop;
    await this.#mutex.runExclusive(async () => {
      try {
        await this.#device.finish();
      } catch {
        // A lost device has nothing left to finish.
      }
      this.#trainer.dispose();
      this.#device.dispose();
    });
  }

  async #train(): Promise<void> {
    while (this.#wanted && !this.#over) {
      await this.#attempt(() => this.#step());
      await macrotask();
    }
    await this.#attempt(() => this.#rest());
  }

  /** Tells and saves where it stands. */
  async #rest(): Promise<void> {
    await this.#report();
    if (this.#trainer.step !== this.#savedStep) await this.#keep();
  }

  /** Exclusive work, skipped once the run is over; an error ends the run. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await this.#mutex.runExclusive(async () => {
        if (!this.#over) await work();
      });
    } catch (error) {
      this.fail(problemOf(error));
    }
  }

  #atEnd(): boolean {
    return this.#stopAfter > 0 && this.#trainer.step >= this.#stopAfter;
  }

  #emit(event: RunEvent): void {
    this.#journal = entered(this.#journal, event);
    this.#listen(event, this);
  }

  async #snapshot(): Promise<SavedRun> {
    const { step } = this.#trainer;
    const [source, settings, journal] = [this.#source, this.#settings, this.#journal];
    const checkpoint = await saveCheckpoint(this.#trainer, this.#mark);
    return { id: this.id, source, settings, journal, mark: this.#mark, step, checkpoint };
  }

  async #keep(): Promise<SavedRun> {
    const begin = performance.now();
    const saved = await this.#snapshot();
    this.#savedStep = saved.step;
    await this.#save(saved, this);
    this.#savedAt = performance.now();
    this.#saving = this.#savedAt - begin;
    return saved;
  }

  async #step(): Promise<void> {
    const begin = performance.now();
    await this.#trainer.trainStep((done, total) => this.#emit({ kind: 'compiling', done, total }));
    this.#pace.took(performance.now() - begin);
    const { step } = this.#trainer;
    const last = this.#atEnd();
    if (last || step % EVALUATE_INTERVAL_STEPS === 0) await this.#evaluate();
    else if (performance.now() - this.#reportedAt >= REPORT_INTERVAL_MS) await this.#report();
    if (sampleDue(step)) await this.#write();
    const interval = Math.max(SAVE_INTERVAL_MS, SAVE_INTERVAL_RATIO * this.#saving);
    if (performance.now() - this.#savedAt >= interval) {
      await this.#report();
      await this.#keep();
    }
    if (last && this.#wanted) {
      this.#wanted = false;
      this.#emit({ kind: 'stopped' });
    }
  }

  async #report(): Promise<void> {
    const begin = performance.now();
    const report = await this.#trainer.report();
    this.#reportedAt = performance.now();
    if (!report) return;
    this.#pace.took(this.#reportedAt - begin);
    const charactersPerSecond = this.#pace.after(report.step);
    const { liveBytes, recordedBytes, pooledBytes } = this.#device.memory();
    const memory = { bytes: liveBytes + recordedBytes, pooledBytes };
    this.#emit({ kind: 'report', report: { ...report, ...memory, charactersPerSecond } });
  }

  async #evaluate(): Promise<void> {
    // First, so that both losses stand at the same step of the chart.
    await this.#report();
    const { step, canEvaluate } = this.#trainer;
    if (!canEvaluate) return;
    const { loss } = await this.#trainer.evaluate();
    this.#emit({ kind: 'validation', step, loss });
  }

  /** @param asked left out for a sample along the way. */
  async #write(asked?: SampleOptions, writer: Writer = this.#trainer): Promise<void> {
    if (this.#over) return;
    const automatic = asked === undefined;
    const options = asked ?? { ...TIMELINE, temperature: this.#temperature };
    const { temperature = 1, prime = '' } = options;
    const id = ++this.#samples;
    const begun = { id, step: this.#trainer.step, automatic, temperature, prime };
    await writeSample(writer, options, {
      tell: (written) => this.#emit({ kind: 'sample', sample: { ...begun, ...written } }),
      stopped: () => this.#stopWriting && !automatic,
      over: () => this.#over,
    });
  }
}
