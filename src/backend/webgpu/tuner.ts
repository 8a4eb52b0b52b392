import { bytesPerElement } from '../dtype';
import type { Backend, Choice, DeviceBuffer, Recording, TuningResult } from '../backend';
import type { Bindings, Kernel, Params, ParamValues, KernelConfig } from '../kernel';
import { tuningOf } from '../tuning';

/** What a trial can repeat: the first of its size class. */
interface Note {
  readonly name: string;
  readonly sizeClass: string;
  readonly ways: readonly string[];
  /** Whether it goes by way of kernels that have configurations of their own. */
  readonly compound: boolean;
  /** What a trial runs, and frees when it is over. */
  prepare(): { run: (way: number) => void; free: () => void };
}

/**
 * What takes more bytes, or more than half of the largest buffer, is not tried: with what is alive
 * beside it, that could be more than there is.
 */
const MOST_BYTES = 2 ** 30;
/** Milliseconds that are told apart well; a run that is shorter is repeated... */
const ROUND = 10;
/** ...so often at most. */
const MOST_RUNS = 64;
const ROUNDS = 3;
/** What a wait takes varies by this part of it. */
const WAITS = 10;
/** So many times slower than the fastest, and one more look is not worth it. */
const HOPELESS = 4;

/** Chooses between the configurations of kernels: by what trials have found on this adapter. */
export class Tuner {
  readonly #backend: Backend;
  readonly #found: Map<string, string>;
  readonly #notes = new Map<string, Note>();
  /** Of the calls made by a trial: their size classes. */
  #used: Set<string> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#found = tuningOf(backend.description);
  }

  /** The configuration for a call. One whose choice is open is noted for the next trial. */
  choose<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    params: ParamValues<P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
  ): KernelConfig<P> {
    if (!kernel.candidates) return kernel;
    const { sizeClass, configs } = kernel.candidates(params);
    if (configs.length === 1) return configs[0];
    const key = `${kernel.name}: ${sizeClass}`;
    this.#used?.add(key);
    const name = this.#found.get(key);
    const found = configs.find((config) => config.name === name);
    if (!found && !this.#notes.has(key)) {
      // Not the buffers themselves, which would stay alive.
      const sizes = Object.entries<DeviceBuffer>(buffers).map(
        ([name, { dtype, length }]) => [name, { dtype, length }] as const,
      );
      const erased = kernel as unknown as Kernel;
      const all = configs as unknown as readonly KernelConfig[];
      this.#note(key, bytesOf(sizes), {
        ...{ name: kernel.name, sizeClass, ways: configs.map(({ name }) => name), compound: false },
        prepare: () => this.#memory(erased, all, params, sizes),
      });
    }
    return found ?? configs[0];
  }

  /** The way of a choice. One that is open is noted for the next trial. */
  prefer({ name, sizeClass, ways, bytes, trial }: Choice): string {
    const key = `${name}: ${sizeClass}`;
    const known = this.#found.get(key);
    const found = ways.find((way) => way === known);
    if (!found && !this.#notes.has(key)) {
      this.#note(key, bytes, {
        ...{ name, sizeClass, ways, compound: true },
        prepare: () => ({ run: (way) => trial(ways[way]), free() {} }),
      });
    }
    return found ?? ways[0];
  }

  #note(key: string, bytes: number, note: Note): void {
    const most = Math.min(MOST_BYTES, this.#backend.maxBufferBytes / 2);
    if (bytes <= most) this.#notes.set(key, note);
  }

  /**
   * Tries what is noted, until `budget` milliseconds are over; the rest stays noted. The last
   * `reserved` of them are for choices, where there are any; without, choices wait for another time.
   */
  tune(budget: number, reserved?: number): Promise<TuningResult[]> {
    return this.#tune(performance.now() + budget, reserved, [...this.#notes.keys()]);
  }

  /** Tries those of `keys` that are still open. */
  async #tune(
    end: number,
    reserved: number | undefined,
    keys: Iterable<string>,
  ): Promise<TuningResult[]> {
    const trials: TuningResult[] = [];
    for (;;) {
      const key = this.#next(end - performance.now(), reserved, keys);
      if (key === undefined) return trials;
      const note = this.#notes.get(key)!;
      this.#notes.delete(key);
      const milliseconds = await this.#try(note, end, trials);
      if (!milliseconds) {
        this.#notes.set(key, note);
        return trials;
      }
      const [fastest] = Object.entries(milliseconds).reduce((a, b) => (b[1] < a[1] ? b : a));
      this.#found.set(key, fastest);
      trials.push({ name: note.name, sizeClass: note.sizeClass, fastest, milliseconds });
    }
  }

  /** Kernels first: what goes by way of them is to be timed with the fastest of them. */
  #next(left: number, reserved: number | undefined, keys: Iterable<string>): string | undefined {
    const open = [...keys].filter((key) => this.#notes.has(key));
    const kernel = open.find((key) => !this.#notes.get(key)!.compound);
    const choice =
      reserved === undefined ? undefined : open.find((key) => this.#notes.get(key)!.compound);
    if (kernel && left > (choice ? reserved! : 0)) return kernel;
    return left > 0 ? choice : undefined;
  }

  /** A kernel's trial on memory of its own. */
  #memory(
    kernel: Kernel,
    configs: readonly KernelConfig[],
    params: ParamValues<Params>,
    sizes: readonly (readonly [string, Pick<DeviceBuffer, 'dtype' | 'length'>])[],
  ) {
    const backend = this.#backend;
    const own = Object.fromEntries(
      sizes.map(([name, { dtype, length }]) => [name, backend.alloc(dtype, length)]),
    );
    return {
      run: (way: number) =>
        backend.run({ ...kernel, ...configs[way], candidates: undefined }, own, params),
      free: () => Object.values(own).forEach((buffer) => backend.free(buffer)),
    };
  }

  /**
   * The time of a run of each way; undefined, where there was none left to try its kernels before.
   * What had to be tried goes to `trials`.
   */
  async #try(
    note: Note,
    end: number,
    trials: TuningResult[],
  ): Promise<Record<string, number> | undefined> {
    const { run, free } = note.prepare();
    try {
      // The first run compiles, and tells which kernels the ways have.
      const used = await this.#use(() => note.ways.forEach((_, way) => run(way)));
      if (note.compound) {
        trials.push(...(await this.#tune(end, undefined, used)));
        if (used.some((key) => this.#notes.has(key))) return undefined;
      }
      const best = await this.#time(run, note.ways.length, end);
      return Object.fromEntries(note.ways.map((name, i) => [name, best[i]]));
    } finally {
      free();
    }
  }

  /** Runs `body` to its end; the size classes of the kernels that it runs. */
  async #use(body: () => void): Promise<string[]> {
    const used = new Set<string>();
    this.#used = used;
    try {
      body();
    } finally {
      this.#used = undefined;
    }
    await this.#backend.finish();
    return [...used];
  }

  /** The least milliseconds of each way. */
  async #time(run: (way: number) => void, ways: number, end: number): Promise<number[]> {
    const backend = this.#backend;
    let wait = 0;
    const time = async (body: () => void): Promise<number> => {
      const start = performance.now();
      body();
      await backend.finish();
      return Math.max(performance.now() - start - wait, 0);
    };
    // Deno takes more than ten milliseconds to see that there is nothing to wait for.
    wait = Math.min(await time(() => {}), await time(() => {}));
    const all = [...Array(ways).keys()];
    const best = all.map(() => Infinity);
    const inTime = (): boolean => performance.now() < end;
    // In turns: clocks and neighbours change with time.
    const round = async (among: readonly number[], count: number, body: (way: number) => void) => {
      for (const i of among) best[i] = Math.min(best[i], (await time(() => body(i))) / count);
    };
    for (let i = 0; i < 2 && (i === 0 || inTime()); i++) await round(all, 1, run);
    const fastest = Math.max(Math.min(...best), wait / WAITS);
    const runs = Math.min(Math.round(ROUND / fastest), MOST_RUNS);
    if (runs <= 1 || !inTime()) return best;
    const likely = all.filter((i) => best[i] <= HOPELESS * fastest);
    // Recorded, so that a round's time is the GPU's and not that of giving commands.
    const recordings = new Map<number, Recording>();
    try {
      for (const i of likely) {
        const recording = backend.record(() => {
          for (let count = 0; count < runs; count++) run(i);
        });
        recordings.set(i, recording);
      }
      await backend.finish();
      for (let i = 0; i < ROUNDS && (i === 0 || inTime()); i++) {
        await round(likely, runs, (way) => recordings.get(way)!.replay());
      }
    } finally {
      for (const recording of recordings.values()) recording.free();
    }
    return best;
  }
}

function bytesOf(
  sizes: readonly (readonly [string, Pick<DeviceBuffer, 'dtype' | 'length'>])[],
): number {
  return sizes.reduce((sum, [, { dtype, length }]) => sum + length * bytesPerElement(dtype), 0);
}
