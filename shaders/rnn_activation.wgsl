// h = f(gx + gh), f by the code of src/kernels/rnn_activation.ts.
override nonlinearity: u32;

struct Params {
  n: u32,
}

@group(0) @binding(0) var<storage, read> gx: array<f32>;
@group(0) @binding(1) var<storage, read> gh: array<f32>;
@group(0) @binding(2) var<storage, read_write> h: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  let z = gx[i] + gh[i];
  switch (nonlinearity) {
    case 0u: { h[i] = stable_tanh(z); }
    case 1u: { h[i] = max(z, 0.0); }
    default: { h[i] = sigmoid(z); }
  }
}
