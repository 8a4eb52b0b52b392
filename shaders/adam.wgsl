// From `offset` on, with g = scale grad: Decoupled decay (AdamW): p -= rate decay p; coupled (Adam): g += decay p. Then
// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
// p -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps); gain = 1 - beta, from the host,
// because f32 loses digits of it.
override decoupled: u32;

struct Params {
  offset: u32,
  n: u32,
  beta1: f32,
  beta2: f32,
  gain1: f32,
  gain2: f32,
  eps: f32,
  weight_decay: f32,
}

@group(0) @binding(0) var<storage, read> clock: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read_write> param: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> square: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = params.offset + element_index(workgroup, workgroups, local);
  if (i >= params.offset + params.n || clock[ENABLED] == 0.0) { return; }
  let rate = clock[LEARNING_RATE];
  var p = param[i];
  var g = clock[SCALE] * grad[i];
  if (decoupled == 1u) {
    p -= rate * params.weight_decay * p;
  } else {
    g += params.weight_decay * p;
  }
  let m = params.beta1 * mean[i] + params.gain1 * g;
  let v = params.beta2 * square[i] + params.gain2 * g * g;
  mean[i] = m;
  square[i] = v;
  let root = sqrt(v / clock[CORRECTION2]) + params.eps;
  param[i] = p - rate / clock[CORRECTION1] * m / root;
}
