// For each row of logits: the cross-entropy of its target under the softmax, as in
// cross_entropy.wgsl, and, over the logits, its gradient: share (mass softmax - q), with mass and q of there.
// `main` gives a row to a workgroup, `alone` to a thread.
struct Params {
  rows: u32,
  n: u32,
  ignore: i32,
  share: f32,
  weighted: u32,
  smoothing: f32,
}

@group(0) @binding(0) var<storage, read> targets: array<i32>;
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> weight: array<f32>;
@group(0) @binding(4) var<storage, read> class_weights: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.rows) { return; }
  let base = row * params.n;
  let label = targets[row];
  let counts = label != params.ignore && label >= 0 && label < i32(params.n);

  var top = -3.0e38;
  for (var i = local; i < params.n; i += 64u) { top = max(top, logits[base + i]); }
  top = row_max(local, top);
  var sum = 0.0;
  for (var i = local; i < params.n; i += 64u) { sum += exp(logits[base + i] - top); }
  // Behind a barrier, so that the target's logit is read before the gradient overwrites it.
  let total = row_sum(local, sum);
  let at_target = select(0.0, logits[base + u32(max(label, 0))] - top, counts);
  let own = select(0.0, class_weight(u32(max(label, 0))), counts);
  let even = params.smoothing / f32(params.n);
  let kept = (1.0 - params.smoothing) * own;
  var cost = kept * (log(total) - at_target);
  var mass = kept;
  if (params.smoothing > 0.0) {
    let others = spread(base, top, log(total), local, 64u);
    cost += row_sum(local, others.x);
    mass += row_sum(local, others.y);
  }
  storageBarrier();
  for (var i = local; i < params.n; i += 64u) {
    let gradient = mass * (exp(logits[base + i] - top) / total) - target_share(i, label, even);
    logits[base + i] = select(0.0, params.share * gradient, counts);
  }
  if (local == 0u) {
    loss[row] = select(0.0, cost, counts);
    weight[row] = own;
  }
}

@compute @workgroup_size(64)
fn alone(@builtin(workgroup_id) workgroup: vec3<u32>,
         @builtin(num_workgroups) workgroups: vec3<u32>,
         @builtin(local_invocation_index) local: u32) {
  let row = element_index(workgroup, workgroups, local);
  if (row >= params.rows) { return; }
  let base = row * params.n;
  let label = targets[row];
  let counts = label != params.ignore && label >= 0 && label < i32(params.n);

  var top = -3.0e38;
  for (var i = 0u; i < params.n; i++) { top = max(top, logits[base + i]); }
  var total = 0.0;
  for (var i = 0u; i < params.n; i++) { total += exp(logits[base + i] - top); }
  let at_target = select(0.0, logits[base + u32(max(label, 0))] - top, counts);
  let own = select(0.0, class_weight(u32(max(label, 0))), counts);
  let even = params.smoothing / f32(params.n);
  let kept = (1.0 - params.smoothing) * own;
  var cost = kept * (log(total) - at_target);
  var mass = kept;
  if (params.smoothing > 0.0) {
    let others = spread(base, top, log(total), 0u, 1u);
    cost += others.x;
    mass += others.y;
  }
  for (var i = 0u; i < params.n; i++) {
    let gradient = mass * (exp(logits[base + i] - top) / total) - target_share(i, label, even);
    logits[base + i] = select(0.0, params.share * gradient, counts);
  }
  loss[row] = select(0.0, cost, counts);
  weight[row] = own;
}
