// dlogits[r, i] = g[r] (mass[r] exp(logits[r, i] - highest[r] - logtotal[r]) - q[r, i]), with q as in
// cross_entropy.wgsl; 0 where the target is `ignore` or outside the classes.
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
@group(0) @binding(3) var<storage, read> mass: array<f32>;
@group(0) @binding(4) var<storage, read> highest: array<f32>;
@group(0) @binding(5) var<storage, read> logtotal: array<f32>;
@group(0) @binding(6) var<storage, read> g: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.rows * params.n) { return; }
  let row = index / params.n;
  let column = index % params.n;
  let label = targets[row];
  let counts = label != params.ignore && label >= 0 && u32(label) < params.n;
  let q = target_share(column, label, params.smoothing / f32(params.n));
  let probability = exp(logits[index] - highest[row] - logtotal[row]);
  dlogits[index] = select(0.0, g[row] * (mass[row] * probability - q), counts);
}
