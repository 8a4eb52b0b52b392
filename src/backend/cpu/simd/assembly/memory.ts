// How the start of the memory is laid out; ../layout.ts is its twin.

/** Where the scratch memory of the threads begins, and how far apart it is. */
const SCRATCH: usize = 1 << 16;
const SCRATCH_STRIDE: usize = 5 << 16;

/** Whether the first thread may sleep; the others may. */
const MAY_WAIT: usize = 1600;

/** Whether a thread may sleep. */
@inline
export function mayWait(thread: usize): bool {
  return thread > 0 || load<u32>(MAY_WAIT) !== 0;
}

/** A thread's own scratch memory. */
@inline
export function scratchOf(thread: usize): usize {
  return SCRATCH + thread * SCRATCH_STRIDE;
}

/** Where part `part` of `parts` begins in `count` elements, in whole units but for the end. */
@inline
export function boundary(count: usize, unit: usize, part: usize, parts: usize): usize {
  const units = (count + unit - 1) / unit;
  return min(count, ((units * part) / parts) * unit);
}

/** `left` floats, 4 at most; the rest is 0. */
@inline
export function take(from: usize, left: usize): v128 {
  return left >= 4 ? v128.load(from) : takeFew(from, left);
}

function takeFew(from: usize, left: usize): v128 {
  let x = v128.load32_zero(from);
  if (left > 1) x = v128.load_lane<u32>(from, x, 1, 4);
  if (left > 2) x = v128.load_lane<u32>(from, x, 2, 8);
  return x;
}

/** Stores the first `left` elements, 4 at most. */
@inline
export function put(to: usize, x: v128, left: usize): void {
  if (left >= 4) v128.store(to, x);
  else putFew(to, x, left);
}

function putFew(to: usize, x: v128, left: usize): void {
  v128.store_lane<u32>(to, x, 0);
  if (left > 1) v128.store_lane<u32>(to, x, 1, 4);
  if (left > 2) v128.store_lane<u32>(to, x, 2, 8);
}
