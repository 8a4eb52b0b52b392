// From `offset` on, with g = scale grad: g += decay p; v = momentum v + g; p -= rate (nesterov ? g + momentum v : v).
override nesterov: u32;

struct Params {
  offset: u32,
  n: u32,
  momentum: f32,
  weight_decay: f32,
}

@group(0) @binding(0) var<storage, read> clock: array<f32>;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read_write> param: array<f32>;
@group(0) @binding(3) var<storage, read_write> velocity: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = params.offset + element_index(workgroup, workgroups, local);
  if (i >= params.offset + params.n || clock[ENABLED] == 0.0) { return; }
  let g = clock[SCALE] * grad[i] + params.weight_decay * param[i];
  let v = params.momentum * velocity[i] + g;
  velocity[i] = v;
  param[i] -= clock[LEARNING_RATE] * select(v, g + params.momentum * v, nesterov == 1u);
}
