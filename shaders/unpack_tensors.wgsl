// Each of up to seven tensors takes its part of `flat`.
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

@group(0) @binding(0) var<storage, read_write> x0: array<f32>;
@group(0) @binding(1) var<storage, read_write> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> x2: array<f32>;
@group(0) @binding(3) var<storage, read_write> x3: array<f32>;
@group(0) @binding(4) var<storage, read_write> x4: array<f32>;
@group(0) @binding(5) var<storage, read_write> x5: array<f32>;
@group(0) @binding(6) var<storage, read_write> x6: array<f32>;
@group(0) @binding(7) var<storage, read> flat: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  var i = element_index(workgroup, workgroups, local);
  if (i < params.n0) {
    x0[i] = flat[params.at0 + i];
    return;
  }
  i -= params.n0;
  if (i < params.n1) {
    x1[i] = flat[params.at1 + i];
    return;
  }
  i -= params.n1;
  if (i < params.n2) {
    x2[i] = flat[params.at2 + i];
    return;
  }
  i -= params.n2;
  if (i < params.n3) {
    x3[i] = flat[params.at3 + i];
    return;
  }
  i -= params.n3;
  if (i < params.n4) {
    x4[i] = flat[params.at4 + i];
    return;
  }
  i -= params.n4;
  if (i < params.n5) {
    x5[i] = flat[params.at5 + i];
    return;
  }
  i -= params.n5;
  if (i < params.n6) {
    x6[i] = flat[params.at6 + i];
    return;
  }
}
