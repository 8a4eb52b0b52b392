// dz = dh f'(z), f' from h = f(z).
override nonlinearity: u32;

struct Params {
  n: u32,
}

@group(0) @binding(0) var<storage, read> h: array<f32>;
@group(0) @binding(1) var<storage, read> dh: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  switch (nonlinearity) {
    case 0u: { dz[i] = dh[i] * (1.0 - h[i] * h[i]); }
    case 1u: { dz[i] = select(0.0, dh[i], h[i] > 0.0); }
    default: { dz[i] = dh[i] * h[i] * (1.0 - h[i]); }
  }
}
