// out[o, ids[o, k, i], i] += g[o, k, i], out of [outer, n, inner]. WGSL has no float atomics: each
// element of `out` looks through its ids, in order, so the sum is the same at every run.
struct Params {
  outer: u32,
  n: u32,
  count: u32,
  inner: u32,
  id_outer: u32,
  id_count: u32,
  id_inner: u32,
}

@group(0) @binding(0) var<storage, read> g: array<f32>;
@group(0) @binding(1) var<storage, read> ids: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

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
  out[index] += total;
}
