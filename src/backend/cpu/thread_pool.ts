import { platform } from '../platform';
import {
  ARGUMENTS,
  MAIL,
  MAILBOX_BYTES,
  MAILBOXES,
  MAX_THREADS,
  MAY_WAIT,
  STATE,
  TAKEN,
} from './layout';

/**
 * Times that a waiting thread looks at a flag before it sleeps: some hundred microseconds, which jobs of a
 * training step are apart. To wake takes as long as a job, and longer on a core that was idle.
 */
const SPINS = 200_000;

/**
 * A worker's program: it takes parts of the job that it is offered while there are any, as `work` does, and
 * waits for the next job. It never returns to its event loop; a process or a page ends without it.
 *
 * It begins by growing the memory by nothing: V8 may miss that another thread grew the memory just as this worker
 * received it. Loads and stores reach the new pages all the same, but `memory.copy` and `memory.fill` would trap
 * there. From then on V8 tells a worker of each growth; this call brings it up to date.
 */
const PROGRAM = `({ module, memory, thread, mailbox }) => {
  memory.grow(0);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const jobs = WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
  const mail = new Int32Array(memory.buffer, mailbox, 4);
  const taken = new Int32Array(memory.buffer, ${TAKEN}, ${MAX_THREADS});
  let state = ${STATE.idle};
  for (;;) {
    Atomics.store(mail, ${MAIL.state}, state);
    Atomics.notify(mail, ${MAIL.state});
    for (let i = 0; i < ${SPINS} && Atomics.load(mail, ${MAIL.state}) !== ${STATE.offered}; i++);
    for (;;) {
      const seen = Atomics.compareExchange(mail, ${MAIL.state}, ${STATE.offered}, ${STATE.working});
      if (seen === ${STATE.offered}) break;
      Atomics.wait(mail, ${MAIL.state}, seen);
    }
    const job = jobs[mail[${MAIL.job}]];
    const parts = mail[${MAIL.parts}];
    try {
      const sharers = mail[${MAIL.sharers}];
      for (let i = 0; i < sharers; i++) {
        const owner = (thread + i) % sharers;
        const first = Math.floor((owner * parts) / sharers);
        const end = Math.floor(((owner + 1) * parts) / sharers);
        for (let part; (part = first + Atomics.add(taken, owner, 1)) < end; ) {
          job(${ARGUMENTS}, part, parts, thread);
        }
      }
      state = ${STATE.idle};
    } catch {
      state = ${STATE.failed};
    }
  }
}`;

/** A function of the module; src/backend/cpu/simd/assembly/index.ts. */
export type Job = (args: number, part: number, parts: number, thread: number) => void;

/**
 * Threads that share a job of the WebAssembly module: this one, and workers on the same memory. A
 * worker takes part from the moment it is ready; nobody waits for it.
 */
export class ThreadPool {
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #jobs: readonly Job[];
  readonly #mailboxes: Int32Array[] = [];
  readonly #taken: Int32Array;
  #refused = false;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, jobs: readonly Job[]) {
    this.#module = module;
    this.#memory = memory;
    this.#jobs = jobs;
    this.#taken = new Int32Array(memory.buffer, TAKEN, MAX_THREADS);
    new Int32Array(memory.buffer, MAY_WAIT, 1)[0] = Number(mayWait());
  }

  /** Threads that are ready, this one among them. */
  get size(): number {
    let workers = 0;
    for (const mail of this.#mailboxes) {
      if (Atomics.load(mail, MAIL.state) === STATE.absent) break;
      workers++;
    }
    return 1 + workers;
  }

  /** Starts workers until there are so many threads, or as many as this place allows. */
  grow(threads: number): void {
    const wanted = Math.min(threads, MAX_THREADS);
    while (!this.#refused && this.#mailboxes.length + 1 < wanted) {
      const thread = this.#mailboxes.length + 1;
      const mailbox = MAILBOXES + thread * MAILBOX_BYTES;
      const start = { module: this.#module, memory: this.#memory, thread, mailbox };
      try {
        if (!platform().startWorker(PROGRAM, start)) this.#refused = true;
      } catch {
        // A policy against workers, or against sharing memory with them.
        this.#refused = true;
      }
      if (!this.#refused) this.#mailboxes.push(new Int32Array(this.#memory.buffer, mailbox, 4));
    }
  }

  /** Does a job in so many parts, by so many threads at most; returns when all parts are done. */
  run(job: number, parts: number, threads: number): void {
    const workers = Math.min(threads, parts, this.size) - 1;
    if (workers === 0) {
      this.#jobs[job](ARGUMENTS, 0, 1, 0);
      return;
    }
    this.#taken.fill(0);
    for (let i = 0; i < workers; i++) {
      const mail = this.#mailboxes[i];
      mail[MAIL.job] = job;
      mail[MAIL.parts] = parts;
      mail[MAIL.sharers] = 1 + workers;
      Atomics.store(mail, MAIL.state, STATE.offered);
      Atomics.notify(mail, MAIL.state);
    }
    work(this.#jobs[job], parts, 1 + workers, 0, this.#taken);
    let failed = false;
    for (let i = 0; i < workers; i++) {
      const mail = this.#mailboxes[i];
      // A worker that has not begun is not waited for.
      const state = Atomics.compareExchange(mail, MAIL.state, STATE.offered, STATE.idle);
      if (state !== STATE.offered) failed = outcome(mail) === STATE.failed || failed;
    }
    if (failed) throw new Error('a worker failed in its part of a job');
  }
}

/**
 * Takes parts of a job while there are any. Each of those who share it has some in a row that it begins with,
 * the same ones in every job of as many parts, so that what one job leaves in a core's cache serves the next.
 *
 * @param taken how many of each one's parts were taken, by whomever.
 */
function work(job: Job, parts: number, sharers: number, thread: number, taken: Int32Array): void {
  for (let i = 0; i < sharers; i++) {
    const owner = (thread + i) % sharers;
    const first = Math.floor((owner * parts) / sharers);
    const end = Math.floor(((owner + 1) * parts) / sharers);
    for (let part; (part = first + Atomics.add(taken, owner, 1)) < end;) {
      job(ARGUMENTS, part, parts, thread);
    }
  }
}

/** The state of a worker once its work is done. */
function outcome(mail: Int32Array): number {
  for (let i = 0; i < SPINS; i++) {
    const state = Atomics.load(mail, MAIL.state);
    if (state !== STATE.working) return state;
  }
  while (Atomics.load(mail, MAIL.state) === STATE.working) {
    if (mayWait()) Atomics.wait(mail, MAIL.state, STATE.working);
  }
  return Atomics.load(mail, MAIL.state);
}

let waits: boolean | undefined;

/** Whether this thread may sleep; a page's own may not. */
function mayWait(): boolean {
  if (waits !== undefined) return waits;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return (waits = true);
  } catch {
    return (waits = false);
  }
}

/** Threads worth having here: one for each core, up to eight. */
export function defaultThreads(): number {
  return Math.min(platform().cores(), 8);
}
