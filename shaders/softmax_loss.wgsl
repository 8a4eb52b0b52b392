// For each row of logits: the cross-entropy of its target under the softmax, as in
// cross_entropy.wgsl, and, over the logits, its gradient: share weight (softmax - (1 at the target)).
// `main` gives a row to a workgroup, `alone` to a thread.
struct Params {
  rows: u32,
  n: u32,
  ignore: i32,
  share: f32,
}

@group(0) @binding(0) var<storage, read> targets: array<i32>;
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> weight: array<f32>;
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
  storageBarrier();
  for (var i = local; i < params.n; i += 64u) {
    let hit = select(0.0, 1.0, i32(i) == label);
    let gradient = exp(logits[base + i] - top) / total - hit;
    logits[base + i] = select(0.0, params.share * gradient, counts);
  }
  if (local == 0u) {
    loss[row] = select(0.0, log(total) - at_target, counts);
    weight[row] = select(0.0, 1.0, counts);
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
  for (var i = 0u; i < params.n; i++) {
    let hit = select(0.0, 1.0, i32(i) == label);
    let gradient = exp(logits[base + i] - top) / total - hit;
    logits[base + i] = select(0.0, params.share * gradient, counts);
  }
  loss[row] = select(0.0, log(total) - at_target, counts);
  weight[row] = select(0.0, 1.0, counts);
}
