import { dots, multiply, WORKSPACE } from './gemm';
import { INSTRUCTION, interpret, Slot } from './interpreter';
import { boundary, scratchOf } from './memory';
import { roundUp } from './pack';
import { ROWS } from './tile';

// Each part takes some rows of the batch through all time steps: no part waits for another.
// src/kernels/scan.ts tells how arrays lie; a row, here, has all units.

/** What the parts of a scan are told; src/kernels/simd/scan.ts writes it. */
@unmanaged
export class Scan {
  weight: usize;
  vectors: usize;
  table: usize;
  gates: usize;
  states: usize;
  dy: usize;
  dstate: usize;
  time: usize;
  batch: usize;
  rows: usize;
  hidden: usize;
  begin: usize;
  end: usize;
  reverse: u32;
  ragged: u32;
  /** Rows of `gates` for each of the batch, parts of the state, vectors of the cell. */
  slots: usize;
  parts: usize;
  cellVectors: usize;
  /** Rows of `vectors` before those: the biases of recurrent products. */
  biases: usize;
  /** How many of them the program reads, in slots behind those of the cell. */
  biasSlots: usize;
  code: usize;
  codeEnd: usize;
  /** Slots of the program: whole rows, constants, temporaries. */
  externals: usize;
  constants: usize;
  constantCount: usize;
  temporaries: usize;
  /** Rows that an instruction goes over at once, and bytes of each. */
  tile: usize;
  chunk: usize;
  /** What threads that share a step tell each other, in scan_units.ts; else anything. */
  shared: usize;
  /** How many `Run`s there are behind this: none, where there are no products. */
  runs: usize;
}

/** Gates in a row whose recurrent product goes to slots in a row. */
@unmanaged
class Run {
  /** The weights, packed, or 0: then `weight` itself is read. */
  packed: usize;
  gate: usize;
  count: usize;
  slot: usize;
  /** Whether the product is added to what the slots hold. */
  accumulate: u32;
}

@inline
function runOf(s: Scan, i: usize): Run {
  return changetype<Run>(changetype<usize>(s) + offsetof<Scan>() + i * offsetof<Run>());
}

/** Of the n-th step that the forward scan makes. */
@inline
function timeOf(s: Scan, n: usize): usize {
  return s.reverse ? s.time - 1 - n : n;
}

/** Where the rows of the n-th step begin. */
function startOf(s: Scan, n: usize): usize {
  const t = timeOf(s, n);
  return s.ragged ? load<usize>(s.table + (t << 2)) : t * s.batch;
}

/** How many rows from `first` to `last` the n-th step has; none, where there is no such step. */
function countOf(s: Scan, n: usize, first: usize, last: usize): usize {
  if (n >= s.time) return 0;
  if (!s.ragged) return last - first;
  const entry = s.table + (timeOf(s, n) << 2);
  const count = load<usize>(entry, 4) - load<usize>(entry);
  return min(max(count, first), last) - first;
}

/**
 * Tells where `count` slots are, `distance` bytes apart, each with rows `stride` bytes apart.
 *
 * @returns the slot behind them.
 */
function place(slot: usize, count: usize, address: usize, distance: usize, stride: usize): usize {
  for (let i: usize = 0; i < count; i++) {
    const entry = changetype<Slot>(slot);
    entry.address = address;
    entry.stride = stride;
    address += distance;
    slot += offsetof<Slot>();
  }
  return slot;
}

/**
 * Fills constants, and tells where they and temporaries are.
 *
 * @returns where the workspace is free.
 */
export function prepare(s: Scan, slots: usize): usize {
  let slot = slots + s.externals * offsetof<Slot>();
  let to = slot + (s.constantCount + s.temporaries) * offsetof<Slot>();
  memory.fill(slots, 0, to - slots);
  to = roundUp(to, 64);
  for (let i: usize = 0; i < s.constantCount; i++) {
    const value = v128.load32_splat(s.constants + (i << 2));
    for (let at: usize = 0; at < s.chunk; at += 16) v128.store(to + at, value);
    slot = place(slot, 1, to, 0, 0);
    to += s.chunk;
  }
  const size = s.tile * s.chunk;
  place(slot, s.temporaries, to, size, s.chunk);
  for (let at = s.code; at < s.codeEnd; at += INSTRUCTION) {
    changetype<Slot>(slots + load<usize>(at, 4)).written = 1;
  }
  return to + s.temporaries * size;
}

/** Runs the program on so many units of rows. */
@inline
function runProgram(s: Scan, slots: usize, rows: usize, units: usize, spare: usize): void {
  const externals = slots + s.externals * offsetof<Slot>();
  interpret(s.code, s.codeEnd, slots, externals, rows, units << 2, s.chunk, spare);
}

/**
 * A step of units `unit` to `end` - 1 of `rows` rows, in `gates` from row `now` on; their state before
 * is from row `before` on. Not all units are multiples of 8, and the weights packed.
 */
