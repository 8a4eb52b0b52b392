// x = min(max(x, -limit), limit), in place.
struct Params {
  n: u32,
  limit: f32,
}

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  x[i] = clamp(x[i], -params.limit, params.limit);
}
