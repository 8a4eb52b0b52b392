// out[z] = A[z] B[z] + bias, A of [m, k], B of [k, n], each walked by a row and a column stride, so
// that transposes cost nothing.
//
// A workgroup of 8 x 8 threads makes a tile of 32 x 32; a thread keeps 4 x 4 of it in registers.
// Slices of A and B, 16 deep, pass through workgroup memory.
override has_bias: u32;
override accumulate: u32;

const TILE = 32u;
const DEPTH = 16u;

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
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> tile_a: array<vec4<f32>, DEPTH * TILE / 4>;
var<workgroup> tile_b: array<vec4<f32>, DEPTH * TILE / 4>;

// Rows row to row + 3 of A at depth k; zeros outside.
fn quad_a(base: u32, row: u32, k: u32) -> vec4<f32> {
  var quad = vec4<f32>();
  if (k >= params.k) { return quad; }
  let step = params.row_a;
  let at = base + row * step + k * params.column_a;
  if (row + 3u < params.m) {
    return vec4<f32>(a[at], a[at + step], a[at + 2u * step], a[at + 3u * step]);
  }
  for (var i = 0u; row + i < params.m; i++) { quad[i] = a[at + i * step]; }
  return quad;
}

// Columns column to column + 3 of B at depth k; zeros outside.
fn quad_b(base: u32, k: u32, column: u32) -> vec4<f32> {
  var quad = vec4<f32>();
  if (k >= params.k) { return quad; }
  let step = params.column_b;
  let at = base + k * params.row_b + column * step;
  if (column + 3u < params.n) {
    return vec4<f32>(b[at], b[at + step], b[at + 2u * step], b[at + 3u * step]);
  }
  for (var i = 0u; column + i < params.n; i++) { quad[i] = b[at + i * step]; }
  return quad;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let tiles_m = (params.m + TILE - 1u) / TILE;
  let tiles_n = (params.n + TILE - 1u) / TILE;
  let index = workgroup_index(workgroup, workgroups);
  if (index >= tiles_m * tiles_n * params.batches) { return; }
  let z = index / (tiles_m * tiles_n);
  let row0 = (index / tiles_n) % tiles_m * TILE;
  let column0 = index % tiles_n * TILE;
  let base_a = params.offset_a + z * params.batch_a;
  let base_b = params.offset_b + z * params.batch_b;

  var sum = array<vec4<f32>, 4>();
  for (var k0 = 0u; k0 < params.k; k0 += DEPTH) {
    // 128 quads of four rows (or columns) at one depth, two for each thread.
    for (var quad = local; quad < DEPTH * TILE / 4u; quad += 64u) {
      let k = k0 + quad / (TILE / 4u);
      let line = quad % (TILE / 4u) * 4u;
      tile_a[quad] = quad_a(base_a, row0 + line, k);
      tile_b[quad] = quad_b(base_b, k, column0 + line);
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let left = tile_a[k * (TILE / 4u) + thread.y];
      let right = tile_b[k * (TILE / 4u) + thread.x];
      sum[0] += left.x * right;
      sum[1] += left.y * right;
      sum[2] += left.z * right;
      sum[3] += left.w * right;
    }
    workgroupBarrier();
  }

  let row = row0 + thread.y * 4u;
  let column = column0 + thread.x * 4u;
  var offset = vec4<f32>();
  if (has_bias == 1u) {
    for (var j = 0u; j < 4u && column + j < params.n; j++) { offset[j] = bias[column + j]; }
  }
  let at = params.offset_out + (z * params.m + row) * params.n + column;
  store(row, column, at, sum[0] + offset);
  store(row + 1u, column, at + params.n, sum[1] + offset);
  store(row + 2u, column, at + 2u * params.n, sum[2] + offset);
  store(row + 3u, column, at + 3u * params.n, sum[3] + offset);
}

// Four columns of a row, as far as they lie within.
fn store(row: u32, column: u32, at: u32, values: vec4<f32>) {
  if (row >= params.m) { return; }
  for (var j = 0u; j < 4u && column + j < params.n; j++) {
    out[at + j] = select(0.0, out[at + j], accumulate == 1u) + values[j];
  }
}
