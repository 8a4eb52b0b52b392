// Up to seven tensors into `flat`, each to its place, and zeros behind each up to a multiple of `pad`.
struct Params {
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  n4: u32,
  n5: u32,
  n6: u32,
  at0: u32,
  at1: u32,
  at2: u32,
  at3: u32,
  at4: u32,
  at5: u32,
  at6: u32,
  pad: u32,
}

@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read> x2: array<f32>;
@group(0) @binding(3) var<storage, read> x3: array<f32>;
@group(0) @binding(4) var<storage, read> x4: array<f32>;
@group(0) @binding(5) var<storage, read> x5: array<f32>;
@group(0) @binding(6) var<storage, read> x6: array<f32>;
@group(0) @binding(7) var<storage, read_write> flat: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

fn padded(n: u32) -> u32 { return (n + params.pad - 1u) / params.pad * params.pad; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  var i = element_index(workgroup, workgroups, local);
  if (i < padded(params.n0)) {
    flat[params.at0 + i] = select(0.0, x0[i], i < params.n0);
    return;
  }
  i -= padded(params.n0);
  if (i < padded(params.n1)) {
    flat[params.at1 + i] = select(0.0, x1[i], i < params.n1);
    return;
  }
  i -= padded(params.n1);
  if (i < padded(params.n2)) {
    flat[params.at2 + i] = select(0.0, x2[i], i < params.n2);
    return;
  }
  i -= padded(params.n2);
  if (i < padded(params.n3)) {
    flat[params.at3 + i] = select(0.0, x3[i], i < params.n3);
    return;
  }
  i -= padded(params.n3);
  if (i < padded(params.n4)) {
    flat[params.at4 + i] = select(0.0, x4[i], i < params.n4);
    return;
  }
  i -= padded(params.n4);
  if (i < padded(params.n5)) {
    flat[params.at5 + i] = select(0.0, x5[i], i < params.n5);
    return;
  }
  i -= padded(params.n5);
  if (i < padded(params.n6)) {
    flat[params.at6 + i] = select(0.0, x6[i], i < params.n6);
    return;
  }
}
