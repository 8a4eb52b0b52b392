// dlogits[r, i] = g[r] weight[r] (exp(logits[r, i] - highest[r] - logtotal[r]) - (1 at the target)).
struct Params {
  rows: u32,
  n: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> highest: array<f32>;
@group(0) @binding(4) var<storage, read> logtotal: array<f32>;
@group(0) @binding(5) var<storage, read> g: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  if (index >= params.rows * params.n) { return; }
  let row = index / params.n;
  let hit = select(0.0, 1.0, i32(index % params.n) == targets[row]);
  let probability = exp(logits[index] - highest[row] - logtotal[row]);
  dlogits[index] = g[row] * weight[row] * (probability - hit);
}
