import { WORKSPACE } from './gemm';
import { boundary, mayWait, scratchOf } from './memory';
import { forwardRows, prepare, Scan } from './scan';
import { COLUMNS } from './tile';

// A scan of few rows: threads share the units of each step, and wait for one another between steps.

/** Bytes between what threads tell each other: a cache line. */
const LINE: usize = 64;
/** Looks at the count before a thread sleeps: tens of microseconds. */
const SPINS: u32 = 20000;
/** Nanoseconds of a sleep. Nobody wakes who sleeps. */
const SLEEP: i64 = 50000;

/** Returns once so many pieces are done. */
function waitFor(done: usize, count: u32, sleeps: bool): void {
  let spins = SPINS;
  while (true) {
    const now = atomic.load<u32>(done);
    if (now >= count) return;
    if (spins) spins--;
    else if (sleeps) atomic.wait<i32>(done, now, SLEEP);
  }
}

/**
 * As `scan_forward`. A step has a piece for each part, which whoever comes first does: a thread first
 * looks at its own. So one that is late, or never comes, is not waited for, but for what it is at work on.
 */
export function scan_forward_units(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Scan>(args);
  const steps = s.end - s.begin;
  const done = s.shared;
  if (atomic.load<u32>(done) === <u32>(steps * parts)) return;
  const scratch = scratchOf(thread);
  const spare = prepare(s, scratch + WORKSPACE);
  const sleeps = mayWait(thread);
  for (let step: usize = 0; step < steps; step++) {
    waitFor(done, <u32>(step * parts), sleeps);
    for (let i: usize = 0; i < parts; i++) {
      const piece = (part + i) % parts;
      const claim = done + (piece + 1) * LINE;
      if (atomic.cmpxchg<u32>(claim, <u32>step, <u32>step + 1) !== <u32>step) continue;
      const unit = boundary(s.hidden, COLUMNS, piece, parts);
      const end = boundary(s.hidden, COLUMNS, piece + 1, parts);
      if (unit < end) forwardRows(s, s.begin + step, 0, s.batch, unit, end, scratch, spare);
      atomic.add<u32>(done, 1);
    }
  }
}
