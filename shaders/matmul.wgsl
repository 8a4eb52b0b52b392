// out[z] = A[z] B[z] + bias, A of [m, k], B of [k, n], each walked by a row and a column stride, so
// that transposes cost nothing.
//
// A workgroup of 8 x 8 threads makes a tile of 32 x 32; a thread keeps 4 x 4 of it in registers.
// Slices of A and B, 16 deep, pass through workgroup memory.
override has_bias: u32;

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
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> tile_a: array<vec4<f32>, DEPTH * TILE / 4>;
var<workgroup> tile_b: array<vec4<f32>, DEPTH * TILE / 4>;

fn at_a(base: u32, row: u32, k: u32) -> f32 {
  if (row >= params.m || k >= params.k) { return 0.0; }
  return a[base + row * params.row_a + k * params.column_a];
}

fn at_b(base: u32, k: u32, column: u32) -> f32 {
  if (column >= params.n || k >= params.k) { return 0.0; }
  return b[base + k * params.row_b + column * params.column_b];
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
  let base_a = z * params.batch_a;
  let base_b = z * params.batch_b;

  var sum = array<vec4<f32>, 4>();
  for (var k0 = 0u; k0 < params.k; k0 += DEPTH) {
    // 128 quads of four rows (or columns) at one depth, two for each thread.
    for (var quad = local; quad < DEPTH * TILE / 4u; quad += 64u) {
      let k = k0 + quad / (TILE / 4u);
      let row = row0 + quad % (TILE / 4u) * 4u;
      tile_a[quad] = vec4<f32>(at_a(base_a, row, k), at_a(base_a, row + 1u, k),
                               at_a(base_a, row + 2u, k), at_a(base_a, row + 3u, k));
      let column = column0 + quad % (TILE / 4u) * 4u;
      tile_b[quad] = vec4<f32>(at_b(base_b, k, column), at_b(base_b, k, column + 1u),
                               at_b(base_b, k, column + 2u), at_b(base_b, k, column + 3u));
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

  for (var i = 0u; i < 4u; i++) {
    let row = row0 + thread.y * 4u + i;
    if (row >= params.m) { break; }
    for (var j = 0u; j < 4u; j++) {
      let column = column0 + thread.x * 4u + j;
      if (column >= params.n) { break; }
      var total = sum[i][j];
      if (has_bias == 1u) { total += bias[column]; }
      out[(z * params.m + row) * params.n + column] = total;
    }
  }
}
