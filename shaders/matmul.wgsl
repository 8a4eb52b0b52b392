// out[z] = f(A[z] B[z] + bias), A of [m, k], B of [k, n], each with a row and a column stride,
// so that transposes cost nothing.
//
// Work is done in blocks of 4 x 4, as matrices. WGSL multiplies columns: column i of A's block is a
// row of A, column d of B's is a depth of B, and column i of `b * a` is a row of the product. A
// workgroup of 8 x 8 threads makes a tile; a thread one block of it (tile 32), or two by two, half a
// tile apart (tile 64).
//
// How `block_a` and `block_b` read four lines at a depth is up to a library joined with this. What
// they give beyond the depth is any number.
override tile: u32;
// 1 where neighbours in memory are neighbours in depth.
override depth_a: u32;
override depth_b: u32;

// Blocks of A, and of B, that pass through workgroup memory at a time: one for each thread.
const STAGED_BLOCKS = 32u;

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
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> scratch: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

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
  let tiles_m = (params.m + tile - 1u) / tile;
  let tiles_n = (params.n + tile - 1u) / tile;
  let slab = index / (tiles_m * tiles_n);
  let z = slab % params.batches;
  let from_k = slab / params.batches * params.split_depth;
  return Place(
    slab,
    params.offset_a + z * params.batch_a,
    params.offset_b + z * params.batch_b,
    index / tiles_n % tiles_m * tile,
    index % tiles_n * tile,
    from_k,
    min(from_k + params.split_depth, params.k),
  );
}

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

// Where four rows of A begin; past the end, the last one again.
fn lines_a(base: u32, row: u32) -> vec4<u32> {
  return base + min(row + FOUR, vec4<u32>(params.m - 1u)) * params.row_a;
}

// Where four columns of B begin.
fn lines_b(base: u32, column: u32) -> vec4<u32> {
  return base + min(column + FOUR, vec4<u32>(params.n - 1u)) * params.column_b;
}

// A block with zeros past its first `depths` depths.
fn cut_a(block: mat4x4<f32>, depths: u32) -> mat4x4<f32> {
  let keep = FOUR < vec4<u32>(depths);
  let none = vec4<f32>();
  return mat4x4<f32>(
    select(none, block[0], keep),
    select(none, block[1], keep),
    select(none, block[2], keep),
    select(none, block[3], keep),
  );
}

fn cut_b(block: mat4x4<f32>, depths: u32) -> mat4x4<f32> {
  let none = vec4<f32>();
  return mat4x4<f32>(
    select(none, block[0], depths > 0u),
    select(none, block[1], depths > 1u),
    select(none, block[2], depths > 2u),
    select(none, block[3], depths > 3u),
  );
}

// The blocks of a thread; all but its own where the tile is 64.
struct Sums {
  own: mat4x4<f32>,
  beside: mat4x4<f32>,
  below: mat4x4<f32>,
  across: mat4x4<f32>,
}

// Every thread reads what it needs by itself.
@compute @workgroup_size(8, 8)
fn direct(@builtin(workgroup_id) workgroup: vec3<u32>,
          @builtin(num_workgroups) workgroups: vec3<u32>,
          @builtin(local_invocation_id) thread: vec3<u32>) {
  let p = place(workgroup_index(workgroup, workgroups));
  let row = p.row + thread.y * 4u;
  let column = p.column + thread.x * 4u;
  if (p.slab >= params.splits * params.batches || row >= params.m || column >= params.n) { return; }
  let rows = lines_a(p.base_a, row);
  let rows_below = lines_a(p.base_a, row + 32u);
  let columns = lines_b(p.base_b, column);
  let columns_beside = lines_b(p.base_b, column + 32u);

  var sums = Sums();
  for (var k = p.from_k; k < p.to_k; k += 4u) {
    let depths = p.to_k - k;
    var a = block_a(rows, k);
    var b = block_b(columns, k);
    if (depths < 4u) {
      a = cut_a(a, depths);
      b = cut_b(b, depths);
    }
    sums.own += b * a;
    if (tile == 64u) {
      var below = block_a(rows_below, k);
      var beside = block_b(columns_beside, k);
      if (depths < 4u) {
        below = cut_a(below, depths);
        beside = cut_b(beside, depths);
      }
      sums.beside += beside * a;
      sums.below += b * below;
      sums.across += beside * below;
    }
  }
  store(p.slab, row, column, sums);
}

// The columns of the blocks, by depth, then by block: threads side by side read words side by side.
var<workgroup> staged_a: array<vec4<f32>, 4 * STAGED_BLOCKS>;
var<workgroup> staged_b: array<vec4<f32>, 4 * STAGED_BLOCKS>;

