// Where the steps of sequences of different lengths lie without padding: src/kernels/sequence_order.ts
// tells what each list holds. A thread finds what it needs in the lengths, which are few, by itself.
struct Params {
  time: u32,
  batch: u32,
  batch_first: u32,
  stride: u32,
}

const TABLE = 0u;
const ORDER = 1u;
const RANKS = 2u;
const PACKED = 3u;
const PADDED = 4u;
const STEPS = 5u;
const PLACES = 6u;
// Of the scan from the first step on, and behind them those of the other direction.
const PREVIOUS = 7u;
const LAST = 8u;
const FIRST = 9u;
const REVERSE = 3u;

@group(0) @binding(0) var<storage, read> lengths: array<i32>;
@group(0) @binding(1) var<storage, read_write> lists: array<i32>;
@group(0) @binding(8) var<uniform> params: Params;

fn put(list: u32, at: u32, value: u32) { lists[list * params.stride + at] = i32(value); }

fn put_none(list: u32, at: u32) { lists[list * params.stride + at] = -1; }

fn length_of(sequence: u32) -> u32 { return u32(clamp(lengths[sequence], 0, i32(params.time))); }

// Rows of all steps before step t.
fn begin_of(t: u32) -> u32 {
  var rows = 0u;
  for (var i = 0u; i < params.batch; i++) { rows += min(length_of(i), t); }
  return rows;
}

// How many sequences come before this one.
fn rank_of(sequence: u32) -> u32 {
  let own = length_of(sequence);
  var rank = 0u;
  for (var i = 0u; i < params.batch; i++) {
    let other = length_of(i);
    if (other > own || (other == own && i < sequence)) { rank++; }
  }
  return rank;
}

fn put_sequence(sequence: u32) {
  let length = length_of(sequence);
  let rank = rank_of(sequence);
  put(ORDER, rank, sequence);
  put(RANKS, sequence, rank);
  if (length == 0u) {
    let initial = params.time * params.batch + rank;
    put(LAST, rank, initial);
    put(LAST + REVERSE, rank, initial);
    put_none(FIRST, rank);
    put_none(FIRST + REVERSE, rank);
    return;
  }
  let end = begin_of(length - 1u) + rank;
  put(LAST, rank, end);
  put(FIRST + REVERSE, rank, end);
  put(FIRST, rank, rank);
  put(LAST + REVERSE, rank, rank);
}

fn put_step(t: u32, sequence: u32) {
  let length = length_of(sequence);
  let rank = rank_of(sequence);
  let place = select(t * params.batch + sequence, sequence * params.time + t, params.batch_first == 1u);
  let step = t * params.batch + rank;
  if (t >= length) {
    put_none(PADDED, place);
    put_none(STEPS, step);
    return;
  }
  let initial = params.time * params.batch + rank;
  let row = begin_of(t) + rank;
  put(PACKED, row, place);
  put(PADDED, place, row);
  put(STEPS, step, row);
  put(PLACES, row, step);
  if (t > 0u) { put(PREVIOUS, row, begin_of(t - 1u) + rank); } else { put(PREVIOUS, row, initial); }
  if (t + 1u < length) {
    put(PREVIOUS + REVERSE, row, begin_of(t + 1u) + rank);
  } else {
    put(PREVIOUS + REVERSE, row, initial);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index <= params.time) { put(TABLE, index, begin_of(index)); }
  if (index >= params.time * params.batch) { return; }
  if (index < params.batch) { put_sequence(index); }
  put_step(index / params.batch, index % params.batch);
  // Rows that no sequence needs.
  if (index >= begin_of(params.time)) {
    put_none(PACKED, index);
    put_none(PLACES, index);
    put_none(PREVIOUS, index);
    put_none(PREVIOUS + REVERSE, index);
  }
}
