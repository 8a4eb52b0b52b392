// out[z] = f(A[z] B[z] + bias), A of [m, k], B of [k, n], each with a row and a column stride,
// so that transposes cost nothing.
//
// This is what all configurations share: the place of a workgroup's tile, and what becomes of its sums.
// TILE is its side; ENDING tells what becomes of the sums, where that is known (0: it is not), and RAGGED_DEPTH whether
// a depth may end within a block. Joined with this are
// - a library that makes a tile: lib/matmul_direct.wgsl, or lib/matmul_tiles.wgsl with the entry point
//   that src/kernels/webgpu/matmul_tiles.ts writes out;
// - one that reads blocks of A and B, one number at a time or four (lib/matmul_in_*.wgsl);
// - one that writes four columns of a line, in the same two ways (lib/matmul_out_*.wgsl).
//
// A block is four lines (rows of A, columns of B) by four depths: a matrix, whose columns are depths.

// 1 where neighbours in memory are neighbours in depth.
override depth_a: u32;
override depth_b: u32;

struct Params {
  m: u32,
  n: u32,
  k: u32,
  batches: u32,
  row_a: u32,
  column_a: u32,
  row_b: u32,
  column_b: u32,
  batch_a: u32,
  batch_b: u32,
  offset_a: u32,
  offset_b: u32,
  offset_out: u32,
  row_out: u32,
  has_bias: u32,
  accumulate: u32,
  // f, by its place in ACTIVATIONS of src/kernels/matmul.ts.
  activation: u32,
  // Split-K: the depth is cut into so many splits, each so deep but the last. The sums of more than one
  // go to `scratch`.
  splits: u32,
  split_depth: u32,
}

@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

// Sums of a split; those that are the result as they are; and those that are finished first.
const AS_SPLIT = 1u;
const AS_RESULT = 2u;
const TO_FINISH = 3u;

// What a workgroup makes.
struct Place {
  // One [m, n] for each split and batch.
  slab: u32,
  base_a: u32,
  base_b: u32,
  row: u32,
  column: u32,
  from_k: u32,
  to_k: u32,
}

fn place(index: u32) -> Place {
  let tiles_m = (params.m + TILE - 1u) / TILE;
  let tiles_n = (params.n + TILE - 1u) / TILE;
  let slab = index / (tiles_m * tiles_n);
  let z = slab % params.batches;
  let from_k = slab / params.batches * params.split_depth;
  return Place(
    slab,
    params.offset_a + z * params.batch_a,
    params.offset_b + z * params.batch_b,
    index / tiles_n % tiles_m * TILE,
    index % tiles_n * TILE,
    from_k,
    min(from_k + params.split_depth, params.k),
  );
}

// A grid that was folded has places to spare.
fn is_spare(p: Place) -> bool {
  return p.slab >= params.splits * params.batches;
}

// Where four rows of A begin; past the end, the last one again.
fn lines_a(p: Place, row: u32) -> vec4<u32> {
  return p.base_a + min(row + FOUR, vec4<u32>(params.m - 1u)) * params.row_a;
}

// Where four columns of B begin.
fn lines_b(p: Place, column: u32) -> vec4<u32> {
  return p.base_b + min(column + FOUR, vec4<u32>(params.n - 1u)) * params.column_b;
}

// Zeros for what lies past the first `depths` depths of a block.
fn cut(block: mat4x4<f32>, depths: u32) -> mat4x4<f32> {
  let none = vec4<f32>();
  return mat4x4<f32>(
    select(none, block[0], depths > 0u),
    select(none, block[1], depths > 1u),
    select(none, block[2], depths > 2u),
    select(none, block[3], depths > 3u),
  );
}

// Takes the sums of four columns of a row: to the result, or to scratch memory where there are splits.
fn take(p: Place, row: u32, column: u32, sums: vec4<f32>) {
  if (row >= params.m || column >= params.n) { return; }
  let line = p.slab * params.m + row;
  if (ENDING == AS_RESULT) {
    write_out(line, column, sums);
  } else if (ENDING == AS_SPLIT || (ENDING != TO_FINISH && params.splits > 1u)) {
    write_scratch(line, column, sums);
  } else {
    finish(line, column, sums);
  }
}

fn finish(line: u32, column: u32, sums: vec4<f32>) {
  var total = sums;
  if (params.has_bias == 1u) {
    let at = min(column + FOUR, vec4<u32>(params.n - 1u));
    total += vec4<f32>(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  if (params.accumulate == 1u) { total += read_out(line, column); }
  if (params.activation > 0u) {
    // A loop, because software adapters compile every copy.
    for (var i = 0u; i < 4u; i++) { total[i] = activate(total[i]); }
  }
  write_out(line, column, total);
}

fn activate(x: f32) -> f32 {
  switch (params.activation) {
    case 1u: { return sigmoid(x); }
    case 2u: { return stable_tanh(x); }
    default: { return max(x, 0.0); }
  }
}

// The sums of the splits, always in the same order; four columns a thread.
@compute @workgroup_size(64)
fn sum_splits(@builtin(workgroup_id) workgroup: vec3<u32>,
              @builtin(num_workgroups) workgroups: vec3<u32>,
              @builtin(local_invocation_index) local: u32) {
  let at = element_index(workgroup, workgroups, local);
  let across = (params.n + 3u) / 4u;
  let lines = params.batches * params.m;
  if (at >= lines * across) { return; }
  let line = at / across;
  let column = at % across * 4u;
  var sums = vec4<f32>();
  for (var split = 0u; split < params.splits; split++) {
    sums += read_scratch(split * lines + line, column);
  }
  finish(line, column, sums);
}