// The threads bring blocks of A and B to workgroup memory, for all.
@compute @workgroup_size(8, 8)
fn staged(@builtin(workgroup_id) workgroup: vec3<u32>,
          @builtin(num_workgroups) workgroups: vec3<u32>,
          @builtin(local_invocation_id) thread: vec3<u32>,
          @builtin(local_invocation_index) local: u32) {
  let p = place(workgroup_index(workgroup, workgroups));
  if (p.slab >= params.splits * params.batches) { return; }
  let across = tile / 4u;
  let deep = STAGED_BLOCKS / across;
  // The block that this thread brings: its neighbours bring what lies beside it in memory.
  let brings_b = local >= STAGED_BLOCKS;
  let i = local % STAGED_BLOCKS;
  let by_depth = select(depth_a, depth_b, brings_b) == 1u;
  let line = select(i % across, i / deep, by_depth);
  let depth = select(i / across, i % deep, by_depth) * 4u;
  let rows = lines_a(p.base_a, p.row + line * 4u);
  let columns = lines_b(p.base_b, p.column + line * 4u);
  let to = depth * across + line;

  var sums = Sums();
  for (var from_k = p.from_k; from_k < p.to_k; from_k += deep * 4u) {
    let k = from_k + depth;
    let depths = max(p.to_k, k) - k;
    if (brings_b) {
      var b = mat4x4<f32>();
      if (depths > 0u) { b = block_b(columns, k); }
      if (depths < 4u) { b = cut_b(b, depths); }
      staged_b[to] = b[0];
      staged_b[to + across] = b[1];
      staged_b[to + 2u * across] = b[2];
      staged_b[to + 3u * across] = b[3];
    } else {
      var a = mat4x4<f32>();
      if (depths > 0u) { a = block_a(rows, k); }
      if (depths < 4u) { a = cut_a(a, depths); }
      staged_a[to] = a[0];
      staged_a[to + across] = a[1];
      staged_a[to + 2u * across] = a[2];
      staged_a[to + 3u * across] = a[3];
    }
    workgroupBarrier();
    for (var d = 0u; d < deep; d++) {
      let a0 = from_staged_a(d, thread.y);
      let b0 = from_staged_b(d, thread.x);
      sums.own += b0 * a0;
      if (tile == 64u) {
        let a1 = from_staged_a(d, thread.y + 8u);
        let b1 = from_staged_b(d, thread.x + 8u);
        sums.beside += b1 * a0;
        sums.below += b0 * a1;
        sums.across += b1 * a1;
      }
    }
    workgroupBarrier();
  }
  let row = p.row + thread.y * 4u;
  let column = p.column + thread.x * 4u;
  store(p.slab, row, column, sums);
}

fn from_staged_a(depth: u32, block: u32) -> mat4x4<f32> {
  let step = tile / 4u;
  let at = depth * tile + block;
  return mat4x4<f32>(
    staged_a[at], staged_a[at + step], staged_a[at + 2u * step], staged_a[at + 3u * step],
  );
}

fn from_staged_b(depth: u32, block: u32) -> mat4x4<f32> {
  let step = tile / 4u;
  let at = depth * tile + block;
  return mat4x4<f32>(
    staged_b[at], staged_b[at + step], staged_b[at + 2u * step], staged_b[at + 3u * step],
  );
}

// What of a thread's blocks lies within. A loop, because software adapters compile every copy.
fn store(slab: u32, row0: u32, column0: u32, sums: Sums) {
  // A variable: WGSL indexes no value by a variable.
  var all = array(sums.own, sums.beside, sums.below, sums.across);
  for (var i = 0u; i < select(4u, 16u, tile == 64u); i++) {
    let row = row0 + i / 8u * 32u + i % 4u;
    let column = column0 + i / 4u % 2u * 32u;
    if (row >= params.m) { continue; }
    let values = all[i / 4u][i % 4u];
    let line = slab * params.m + row;
    for (var j = column; j < min(column + 4u, params.n); j++) {
      if (params.splits > 1u) {
        scratch[line * params.n + j] = values[j - column];
      } else {
        store_sum(line, j, values[j - column]);
      }
    }
  }
}

fn store_sum(line: u32, column: u32, sum: f32) {
  let to = params.offset_out + line * params.row_out + column;
  var total = sum;
  if (params.has_bias == 1u) { total += bias[column]; }
  if (params.accumulate == 1u) { total += out[to]; }
  out[to] = activate(total);
}

fn activate(x: f32) -> f32 {
  switch (params.activation) {
    case 1u: { return sigmoid(x); }
    case 2u: { return stable_tanh(x); }
    case 3u: { return max(x, 0.0); }
    default: { return x; }
  }
}

// The sum of the splits, always in the same order.
@compute @workgroup_size(64)
fn sum_splits(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let at = element_index(workgroup, workgroups, local);
  let count = params.batches * params.m * params.n;
  if (at >= count) { return; }
  var sum = 0.0;
  for (var split = 0u; split < params.splits; split++) { sum += scratch[split * count + at]; }
  store_sum(at / params.n, at % params.n, sum);
}
