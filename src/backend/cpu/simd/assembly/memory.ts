// How the start of the memory is laid out; ../layout.ts is its twin.

/** Where the scratch memory of the parts begins, and how far apart it is. */
const SCRATCH: usize = 1 << 16;
const SCRATCH_STRIDE: usize = 5 << 16;

/** A part's own scratch memory. */
@inline
export function scratchOf(part: usize): usize {
  return SCRATCH + part * SCRATCH_STRIDE;
}

/** Where part `part` of `parts` begins in `count` units of work. */
@inline
export function share(count: usize, part: usize, parts: usize): usize {
  return (count * part) / parts;
}
