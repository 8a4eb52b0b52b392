import type { Backend, DeviceBuffer, Tunable } from '../backend/backend';
import { bytesPerElement } from '../backend/dtype';
import type { Bindings, Kernel, KernelConfig, Params, ParamValues } from '../backend/kernel';
import { tuningOf } from './tuning';

/** What several kernels do together, for the autotuner to choose from: all to the same result. */
export interface Candidates {
  readonly name: string;
  /** The same for calls so alike that what is the faster for one is so for the others. */
  readonly sizeClass: string;
  /** The first is taken where none has been timed. */
  readonly candidates: readonly [string, ...string[]];
  /** Bytes that a trial takes, roughly. */
  readonly bytes: number;
  /** Runs a candidate, on memory of its own. It is kept for `tune`, so it must hold no tensor. */
  readonly run: (candidate: string) => void;
}

/** What tuning found for one kernel, or for several together, and a size class. */
export interface TuningResult {
  /** Of the kernel, or of the `Candidates`. */
  readonly name: string;
  /** The sizes that share a choice, as the kernel names them. */
  readonly sizeClass: string;
  /** The name of the fastest candidate. */
  readonly fastest: string;
  /** Of a run, by candidate. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

/** What is to be timed: the first call of its size class. */
interface OpenTrial {
  readonly name: string;
  readonly sizeClass: string;
  readonly candidates: readonly string[];
  /** Whether its candidates run kernels that have candidates of their own. */
  readonly compound: boolean;
  /** What a trial runs, and frees when it is over. */
  prepare(): { run: (candidate: number) => void; free: () => void };
}

/** A buffer's kind, without the buffer: that would stay alive. */
type Size = readonly [name: string, Pick<DeviceBuffer, 'dtype' | 'length'>];

/**
 * What takes more bytes, or more than half of the largest buffer, is not tried: with what is alive
 * beside it, that could be more than there is.
 */
const MAX_TRIAL_BYTES = 2 ** 30;
/** Milliseconds for trials, where none are given. */
const BUDGET_MS = { hardware: 5000, software: 500 };
/** The share of them that is for several kernels together. */
const COMPOUND_SHARE = 1 / 4;

/** A backend with something to choose from. */
type TunableBackend = Backend & { readonly tunable: Tunable };

/**
 * Chooses a device's kernel configurations, and candidates of several kernels together, by what trials
 * have found on its adapter; where nothing has been tried yet, what is shipped for the adapter, else the first.
 */
export class Autotuner {
  readonly #backend: TunableBackend;
  readonly #fastest: Map<string, string>;
  /** What stands in until a trial has found something. */
  readonly #shipped: Readonly<Record<string, string>>;
  readonly #open = new Map<string, OpenTrial>();
  /** Of the calls made by a trial: their size classes. */
  #used: Set<string> | undefined;

  /** @param shipped by kernel and size class; by default what is shipped for the adapter. */
  constructor(backend: TunableBackend, shipped = backend.tunable.shipped) {
    this.#backend = backend;
    this.#fastest = tuningOf(backend.tunable.adapter);
    this.#shipped = shipped;
  }

