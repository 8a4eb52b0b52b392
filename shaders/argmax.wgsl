// out[o, i] = the first r at which x[o, r, i] is largest, x of [outer, n, inner].
struct Params {
  outer: u32,
  n: u32,
  inner: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<i32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.outer * params.inner) { return; }
  let base = i / params.inner * params.n * params.inner + i % params.inner;
  var best = 0u;
  for (var r = 1u; r < params.n; r++) {
    if (x[base + r * params.inner] > x[base + best * params.inner]) { best = r; }
  }
  out[i] = i32(best);
}
