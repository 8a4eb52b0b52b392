// out[k, v] = 1 where ids[k] == v, else 0, out of [count, n].
struct Params {
  count: u32,
  n: u32,
}

@group(0) @binding(0) var<storage, read> ids: array<i32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.count * params.n) { return; }
  out[index] = select(0.0, 1.0, ids[index / params.n] == i32(index % params.n));
}
