// How the start of the heap's memory is laid out; simd/assembly/memory.ts is its twin.

/** The arguments of a job, 32 bits each. */
export const ARGUMENTS = 1024;
export const MAX_ARGUMENTS = 64;

/** For each thread that shares a job, how many of the parts that it begins with were taken: a cache line. */
export const TAKEN = 1536;

/** Whether the first thread may sleep, which a page's own may not. */
export const MAY_WAIT = 1600;

/** A cache line for each worker, by which it is given a job. */
export const MAILBOXES = 2048;
export const MAILBOX_BYTES = 64;

/** Words of a mailbox. */
export const MAIL = { state: 0, job: 1, parts: 2, sharers: 3 } as const;

/**
 * What `state` may be. A fresh mailbox is zero: its worker has not begun. A job that is offered can
 * be taken back as long as the worker is not at work on it.
 */
export const STATE = { absent: 0, idle: 1, offered: 2, working: 3, failed: 4 } as const;

/** Threads at most. */
export const MAX_THREADS = 16;

/** Where the threads' scratch memory begins, and how much each has. */
const SCRATCH = 2 ** 16;
const SCRATCH_BYTES = 5 * 2 ** 16;

/** What the heap leaves alone. */
export const RESERVED = SCRATCH + MAX_THREADS * SCRATCH_BYTES;
