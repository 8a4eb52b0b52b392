// From `offset` on, with g = scale grad: g += decay p; s += g^2; p -= rate / (1 + (t - 1) rate_decay) g / (sqrt(s) + eps).
struct Params {
  offset: u32,
  n: u32,
  lr_decay: f32,
  weight_decay: f32,
  eps: f32,
}

@group(0) @binding(0) var<storage, read> clock: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read_write> param: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = params.offset + element_index(workgroup, workgroups, local);
  if (i >= params.offset + params.n || clock[ENABLED] == 0.0) { return; }
  let g = clock[SCALE] * grad[i] + params.weight_decay * param[i];
  let s = sum[i] + g * g;
  sum[i] = s;
  let rate = clock[LEARNING_RATE] / (1.0 + (clock[STEPS] - 1.0) * params.lr_decay);
  param[i] -= rate * g / (sqrt(s) + params.eps);
}