function stepForward(
  s: Scan,
  now: usize,
  before: usize,
  rows: usize,
  unit: usize,
  end: usize,
  scratch: usize,
  spare: usize,
): void {
  const H = s.hidden;
  const row = H << 2;
  const wide = s.slots * row;
  const part = (s.rows + s.batch) * row;
  let gates = s.gates + now * wide;
  let next = s.states + now * row;
  let state = s.states + before * row;
  for (let i: usize = 0; i < s.runs; i++) {
    const run = runOf(s, i);
    const bias: usize = s.biases ? s.vectors + run.gate * row : 0;
    const add = run.accumulate !== 0;
    const n = run.count * H;
    const c = gates + run.slot * row;
    if (end - unit < H) {
      for (let gate: usize = 0; gate < n; gate += H) {
        const first = gate + unit;
        const last = gate + end;
        multiply(rows, n, H, state, row, 4, run.packed, c, wide, bias, add, first, last, scratch);
      }
    } else if (run.packed) {
      multiply(rows, n, H, state, row, 4, run.packed, c, wide, bias, add, 0, n, scratch);
    } else dots(rows, H, state, row, s.weight + run.gate * H * row, row, c, wide, bias, add, 0, n);
  }
  const slots = scratch + WORKSPACE;
  const from = unit << 2;
  const biases = s.vectors + from;
  const vectors = biases + s.biases * row;
  const tile = s.tile;
  gates += from;
  state += from;
  next += from;
  for (let r: usize = 0; r < rows; r += tile) {
    let slot = place(slots, s.slots, gates, row, wide);
    slot = place(slot, s.parts, state, part, row);
    slot = place(slot, s.cellVectors, vectors, row, 0);
    slot = place(slot, s.parts, next, part, row);
    place(slot, s.biasSlots, biases, row, 0);
    runProgram(s, slots, min(tile, rows - r), end - unit, spare);
    gates += tile * wide;
    state += tile * row;
    next += tile * row;
  }
}

/** The n-th step of rows `first` to `last` - 1 of the batch, and so many units of each. */
export function forwardRows(
  s: Scan,
  n: usize,
  first: usize,
  last: usize,
  unit: usize,
  end: usize,
  scratch: usize,
  spare: usize,
): void {
  const rows = countOf(s, n, first, last);
  // The others begin with this step.
  const old = min(rows, countOf(s, n - 1, first, last));
  const now = startOf(s, n) + first;
  const fresh = rows - old;
  if (old) stepForward(s, now, startOf(s, n - 1) + first, old, unit, end, scratch, spare);
  if (fresh) stepForward(s, now + old, s.rows + first + old, fresh, unit, end, scratch, spare);
}

export function scan_forward(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Scan>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const last = boundary(s.batch, ROWS, part + 1, parts);
  if (first === last) return;
  const scratch = scratchOf(thread);
  const spare = prepare(s, scratch + WORKSPACE);
  for (let n = s.begin; n < s.end; n++) {
    forwardRows(s, n, first, last, 0, s.hidden, scratch, spare);
  }
}

/** The gradient of a step: as `stepForward`; `first` is the first row within the batch. */
function stepBackward(
  s: Scan,
  now: usize,
  before: usize,
  first: usize,
  rows: usize,
  slots: usize,
  spare: usize,
): void {
  const row = s.hidden << 2;
  const wide = s.slots * row;
  const part = (s.rows + s.batch) * row;
  const vectors = s.vectors + s.biases * row;
  const tile = s.tile;
  for (let i: usize = 0; i < rows; i += tile) {
    let slot = place(slots, s.slots, s.gates + (now + i) * wide, row, wide);
    slot = place(slot, s.parts, s.states + (before + i) * row, part, row);
    slot = place(slot, s.parts, s.states + (now + i) * row, part, row);
    slot = place(slot, s.cellVectors, vectors, row, 0);
    slot = place(slot, 1, s.dy + (now + i) * row, 0, row);
    place(slot, s.parts + s.cellVectors, s.dstate + (first + i) * row, s.batch * row, row);
    runProgram(s, slots, min(tile, rows - i), s.hidden, spare);
  }
}

export function scan_backward(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Scan>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const last = boundary(s.batch, ROWS, part + 1, parts);
  if (first === last) return;
  const H = s.hidden;
  const row = H << 2;
  const wide = s.slots * row;
  const scratch = scratchOf(thread);
  const slots = scratch + WORKSPACE;
  const spare = prepare(s, slots);
  for (let i = s.begin; i < s.end; i++) {
    // Past 0, where no step is, it is larger than all.
    const n = s.time - 1 - i;
    const after = countOf(s, n + 1, first, last);
    if (after) {
      const from = s.gates + (startOf(s, n + 1) + first) * wide;
      const to = s.dstate + first * row;
      for (let j: usize = 0; j < s.runs; j++) {
        const run = runOf(s, j);
        const a = from + run.slot * row;
        multiply(after, H, run.count * H, a, wide, 4, run.packed, to, row, 0, true, 0, H, scratch);
      }
    }
    const rows = countOf(s, n, first, last);
    if (!rows) continue;
    const old = min(rows, countOf(s, n - 1, first, last));
    const now = startOf(s, n) + first;
    if (old) stepBackward(s, now, startOf(s, n - 1) + first, first, old, slots, spare);
    if (rows > old) {
      const initial = s.rows + first + old;
      stepBackward(s, now + old, initial, first + old, rows - old, slots, spare);
    }
  }
}
