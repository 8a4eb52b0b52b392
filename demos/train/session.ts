import { ArgumentError, DeviceError } from '../../src/index';
import { Keeper } from './keeper';
import { messageOf, problemOf } from './problem';
import type { Failure, KeptState, Listener, Problem, RestoredRun, RunEvent } from './protocol';
import type { RunSettings, TextSource } from './protocol';
import { Run } from './run';
import type { Beginning } from './run';
import type { SavedRun } from './run_file';
import { Turns } from './turns';

/** Losses in a row without a snapshot between them, after which a device is given up. */
const MOST_LOSSES = 3;
/** A GPU process that has crashed takes a moment to be there again: attempts, and milliseconds apart. */
const ATTEMPTS = 20;
const APART = 250;

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
  readonly #changes = new Turns();
  readonly #emit: Listener;
  readonly #keeper: Promise<Keeper | string>;

  /** @param refusal tells why nothing may be kept, or null. */
  constructor(emit: Listener, refusal: () => Promise<string | null>) {
    this.#emit = emit;
    this.#keeper = refusal().then((reason) => reason ?? Keeper.open());
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
      const run = await this.#replace(() => Run.open(this.#beginning({ source, settings })));
      this.#last = undefined;
      void run.begin();
      return run;
    });
  }

  /** Takes over what the browser keeps, at rest; null when there is nothing. */
  async restore(): Promise<RestoredRun | Failure | null> {
    const keeper = await this.#keeper;
    if (typeof keeper === 'string') {
      this.#emit({ kind: 'not kept', reason: keeper });
      return null;
    }
    try {
      const saved = await keeper.load();
      return saved ? await this.#takeOver(saved) : null;
    } catch (error) {
      const reason = `What was kept before cannot be read: ${reasonOf(error)}`;
      this.#emit({ kind: 'not kept', reason });
      return null;
    }
  }

  /** Takes over a run from a file, at rest, and keeps it. */
  import(saved: SavedRun): Promise<RestoredRun | Failure> {
    return this.#takeOver(saved, () => this.#keep(saved));
  }

  /** Takes over the last snapshot of a run that has failed, at rest. */
  async goBack(): Promise<RestoredRun | Failure> {
    const saved = this.#last;
    if (!saved) return { problem: problemOf(new ArgumentError('there is no snapshot to go to')) };
    return this.#takeOver(saved);
  }

  /** The run as a snapshot: as it is now, or, if it has failed, as it last was. */
  async snapshot(): Promise<SavedRun | undefined> {
    return this.#run ? this.#run.snapshot() : this.#last;
  }

  /** Ends the run and forgets what was kept of it. */
  close(): Promise<void> {
    return this.#change(async () => {
      this.#wanted = false;
      await this.#closeRun();
      this.#last = undefined;
      const keeper = await this.#keeper;
      if (typeof keeper !== 'string') await keeper.clear();
    });
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    this.#asked++;
    return this.#changes.take(work);
  }

  #beginning(start: Pick<Beginning, 'source' | 'settings'>): Beginning {
    return {
      ...start,
      listen: (event, run) => this.#hear(event, run),
      save: async (saved, run) => {
        if (run === this.#run) await this.#keep(saved);
      },
    };
  }

  async #closeRun(): Promise<void> {
    const closing = this.#run;
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
      const attempt = () => this.#replace(() => Run.resume(saved, this.#beginning(saved)));
      try {
        const { info, journal } = await attempt().catch((error: unknown) => {
          if (!(error instanceof DeviceError)) throw error;
          // It was saved where there was another device.
          saved = { ...saved, settings: { ...saved.settings, device: 'auto' } };
          return attempt();
        });
        this.#last = saved;
        const { source, settings } = saved;
        return { info, journal, source, settings, kept: await keep() };
      } catch (error) {
        return { problem: problemOf(error) };
      }
    });
  }

  /** Keeps a snapshot here, and in the browser where it lets us. Training goes on in any case. */
  async #keep(saved: SavedRun): Promise<KeptState> {
    this.#last = saved;
    this.#losses = 0;
    try {
      const keeper = await this.#keeper;
      if (typeof keeper === 'string') throw new Error(keeper);
      await keeper.save(saved);
      this.#emit({ kind: 'kept', step: saved.step });
      return { step: saved.step };
    } catch (error) {
      const reason = reasonOf(error);
      this.#emit({ kind: 'not kept', reason });
      return { reason };
    }
  }

  #hear(event: RunEvent, run: Run): void {
    if (run !== this.#run) return;
    if (event.kind === 'stopped') this.#wanted = false;
    if (event.kind === 'failed') void this.#changes.take(() => this.#end(run, event.problem));
    else this.#emit(event);
  }

  /** A run that failed is closed before the page hears of it; one whose device is gone may come back. */
  async #end(run: Run, problem: Problem): Promise<void> {
    if (run !== this.#run) return;
    await this.#closeRun();
    const back = problem.kind === 'lost' && this.#losses++ < MOST_LOSSES ? this.#last : undefined;
    const asked = this.#asked;
    if (back && (await this.#comeBack(back, problem, asked))) return;
    // Whoever asked for another run meanwhile hears of that one.
    if (asked === this.#asked) this.#emit({ kind: 'failed', problem });
  }

  /** Goes on from a snapshot, on a new device. False when there is none to be had. */
  async #comeBack(saved: SavedRun, { message }: Problem, asked: number): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS && asked === this.#asked; attempt++) {
      const run = await Run.resume(saved, this.#beginning(saved)).catch(() => undefined);
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
      await new Promise((resolve) => setTimeout(resolve, APART));
    }
    return false;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'The storage of this browser is full.';
  }
  return messageOf(error);
}
