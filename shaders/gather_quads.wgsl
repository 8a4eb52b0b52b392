// What gather.wgsl does where an id picks a whole row, and a row is a multiple of four long: four numbers a thread.
struct Params {
  outer: u32,
  n: u32,
  count: u32,
  inner: u32,
  id_outer: u32,
  id_count: u32,
  id_inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> ids: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let across = params.inner / 4u;
  if (index >= params.outer * params.count * across) { return; }
  let k = index / across % params.count;
  let o = index / across / params.count;
  let id = ids[o * params.id_outer + k * params.id_count];
  var row = vec4<f32>();
  if (id >= 0 && u32(id) < params.n) { row = x[(o * params.n + u32(id)) * across + index % across]; }
  out[index] = row;
}
