// For each row of logits, [rows, n], with target t, under softmax(logits): loss = -sum(q log p) where
// q[i] = (1 - smoothing) class_weights[t] (1 at t) + smoothing / n class_weights[i]; mass = sum(q),
// weight = class_weights[t]; all 0 where t is `ignore`. Unless `weighted`, all classes weigh 1. Also
// highest = max(logits) and logtotal = log(sum(exp(logits - highest))): apart, for where the logits are
// large, their sum loses logtotal in rounding.
struct Params {
  rows: u32,
  n: u32,
  ignore: i32,
  weighted: u32,
  smoothing: f32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read> class_weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> mass: array<f32>;
@group(0) @binding(6) var<storage, read_write> highest: array<f32>;
@group(0) @binding(7) var<storage, read_write> logtotal: array<f32>;
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

  var others = vec2<f32>(0.0);
  if (params.smoothing > 0.0) {
    others = spread(base, top, log(total), local, 64u);
    others = vec2<f32>(row_sum(local, others.x), row_sum(local, others.y));
  }

  if (local == 0u) {
    let label = targets[row];
    let counts = label != params.ignore && label >= 0 && u32(label) < params.n;
    highest[row] = top;
    logtotal[row] = log(total);
    loss[row] = 0.0;
    weight[row] = 0.0;
    mass[row] = 0.0;
    if (counts) {
      let own = class_weight(u32(label));
      let q = (1.0 - params.smoothing) * own;
      loss[row] = q * (log(total) - (logits[base + u32(label)] - top)) + others.x;
      weight[row] = own;
      mass[row] = q + others.y;
    }
  }
}
