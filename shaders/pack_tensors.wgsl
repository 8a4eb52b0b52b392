// Up to seven tensors, one behind the other, into `flat`, from `offset` on.
struct Params {
  offset: u32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  n4: u32,
  n5: u32,
  n6: u32,
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  var i = element_index(workgroup, workgroups, local);
  let at = params.offset + i;
  if (i < params.n0) {
    flat[at] = x0[i];
    return;
  }
  i -= params.n0;
  if (i < params.n1) {
    flat[at] = x1[i];
    return;
  }
  i -= params.n1;
  if (i < params.n2) {
    flat[at] = x2[i];
    return;
  }
  i -= params.n2;
  if (i < params.n3) {
    flat[at] = x3[i];
    return;
  }
  i -= params.n3;
  if (i < params.n4) {
    flat[at] = x4[i];
    return;
  }
  i -= params.n4;
  if (i < params.n5) {
    flat[at] = x5[i];
    return;
  }
  i -= params.n5;
  if (i < params.n6) {
    flat[at] = x6[i];
    return;
  }
}
