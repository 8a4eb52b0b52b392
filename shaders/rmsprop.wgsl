// From `offset` on, with g = scale grad: g += decay p; v = alpha v + (1 - alpha) g^2; centred, a = alpha a + (1 - alpha) g and
// d = sqrt(v - a^2) + eps, else d = sqrt(v) + eps; b = momentum b + g / d; p -= rate b.
override centered: u32;

struct Params {
  offset: u32,
  n: u32,
  alpha: f32,
  momentum: f32,
  weight_decay: f32,
  eps: f32,
}

@group(0) @binding(0) var<storage, read> clock: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read_write> param: array<f32>;
@group(0) @binding(3) var<storage, read_write> square: array<f32>;
@group(0) @binding(4) var<storage, read_write> average: array<f32>;
@group(0) @binding(5) var<storage, read_write> buffer: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = params.offset + element_index(workgroup, workgroups, local);
  if (i >= params.offset + params.n || clock[ENABLED] == 0.0) { return; }
  let g = clock[SCALE] * grad[i] + params.weight_decay * param[i];
  let v = params.alpha * square[i] + (1.0 - params.alpha) * g * g;
  square[i] = v;
  var variance = v;
  if (centered == 1u) {
    let a = params.alpha * average[i] + (1.0 - params.alpha) * g;
    average[i] = a;
    variance = max(v - a * a, 0.0);
  }
  let b = params.momentum * buffer[i] + g / (sqrt(variance) + params.eps);
  buffer[i] = b;
  param[i] -= clock[LEARNING_RATE] * b;
}
