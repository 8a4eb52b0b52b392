// Over the rows of x, [rows, n]: y = exp(x - m) / sum(exp(x - m)), m the row's maximum; with
// `logarithm` y = x - m - log(sum(exp(x - m))).
override logarithm: u32;

struct Params {
  rows: u32,
  n: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.rows) { return; }
  let base = row * params.n;

  var highest = -0x1.fffffep+127f;
  for (var i = local; i < params.n; i += 64u) { highest = max(highest, x[base + i]); }
  highest = row_max(local, highest);
  var total = 0.0;
  for (var i = local; i < params.n; i += 64u) { total += exp(x[base + i] - highest); }
  total = row_sum(local, total);

  for (var i = local; i < params.n; i += 64u) {
    let shifted = x[base + i] - highest;
    if (logarithm == 1u) {
      y[base + i] = shifted - log(total);
    } else {
      y[base + i] = exp(shifted) / total;
    }
  }
}
