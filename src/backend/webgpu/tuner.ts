import { bytesPerElement } from '../dtype';
import type { Backend, DeviceBuffer, Trial } from '../backend';
import type { Bindings, Kernel, Params, ParamValues, Plan } from '../kernel';
import { tuningOf } from '../tuning';

/** A call that a trial can repeat: the first of its size class. */
interface Note {
  readonly kernel: Kernel;
  readonly sizeClass: string;
  readonly plans: readonly Plan[];
  readonly params: ParamValues<Params>;
  readonly sizes: Readonly<Record<string, DeviceBuffer>>;
}

/** A call on larger buffers, in all, is not tried: the trial's own could be more than there is. */
const MOST_BYTES = 512 * 2 ** 20;
/** Milliseconds that are told apart well; a run that is shorter is repeated... */
const ROUND = 10;
/** ...so often at most. */
const MOST_RUNS = 64;
const ROUNDS = 3;
/** So many times slower than the fastest, and one more look is not worth it. */
const HOPELESS = 4;

/** Chooses between the plans of kernels: by what trials have found on this adapter. */
export class Tuner {
  readonly #backend: Backend;
  readonly #found: Map<string, string>;
  readonly #notes = new Map<string, Note>();

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#found = tuningOf(backend.description);
  }

  /** The plan for a call. One whose choice is open is noted for the next trial. */
  choose<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    params: ParamValues<P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
  ): Plan<P> {
    if (!kernel.variants) return kernel;
    const { sizeClass, plans } = kernel.variants(params);
    if (plans.length === 1) return plans[0];
    const key = `${kernel.name}: ${sizeClass}`;
    const name = this.#found.get(key);
    const found = plans.find((plan) => plan.name === name);
    if (!found && !this.#notes.has(key)) {
      // Not the buffers themselves, which would stay alive.
      const sizes = Object.fromEntries(
        Object.entries<DeviceBuffer>(buffers).map(([name, { dtype, length }]) => [
          name,
          { dtype, length },
        ]),
      );
      const note = { kernel, sizeClass, plans, params, sizes } as unknown as Note;
      if (bytesOf(note) <= MOST_BYTES) this.#notes.set(key, note);
    }
    return found ?? plans[0];
  }

  /** Tries what is noted, until `budget` milliseconds are over; the rest stays noted. */
  async tune(budget: number): Promise<Trial[]> {
    const end = performance.now() + budget;
    const trials: Trial[] = [];
    for (;;) {
      const [first] = this.#notes;
      if (!first || performance.now() >= end) return trials;
      const [key, note] = first;
      this.#notes.delete(key);
      const milliseconds = await this.#try(note, end);
      const [plan] = Object.entries(milliseconds).reduce((a, b) => (b[1] < a[1] ? b : a));
      this.#found.set(key, plan);
      trials.push({ kernel: note.kernel.name, sizeClass: note.sizeClass, plan, milliseconds });
    }
  }

  /** The time of a run of each plan. */
  async #try({ kernel, plans, params, sizes }: Note, end: number): Promise<Record<string, number>> {
    const backend = this.#backend;
    const own = Object.fromEntries(
      Object.entries(sizes).map(([name, { dtype, length }]) => [
        name,
        backend.alloc(dtype, length),
      ]),
    );
    const run = (plan: Plan): void =>
      backend.run({ ...kernel, ...plan, variants: undefined }, own, params);
    const time = async (body: () => void): Promise<number> => {
      const start = performance.now();
      body();
      await backend.finish();
      return performance.now() - start;
    };
    // The first run compiles.
    for (const plan of plans) run(plan);
    await backend.finish();
    const best = plans.map(() => Infinity);
    const inTime = (): boolean => performance.now() < end;
    // In turns: clocks and neighbours change with time.
    const round = async (among: readonly number[], count: number, body: (plan: number) => void) => {
      for (const i of among) best[i] = Math.min(best[i], (await time(() => body(i))) / count);
    };
    const all = [...plans.keys()];
    for (let i = 0; i < 2 && (i === 0 || inTime()); i++)
      await round(all, 1, (plan) => run(plans[plan]));
    const fastest = Math.min(...best);
    const runs = Math.min(Math.round(ROUND / fastest), MOST_RUNS);
    if (runs > 1 && inTime()) {
      const likely = all.filter((i) => best[i] <= HOPELESS * fastest);
      // Recorded, so that a round's time is the GPU's and not that of giving commands.
      const recordings = new Map(
        likely.map((i) => [
          i,
          backend.record(() => {
            for (let count = 0; count < runs; count++) run(plans[i]);
          }),
        ]),
      );
      await backend.finish();
      for (let i = 0; i < ROUNDS && (i === 0 || inTime()); i++) {
        await round(likely, runs, (plan) => recordings.get(plan)!.replay());
      }
      for (const recording of recordings.values()) recording.free();
    }
    for (const buffer of Object.values(own)) backend.free(buffer);
    return Object.fromEntries(plans.map(({ name }, i) => [name, best[i]]));
  }
}

function bytesOf({ sizes }: Note): number {
  return Object.values(sizes).reduce(
    (sum, { dtype, length }) => sum + length * bytesPerElement(dtype),
    0,
  );
}
