import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { loadModel, readCheckpoint, saveCheckpoint } from '../../src/train/index';
import type { CharTrainer, SampleOptions, TextMark } from '../../src/train/index';
import { entered } from './journal';
import { Pace } from './pace';
import type { Problem } from '../shared/problem';
import type { Journal, RunEvent, RunInfo, RunSettings, TextSource } from './protocol';
import { markSource } from './run_file';
import type { BestCheckpoint, SavedRun } from './run_file';
import { runInfo } from './run_info';
import { SampleSchedule } from './timeline';
import { checkLength, TIMELINE, writeSample } from './writing';
import type { Writer } from './writing';
import { Turns } from '../shared/turns';

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
  /** Of a run that goes on: its model at the lowest held-out loss. */
  best?: BestCheckpoint;
  listen: (event: RunEvent, run: Run) => void;
  /** Takes snapshots; training waits for it. */
  save: (saved: SavedRun, run: Run) => Promise<void>;
  /** Looks into the model whenever it was evaluated; training waits for it. */
  evaluated?: (run: Run, trainer: CharTrainer) => Promise<void>;
}

/** A model in training on a device of its own, until `close`. */
export class Run {
  readonly id: string;
  readonly info: RunInfo;
  readonly source: TextSource;
  readonly #device: Device;
  readonly #trainer: CharTrainer;
  readonly #settings: RunSettings;
  readonly #listen: Beginning['listen'];
  readonly #save: Beginning['save'];
  readonly #evaluated: Beginning['evaluated'];
  readonly #mark: TextMark;
  readonly #turns: Turns;
  #journal: Journal;
  #savedAt = performance.now();
  #savedStep = -1;
  /** Milliseconds that the last save took. */
  #saving = 0;
  #problem: Problem | undefined;
  #stopWriting = false;
  #temperature: number;
  readonly #stopAfter: number;
  #samples = 0;
  #reportedAt = 0;
  #best: BestCheckpoint | undefined;
  readonly #pace: Pace;
  readonly #schedule = new SampleSchedule();

  /** Takes device and trainer over; see open_run.ts. */
  constructor(device: Device, trainer: CharTrainer, journal: Journal, start: Beginning) {
    this.id = start.id;
    this.#device = device;
    this.#trainer = trainer;
    this.#journal = journal;
    this.source = start.source;
    this.#settings = start.settings;
    this.#listen = start.listen;
    this.#save = start.save;
    this.#evaluated = start.evaluated;
    this.#mark = start.mark ?? markSource(start.source);
    this.#best = start.best;
    this.#temperature = start.settings.temperature;
    this.#stopAfter = start.settings.stopAfter ?? 0;
    this.#samples = journal.samples.reduce((most, { id }) => Math.max(most, id), 0);
    this.#pace = new Pace(trainer.step, trainer.charactersPerStep);
    this.info = runInfo(device, trainer);
    this.#turns = new Turns(device, {
      turn: () => this.#step(),
      rest: () => this.#rest(),
      failed: (problem) => {
        this.#problem = problem;
        this.#emit({ kind: 'failed', problem });
      },
    });
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
    const { wanted, over } = this.#turns;
    if (wanted || over) return;
    if (this.#atEnd()) return this.#emit({ kind: 'stopped' });
    this.#turns.resume();
  }

  /** Resolves when no step is under way and the last report is out. */
  pause(): Promise<void> {
    return this.#turns.pause();
  }

  async step(): Promise<void> {
    await this.#turns.attempt(async () => {
      await this.#step();
      await this.#rest();
    });
  }

  async evaluate(): Promise<void> {
    await this.#turns.attempt(() => this.#evaluate());
  }

  /** Looks into the model between two steps. Throws what `work` throws; the run goes on. */
  look<T>(work: (trainer: CharTrainer) => Promise<T>): Promise<T> {
    return this.#turns.between(() => work(this.#trainer));
  }

  /** Writes a sample before the next step. Throws what is wrong with the options. */
  async write(options: SampleOptions): Promise<void> {
    checkLength(options);
    this.#stopWriting = false;
    await this.#turns.between(() => this.#write(options));
    // While it trains, the next snapshot is never far.
    if (!this.#turns.wanted) await this.keepNow();
  }

  /** Writes the first sample, and saves the run: a lost device has a way back. */
  async begin(): Promise<void> {
    await this.#turns.attempt(async () => {
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
    return this.#turns.between(() => this.#snapshot());
  }

  /** Takes a snapshot, whenever the last one was. */
  async keepNow(): Promise<void> {
    await this.#turns.attempt(async () => void (await this.#keep()));
  }

  stopWriting(): void {
    this.#stopWriting = true;
  }

  setTemperature(temperature: number): void {
    this.#temperature = temperature;
  }

  /** Ends it, and tells why. Its memory is freed by `close`. */
  fail(problem: Problem): void {
    this.#turns.fail(problem);
  }

  /** Ends what is under way and frees model and device. */
  close(): Promise<void> {
    return this.#turns.close(() => this.#trainer.dispose());
  }

  /** Tells and saves where it stands. */
  async #rest(): Promise<void> {
    await this.#report();
    const { step } = this.#trainer;
    const last = this.#journal.samples.find(({ automatic }) => automatic);
    if (this.#schedule.quick && last?.step !== step) await this.#write();
    if (step !== this.#savedStep) await this.#keep();
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
    const [source, settings, journal] = [this.source, this.#settings, this.#journal];
    const [best, mark] = [this.#best, this.#mark];
    const checkpoint = await saveCheckpoint(this.#trainer, mark);
    return { id: this.id, source, settings, journal, mark, step, checkpoint, best };
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
    if (this.#schedule.due(step)) await this.#write();
    const interval = Math.max(SAVE_INTERVAL_MS, SAVE_INTERVAL_RATIO * this.#saving);
    if (performance.now() - this.#savedAt >= interval) {
      await this.#report();
      await this.#keep();
    }
    if (last && this.#turns.wanted) {
      this.#turns.stop();
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
    if (loss < (this.#best?.loss ?? Infinity)) {
      const checkpoint = await saveCheckpoint(this.#trainer, this.#mark);
      this.#best = { step, loss, checkpoint };
    }
    await this.#evaluated?.(this, this.#trainer);
    this.#emit({ kind: 'validation', step, loss });
  }

  /** @param asked left out for a sample along the way. */
  async #write(asked?: SampleOptions, writer: Writer = this.#trainer): Promise<void> {
    if (this.#turns.over) return;
    const automatic = asked === undefined;
    const options = asked ?? { ...TIMELINE, temperature: this.#temperature };
    const { temperature = 1, prime = '' } = options;
    const begin = performance.now();
    const id = ++this.#samples;
    const begun = { id, step: this.#trainer.step, automatic, temperature, prime };
    await writeSample(writer, options, {
      tell: (written) => this.#emit({ kind: 'sample', sample: { ...begun, ...written } }),
      stopped: () => this.#stopWriting && !automatic,
      over: () => this.#turns.over,
    });
    // That of the untrained model was written on the CPU.
    if (automatic && writer === this.#trainer) this.#schedule.wrote(performance.now() - begin);
  }
}
