// out[o, ids[o, k, i], i] = the sum of these g[o, k, i], and with `add` what stands there; out of
// [outer, n, inner]. WGSL has no float atomics: each element of `out` looks through its ids, in a fixed
// order, so the sum is the same at every run.
//
// `rows` is for ids that pick whole rows of a table: a workgroup takes one row and 256 columns of it,
// four for a thread, and looks through the ids together, four at a time; a quarter of them for each of
// its four ranks of threads.
//
// `order` and `listed` do the same in two passes without barriers: the places of each id in a list,
// then a thread for each element, which reads its row's part of the list. scratch holds n + 1
// beginnings, and the list.
struct Params {
  outer: u32,
  n: u32,
  count: u32,
  inner: u32,
  id_outer: u32,
  id_count: u32,
  id_inner: u32,
  add: u32,
}

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> ids: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> scratch: array<u32>;
@group(0) @binding(8) var<uniform> params: Params;

fn put(at: u32, sum: f32) {
  if (params.add == 1u) { out[at] += sum; } else { out[at] = sum; }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.outer * params.n * params.inner) { return; }
  let i = index % params.inner;
  let row = index / params.inner % params.n;
  let o = index / params.inner / params.n;
  var total = 0.0;
  for (var k = 0u; k < params.count; k++) {
    if (ids[o * params.id_outer + k * params.id_count + i * params.id_inner] == i32(row)) {
      total += g[(o * params.count + k) * params.inner + i];
    }
  }
  put(index, total);
}

var<workgroup> tile: array<array<i32, 4>, 64>;
var<workgroup> sums: array<vec4<f32>, 192>;

@compute @workgroup_size(64, 4)
fn rows(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let tiles = (params.inner + 255u) / 256u;
  let index = workgroup_index(workgroup, workgroups);
  if (index >= params.n * tiles) { return; }
  let row = i32(index / tiles);
  let column = index % tiles * 256u + thread.x;
  var total = vec4<f32>();
  for (var begin = 0u; begin < params.count; begin += 256u) {
    workgroupBarrier();
    let mine = begin + local;
    tile[local / 4u][local % 4u] = select(-1, ids[min(mine, params.count - 1u) * params.id_count],
                                          mine < params.count);
    workgroupBarrier();
    for (var l = thread.y * 16u; l < thread.y * 16u + 16u; l++) {
      let found = vec4<i32>(tile[l][0], tile[l][1], tile[l][2], tile[l][3]) == vec4<i32>(row);
      if (!any(found)) { continue; }
      for (var i = 0u; i < 4u; i++) { if (found[i]) { total += quad(begin + 4u * l + i, column); } }
    }
  }
  if (thread.y > 0u) { sums[(thread.y - 1u) * 64u + thread.x] = total; }
  workgroupBarrier();
  if (thread.y > 0u) { return; }
  total += sums[thread.x] + sums[64u + thread.x] + sums[128u + thread.x];
  let at = index / tiles * params.inner;
  for (var i = 0u; i < 4u && column + 64u * i < params.inner; i++) {
    put(at + column + 64u * i, total[i]);
  }
}

// Four elements of row k of g, 64 apart; 0 past its end.
fn quad(k: u32, column: u32) -> vec4<f32> {
  let at = k * params.inner + column;
  var values = vec4<f32>();
  if (column < params.inner) { values.x = g[at]; }
  if (column + 64u < params.inner) { values.y = g[at + 64u]; }
  if (column + 128u < params.inner) { values.z = g[at + 128u]; }
  if (column + 192u < params.inner) { values.w = g[at + 192u]; }
  return values;
}

@compute @workgroup_size(64)
fn order(@builtin(workgroup_id) workgroup: vec3<u32>,
         @builtin(num_workgroups) workgroups: vec3<u32>,
         @builtin(local_invocation_index) local: u32) {
  let row = element_index(workgroup, workgroups, local);
  if (row > params.n) { return; }
  var place = 0u;
  for (var k = 0u; k < params.count; k++) {
    let id = ids[k * params.id_count];
    if (id >= 0 && id < i32(row)) { place++; }
  }
  scratch[row] = place;
  if (row == params.n) { return; }
  for (var k = 0u; k < params.count; k++) {
    if (ids[k * params.id_count] == i32(row)) {
      scratch[params.n + 1u + place] = k;
      place++;
    }
  }
}

@compute @workgroup_size(64)
fn listed(@builtin(workgroup_id) workgroup: vec3<u32>,
          @builtin(num_workgroups) workgroups: vec3<u32>,
          @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.n * params.inner) { return; }
  let row = index / params.inner;
  let column = index % params.inner;
  var total = 0.0;
  for (var place = scratch[row]; place < scratch[row + 1u]; place++) {
    total += g[scratch[params.n + 1u + place] * params.inner + column];
  }
  put(index, total);
}