  /** The configuration for a call. Where that is still open, the next `tune` times its candidates. */
  configFor<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    params: ParamValues<P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
  ): KernelConfig<P> | undefined {
    if (!kernel.candidates) return undefined;
    const { limits } = this.#backend.tunable;
    const { sizeClass, configs, trial = params } = kernel.candidates(params, limits);
    if (configs.length === 1) return configs[0];
    const key = `${kernel.name}: ${sizeClass}`;
    this.#used?.add(key);
    const name = this.#fastest.get(key);
    const found = configs.find((config) => config.name === name);
    if (!found && !this.#open.has(key)) {
      const sizes = Object.entries<DeviceBuffer>(buffers).map(
        ([name, { dtype, length }]) => [name, { dtype, length }] as const,
      );
      const candidates = configs.map(({ name }) => name);
      this.#add(key, bytesOf(sizes), {
        ...{ name: kernel.name, sizeClass, candidates, compound: false },
        prepare: () => {
          const own = Object.fromEntries(
            sizes.map(([name, { dtype, length }]) => [name, this.#backend.alloc(dtype, length)]),
          ) as Record<keyof B, DeviceBuffer>;
          return {
            run: (i) => this.#backend.run(kernel, own, trial, configs[i]),
            free: () => Object.values(own).forEach((buffer) => this.#backend.free(buffer)),
          };
        },
      });
    }
    const shipped = this.#shipped[key];
    return found ?? configs.find((config) => config.name === shipped) ?? configs[0];
  }

  /** The candidate to run. Where that is still open, the next `tune` times all of them. */
  select({ name, sizeClass, candidates, bytes, run }: Candidates): string {
    const key = `${name}: ${sizeClass}`;
    const known = this.#fastest.get(key);
    const found = candidates.find((candidate) => candidate === known);
    if (!found && !this.#open.has(key)) {
      this.#add(key, bytes, {
        ...{ name, sizeClass, candidates, compound: true },
        prepare: () => ({ run: (i) => run(candidates[i]), free() {} }),
      });
    }
    const shipped = this.#shipped[key];
    return found ?? candidates.find((candidate) => candidate === shipped) ?? candidates[0];
  }

  #add(key: string, bytes: number, trial: OpenTrial): void {
    const most = Math.min(MAX_TRIAL_BYTES, this.#backend.maxBufferBytes / 2);
    if (bytes <= most) this.#open.set(key, trial);
  }

  /**
   * Times what is open, on memory of its own, and keeps the fastest for this adapter.
   *
   * @param budget milliseconds after which no further trial begins, a quarter of them for several
   *   kernels together. By default few; fewer for software, and there for kernels alone, as several
   *   together take seconds each.
   * @throws RecordingError in a recording.
   */
  async tune(budget?: number): Promise<readonly TuningResult[]> {
    const { software } = this.#backend.tunable;
    const time = budget ?? (software ? BUDGET_MS.software : BUDGET_MS.hardware);
    const waits = software && budget === undefined;
    return this.tuneFor(time, waits ? undefined : COMPOUND_SHARE * time);
  }

  /**
   * The same. The last `reserved` milliseconds are for several kernels together, where there are any;
   * without, those wait for another time.
   */
  async tuneFor(budget: number, reserved?: number): Promise<readonly TuningResult[]> {
    return this.#backend.tunable.trials(() =>
      this.#tune(performance.now() + budget, reserved, [...this.#open.keys()]),
    );
  }

  /** Times those of `keys` that are still open. */
  async #tune(
    end: number,
    reserved: number | undefined,
    keys: Iterable<string>,
  ): Promise<TuningResult[]> {
    const results: TuningResult[] = [];
    for (;;) {
      const key = this.#next(end - performance.now(), reserved, keys);
      if (key === undefined) return results;
      const trial = this.#open.get(key)!;
      this.#open.delete(key);
      const milliseconds = await this.#try(trial, end, results);
      if (!milliseconds) {
        this.#open.set(key, trial);
        return results;
      }
      const [fastest] = Object.entries(milliseconds).reduce((a, b) => (b[1] < a[1] ? b : a));
      this.#fastest.set(key, fastest);
      results.push({ name: trial.name, sizeClass: trial.sizeClass, fastest, milliseconds });
    }
  }

  /** Kernels first: what runs them is to be timed with the fastest of their configurations. */
  #next(left: number, reserved: number | undefined, keys: Iterable<string>): string | undefined {
    const open = [...keys].filter((key) => this.#open.has(key));
    const kernel = open.find((key) => !this.#open.get(key)!.compound);
    const compound =
      reserved === undefined ? undefined : open.find((key) => this.#open.get(key)!.compound);
    if (kernel && left > (compound ? reserved! : 0)) return kernel;
    return left > 0 ? compound : undefined;
  }

  /**
   * The time of a run of each candidate; undefined, where there was none left to try its kernels before.
   * What had to be tried goes to `results`.
   */
  async #try(
    trial: OpenTrial,
    end: number,
    results: TuningResult[],
  ): Promise<Record<string, number> | undefined> {
    const { run, free } = trial.prepare();
    try {
      // The first run compiles, and tells which kernels the candidates have.
      const used = await this.#use(() => trial.candidates.forEach((_, i) => run(i)));
      if (trial.compound) {
        results.push(...(await this.#tune(end, undefined, used)));
        if (used.some((key) => this.#open.has(key))) return undefined;
      }
      const best = await this.#backend.tunable.times(run, trial.candidates.length, end);
      return Object.fromEntries(trial.candidates.map((name, i) => [name, best[i]]));
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
}

function bytesOf(sizes: readonly Size[]): number {
  return sizes.reduce((sum, [, { dtype, length }]) => sum + length * bytesPerElement(dtype), 0);
}
