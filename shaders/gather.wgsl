// out[o, k, i] = x[o, ids[o, k, i], i], x of [outer, n, inner]. The strides of `ids` may be 0, so
// that one id picks a whole row. An id outside the table gives 0.
struct Params {
  outer: u32,
  n: u32,
  count: u32,
  inner: u32,
  id_outer: u32,
  id_count: u32,
  id_inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> ids: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.outer * params.count * params.inner) { return; }
  let i = index % params.inner;
  let k = index / params.inner % params.count;
  let o = index / params.inner / params.count;
  let id = ids[o * params.id_outer + k * params.id_count + i * params.id_inner];
  out[index] = 0.0;
  if (id >= 0 && u32(id) < params.n) {
    out[index] = x[(o * params.n + u32(id)) * params.inner + i];
  }
}
