// out = g df/da, or with `second` g df/db, in the broadcast shape; the caller sums what was
// repeated.
override op: u32;
override use_scalar: u32;
override second: u32;

struct Params {
  shape: array<vec4<u32>, 2>,
  stride_a: array<vec4<u32>, 2>,
  stride_b: array<vec4<u32>, 2>,
  rank: u32,
  n: u32,
  scalar: f32,
}

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

fn offset_of(i: u32, strides0: vec4<u32>, strides1: vec4<u32>) -> u32 {
  return strided(i, params.rank, params.shape[0], params.shape[1], strides0, strides1);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  let left = a[offset_of(i, params.stride_a[0], params.stride_a[1])];
  var right = params.scalar;
  if (use_scalar == 0u) { right = b[offset_of(i, params.stride_b[0], params.stride_b[1])]; }
  if (second == 0u) {
    out[i] = g[i] * derivative_a(op, left, right);
  } else {
    out[i] = g[i] * derivative_b(op, left, right);
  }
}
