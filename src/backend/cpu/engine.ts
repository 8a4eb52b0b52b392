import type { Simd } from '../kernel';
import { ThreadPool, defaultThreads } from './thread_pool';
import type { Job } from './thread_pool';
import { Heap } from './heap';
import { ARGUMENTS, MAX_ARGUMENTS, RESERVED } from './layout';
import { FUNCTIONS } from './simd/functions';
import { messageOf } from '../../io/reason';

/** Vector operations below which a part of a job is not worth a thread: tens of microseconds. */
const MIN_PART_OPERATIONS = 2 ** 15;

/** Parts of a job for each thread: who is slow, or busy with something else, does fewer. */
const PARTS_PER_THREAD = 4;

type Exports = Record<(typeof FUNCTIONS)[number], Job>;

/** The WebAssembly module, the heap it computes on, and the threads that run it. */
export class Engine {
  readonly heap: Heap;
  readonly threadPool: ThreadPool;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  #scratch = { start: 0, bytes: 0 };

  constructor(bytes: Uint8Array<ArrayBuffer>, heap = new Heap(RESERVED)) {
    this.heap = heap;
    const module = new WebAssembly.Module(bytes);
    const { memory } = heap;
    const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
    const jobs = FUNCTIONS.map((name) => exports[name]);
    this.threadPool = new ThreadPool(module, memory, jobs);
    this.#words = new Uint32Array(memory.buffer, ARGUMENTS, MAX_ARGUMENTS);
    this.#floats = new Float32Array(memory.buffer, ARGUMENTS, MAX_ARGUMENTS);
  }

  /** The functions of the module, on so many threads once there is work for them. */
  simd(threads = defaultThreads()): Simd {
    const write = (args: Parameters<Simd['run']>[2], floats: readonly number[]): void => {
      let at = 0;
      for (const arg of args) this.#words[at++] = typeof arg === 'number' ? arg : arg.byteOffset;
      for (const value of floats) this.#floats[at++] = value;
    };
    return {
      threads,
      run: (name, work, args, floats = []) => {
        write(args, floats);
        const most = threads === 1 ? 1 : threads * PARTS_PER_THREAD;
        const parts = Math.max(1, Math.min(most, Math.floor(work / MIN_PART_OPERATIONS)));
        if (parts > 1) this.threadPool.grow(threads);
        this.threadPool.run(FUNCTIONS.indexOf(name), parts, threads);
      },
      runTogether: (name, args) => {
        write(args, []);
        this.threadPool.grow(threads);
        this.threadPool.run(FUNCTIONS.indexOf(name), threads, threads);
      },
      scratch: (bytes) => {
        const start = this.#reserve(bytes);
        // Not a buffer from before: it would end where the memory then did.
        return start === undefined
          ? undefined
          : new Uint8Array(this.heap.memory.buffer, start, bytes);
      },
    };
  }

  /** Memory between two jobs, kept for the next that asks. */
  #reserve(bytes: number): number | undefined {
    if (bytes <= this.#scratch.bytes) return this.#scratch.start;
    if (this.#scratch.bytes) this.heap.give(this.#scratch.start, this.#scratch.bytes);
    this.#scratch = { start: 0, bytes: 0 };
    const start = this.heap.take(bytes);
    if (start !== undefined) this.#scratch = { start, bytes };
    return start;
  }
}

/** The engine, or the reason why there is none, and whether another attempt may find one. */
type Found =
  { engine: Engine; reason?: undefined } | { engine: null; reason: string; again?: boolean };

let loading: Promise<void> | undefined;
let found: Found = { engine: null, reason: 'its WebAssembly was not loaded' };

/**
 * Loads the engine of this process or page, once. It is a module of its own, which nobody loads who computes
 * on a GPU: who opens a CPU device awaits it before. The next who does tries again what a network has failed, as
 * far as the browser lets it: some keep a failed import for the life of the page.
 *
 * @param load for tests.
 */
export function loadEngine(load?: Load): Promise<void> {
  const wasm = typeof WebAssembly === 'undefined' ? undefined : WebAssembly;
  return (loading ??= makeEngine(wasm, load).then((made) => {
    found = made;
    if (!made.engine && made.again) loading = undefined;
  }));
}

/** The engine, once it is loaded; null where kernels are plain JavaScript. */
export function findEngine(): Engine | null {
  return found.engine;
}

/** Why kernels are plain JavaScript here; undefined where they are not. */
export function whyPlain(): string | undefined {
  return found.reason;
}

/**
 * A module with one function, which makes a vector by `f32x4.relaxed_madd`: valid where there is relaxed SIMD.
 * Sections: a type, () -> v128; a function; its code.
 */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
);

/** Imports one of the two versions of the module. */
type Load = (relaxed: boolean) => Promise<{ readonly deflated: string }>;

const importVersion: Load = (relaxed) =>
  relaxed ? import('./simd/relaxed') : import('./simd/plain');

/** @internal */
export async function makeEngine(
  wasm: Pick<typeof WebAssembly, 'validate'> | undefined,
  load = importVersion,
): Promise<Found> {
  const none = (reason: string, again = false): Found => ({ engine: null, reason, again });
  if (!wasm) return none('there is no WebAssembly');
  for (const relaxed of wasm.validate(RELAXED_PROBE) ? [true, false] : [false]) {
    let deflated: string;
    try {
      ({ deflated } = await load(relaxed));
    } catch (error) {
      return none(`its WebAssembly was not loaded (${messageOf(error)})`, true);
    }
    const bytes = await inflated(deflated).catch(messageOf);
    if (typeof bytes === 'string') return none(`its WebAssembly cannot be unpacked (${bytes})`);
    if (wasm.validate(bytes)) return started(bytes);
  }
  return none('there is no WebAssembly SIMD');
}

/** The engine of a module that is valid. */
function started(bytes: Uint8Array<ArrayBuffer>): Found {
  try {
    return { engine: new Engine(bytes) };
  } catch (error) {
    // Who will not compile a valid module is told not to.
    const reason =
      error instanceof WebAssembly.CompileError
        ? "a Content-Security-Policy forbids WebAssembly, and script-src 'wasm-unsafe-eval' allows it"
        : `WebAssembly gets no shared memory (${String(error)})`;
    return { engine: null, reason };
  }
}

/** @param base64 of what `deflateRaw` made. @internal */
export async function inflated(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
