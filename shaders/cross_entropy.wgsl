// For each row of logits, [rows, n], with target t: highest = max(logits),
// logtotal = log(sum(exp(logits - highest))), loss = logtotal - (logits[t] - highest), weight 1; where
// t is `ignore`, loss and weight are 0. (The two are kept apart: where the logits are large, their sum
// loses logtotal in rounding.)
struct Params {
  rows: u32,
  n: u32,
  ignore: i32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> highest: array<f32>;
@group(0) @binding(5) var<storage, read_write> logtotal: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.rows) { return; }
  let base = row * params.n;

  var top = -0x1.fffffep+127f;
  for (var i = local; i < params.n; i += 64u) { top = max(top, logits[base + i]); }
  top = row_max(local, top);
  var total = 0.0;
  for (var i = local; i < params.n; i += 64u) { total += exp(logits[base + i] - top); }
  total = row_sum(local, total);

  if (local == 0u) {
    let label = targets[row];
    let counts = label != params.ignore && label >= 0 && u32(label) < params.n;
    highest[row] = top;
    logtotal[row] = log(total);
    loss[row] = 0.0;
    weight[row] = 0.0;
    if (counts) {
      loss[row] = log(total) - (logits[base + u32(label)] - top);
      weight[row] = 1.0;
    }
  }
}
