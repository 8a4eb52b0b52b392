// out[t, b] = 1 where t < lengths[b], else 0, out of [time, batch].
struct Params {
  time: u32,
  batch: u32,
}

@group(0) @binding(0) var<storage, read> lengths: array<i32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.time * params.batch) { return; }
  out[index] = select(0.0, 1.0, i32(index / params.batch) < lengths[index % params.batch]);
}
