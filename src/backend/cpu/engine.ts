import type { Simd } from '../kernel';
import { ThreadPool, defaultThreads } from './thread_pool';
import type { Job } from './thread_pool';
import { Heap } from './heap';
import { ARGUMENTS, MAX_ARGUMENTS, RESERVED } from './layout';
import { FUNCTIONS } from './simd/functions';

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
