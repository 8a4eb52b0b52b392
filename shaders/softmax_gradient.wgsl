// Over rows: dx = y (g - sum(g y)); with `logarithm` dx = g - exp(y) sum(g).
override logarithm: u32;

struct Params {
  rows: u32,
  n: u32,
}

@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.rows) { return; }
  let base = row * params.n;

  var total = 0.0;
  for (var i = local; i < params.n; i += 64u) {
    total += g[base + i] * select(y[base + i], 1.0, logarithm == 1u);
  }
  total = row_sum(local, total);
  for (var i = local; i < params.n; i += 64u) {
    if (logarithm == 1u) {
      dx[base + i] = g[base + i] - exp(y[base + i]) * total;
    } else {
      dx[base + i] = y[base + i] * (g[base + i] - total);
    }
  }
}
