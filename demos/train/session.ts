import { ArgumentError, DeviceError } from '../../src/index';
import { warmStartConfig } from '../../src/train/index';
import { after } from '../shared/after';
import { problemOf } from '../shared/problem';
import type { Problem } from '../shared/problem';
import { journalAt } from './journal';
import type { Failure, KeptState, Listener, RestoredRun, RunEvent } from './protocol';
import type { RunSettings, StoredRun, TextSource } from './protocol';
import { beginRun, openRun, resumeRun } from './open_run';
import type { Beginning, Run } from './run';
import { newId, settingsOf } from './run_file';
import type { BareCheckpoint, SavedRun } from './run_file';
import { reasonOf, Shelf } from './shelf';
import { MAX_HELD_OUT_CHARACTERS } from './text_protocol';
import { Mutex } from '../shared/mutex';

/** Losses in a row without a snapshot between them, after which a device is given up. */
const MAX_DEVICE_LOSSES = 3;
/** A GPU process that has crashed takes a moment to be there again: attempts, and milliseconds apart. */
const MAX_ATTEMPTS = 20;
const ATTEMPT_INTERVAL_MS = 250;

/**
 * The run that is open, through all its changes: opened, taken over from a file, back after a lost
 * device, closed. One change is made at a time, in the order of the calls, and whatever a run still
 * tells when it is no longer the one that is open is not heard.
 */
export class Session {
  #run: Run | undefined;
  /** The snapshot to come back to. */
  #last: SavedRun | undefined;
  /** True while the run is to train: also while it is away, for the way back. */
  #wanted = false;
  /** Times that a device was lost since the last snapshot. */
  #losses = 0;
  /** Grows with every change that is asked for: what waits for an older one gives up. */
  #asked = 0;
  readonly #changes = new Mutex();
  readonly #emit: Listener;
  readonly #evaluated: Beginning['evaluated'];
  readonly #shelf = new Shelf();
  /** A run that is being closed, of which the page wants to hear no more. */
  #unheard: Run | undefined;

  constructor(emit: Listener, evaluated?: Beginning['evaluated']) {
    this.#emit = emit;
    this.#evaluated = evaluated;
  }

  /** Whether runs may be kept from now on: why not, or null. The run that is open is kept at once. */
  async mayKeep(refusal: string | null): Promise<void> {
    if (await this.#shelf.mayKeep(refusal)) await this.#run?.keepNow();
  }

  get run(): Run | undefined {
    return this.#run;
  }

  resume(): void {
    this.#wanted = true;
    this.#run?.resume();
  }

  async pause(): Promise<void> {
    this.#wanted = false;
    await this.#run?.pause();
  }

  /** Makes a model. The run before ends once it stands. */
  async open(source: TextSource, settings: RunSettings): Promise<Run> {
    return this.#change(async () => {
      const run = await this.#replace(() =>
        openRun(this.#beginning({ id: newId(), source, settings })),
      );
      this.#last = undefined;
      void run.begin();
      return run;
    });
  }

  /** Takes over the run that was open when the page was closed, at rest; null when there is none. */
  async restore(): Promise<RestoredRun | Failure | null> {
    try {
      const saved = await this.#shelf.load();
      return saved ? await this.#takeOver(saved) : null;
    } catch (error) {
      const reason = `What was kept before cannot be read: ${reasonOf(error)}`;
      this.#emit({ kind: 'not kept', reason });
      return null;
    }
  }

  /** Takes over a run that the browser keeps, at rest, under that name. */
  async openKept(id: string, name: string): Promise<RestoredRun | Failure> {
    try {
      const found = await this.#shelf.load(id);
      if (found) {
        const saved = { ...found, settings: { ...found.settings, name } };
        return await this.#takeOver(saved, () => this.#keep(saved));
      }
      throw new ArgumentError('the model of this run is not kept in this browser any more');
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /** The runs that the browser keeps, without the open one and those named. */
  keptRuns(named: readonly string[]): Promise<StoredRun[]> {
    return this.#changes.runExclusive(async () => {
      const open = [this.#run?.id, this.#last?.id].filter((id) => id !== undefined);
      return this.#shelf.others(new Set([...named, ...open]));
    });
  }

  /** A run that the browser keeps; undefined for none. Rejects for what cannot be read. */
  load(id: string): Promise<SavedRun | undefined> {
    return this.#shelf.load(id);
  }

  /** Forgets a run that the browser keeps. */
  remove(id: string): Promise<void> {
    return this.#changes.runExclusive(async () => {
      if (id !== this.#run?.id) await this.#shelf.remove(id);
    });
  }

  /** Takes over a run from a file, at rest, and keeps it. */
  import(saved: SavedRun): Promise<RestoredRun | Failure> {
    return this.#takeOver(saved, () => this.#keep(saved));
  }

  /** Takes over a new run, at rest, that begins with the weights of a file, on any text. */
  async beginWith({ checkpoint, header }: BareCheckpoint, source: TextSource, from: string) {
    const { validFraction } = header.config;
    const share = Math.min(
      validFraction,
      MAX_HELD_OUT_CHARACTERS / Math.max(source.text.length, 1),
    );
    const settings = { ...settingsOf(warmStartConfig(header, { validFraction: share })), from };
    const beginning = this.#beginning({ id: newId(), source, settings });
    return this.#change(async (): Promise<RestoredRun> => {
      const run = await this.#replace(() => beginRun(checkpoint, beginning));
      const saved = await run.snapshot();
      const { id, info, journal } = run;
      const kept = await this.#keep(saved);
      void run.begin();
      return { id, info, journal, source, settings, kept };
    });
  }

  /** Gives the open run other settings, at rest. One that does not fit leaves the run as it was. */
  async change(settings: RunSettings): Promise<RestoredRun | Failure> {
    try {
      const saved = await this.snapshot();
      if (!saved) throw new ArgumentError('there is no run to change');
      // What is kept has the settings too.
      const keep = async () => this.#keep((await this.snapshot())!);
      return await this.#takeOver({ ...saved, settings }, keep);
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /** Takes over the last snapshot of a run that has failed, at rest. */
  async goBack(): Promise<RestoredRun | Failure> {
    const saved = this.#last;
    if (!saved) return { problem: problemOf(new ArgumentError('there is no snapshot to go to')) };
    return this.#takeOver(saved);
  }

  /** Takes over the run as it was at its lowest held-out loss, at rest, as one of its own. */
  async goToBest(): Promise<RestoredRun | Failure> {
    try {
      const saved = await this.snapshot();
      if (!saved?.best) throw new ArgumentError('there is no better model of this run');
      const { step, checkpoint } = saved.best;
      const journal = journalAt(saved.journal, step);
      return await this.import({ ...saved, id: newId(), step, checkpoint, journal });
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /** The run as a snapshot: as it is now, or, if it has failed, as it last was. */
  async snapshot(): Promise<SavedRun | undefined> {
    return this.#run ? this.#run.snapshot() : this.#last;
  }

  /** Ends the run, and keeps it as it was in the end, where runs are kept. */
  close(): Promise<void> {
    return this.#change(async () => {
      this.#wanted = false;
      this.#unheard = this.#run;
      await this.#closeRun();
      this.#last = undefined;
      await this.#shelf.release();
    });
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    this.#asked++;
    return this.#changes.runExclusive(work);
  }

  #beginning({ id, source, settings }: Pick<Beginning, 'id' | 'source' | 'settings'>): Beginning {
    return {
      ...{ id, source, settings },
      listen: (event, run) => this.#hear(event, run),
      save: async (saved, run) => {
        if (run === this.#run) await this.#keep(saved);
      },
      evaluated: this.#evaluated,
    };
  }

  async #closeRun(): Promise<void> {
    const closing = this.#run;
    closing?.stopWriting();
    // Coming to rest it is kept, while it is still the one that is open.
    await closing?.pause();
    this.#run = undefined;
    await closing?.close();
  }

  async #replace(open: () => Promise<Run>): Promise<Run> {
    const run = await open();
    await this.#closeRun();
    this.#wanted = false;
    this.#run = run;
    this.#losses = 0;
    // Its device may have gone before anybody listened.
    if (run.problem) this.#hear({ kind: 'failed', problem: run.problem }, run);
    return run;
  }

  /** Goes on with a run that was saved, at rest; `keep` keeps it, unless it is kept already. */
  #takeOver(
    given: SavedRun,
    keep = (): Promise<KeptState> => Promise.resolve({ step: given.step }),
  ): Promise<RestoredRun | Failure> {
    return this.#change(async () => {
      let saved = given;
      const attempt = () => this.#replace(() => resumeRun(saved, this.#beginning(saved)));
      try {
        const run = await attempt().catch((error: unknown) => {
          if (!(error instanceof DeviceError)) throw error;
          // It was saved where there was another device.
          saved = { ...saved, settings: { ...saved.settings, device: 'auto' } };
          return attempt();
        });
        this.#last = saved;
        const { id, source, settings } = saved;
        const { info, journal } = run;
        const kept = await keep();
        // A checkpoint of the command line has written nothing yet.
        if (!journal.samples.some(({ automatic }) => automatic)) void run.begin();
        return { id, info, journal, source, settings, kept };
      } catch (error) {
        return { problem: problemOf(error) };
      }
    });
  }

  /** Keeps a snapshot here, and in the browser where it lets us. Training goes on in any case. */
  async #keep(saved: SavedRun): Promise<KeptState> {
    this.#last = saved;
    this.#losses = 0;
    const state = await this.#shelf.save(saved);
    if (saved.id !== this.#unheard?.id) {
      this.#emit('step' in state ? { kind: 'kept', ...state } : { kind: 'not kept', ...state });
    }
    return state;
  }

  #hear(event: RunEvent, run: Run): void {
    if (run !== this.#run || run === this.#unheard) return;
    if (event.kind === 'stopped') this.#wanted = false;
    if (event.kind === 'failed')
      void this.#changes.runExclusive(() => this.#end(run, event.problem));
    else this.#emit(event);
  }

  /** A run that failed is closed before the page hears of it; one whose device is gone may come back. */
  async #end(run: Run, problem: Problem): Promise<void> {
    if (run !== this.#run) return;
    await this.#closeRun();
    const back =
      problem.kind === 'lost' && this.#losses++ < MAX_DEVICE_LOSSES ? this.#last : undefined;
    const asked = this.#asked;
    if (back && (await this.#comeBack(back, problem, asked))) return;
    // Whoever asked for another run meanwhile hears of that one.
    if (asked === this.#asked) this.#emit({ kind: 'failed', problem });
  }

  /** Goes on from a snapshot, on a new device. False when there is none to be had. */
  async #comeBack(saved: SavedRun, { message }: Problem, asked: number): Promise<boolean> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS && asked === this.#asked; attempt++) {
      const run = await resumeRun(saved, this.#beginning(saved)).catch(() => undefined);
      if (run) {
        if (asked !== this.#asked) {
          await run.close();
          return false;
        }
        this.#run = run;
        const { info, journal } = run;
        this.#emit({ kind: 'recovered', info, journal, step: saved.step, reason: message });
        if (this.#wanted) run.resume();
        return true;
      }
      await after(ATTEMPT_INTERVAL_MS);
    }
    return false;
  }
}
