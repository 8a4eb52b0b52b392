// mask = scale with probability 1 - p, else 0; y = mask x. Element i takes lane i % 4 of the
// Philox block (i / 4, call, step) under the key: the same mask on every device.
struct Params {
  n: u32,
  call: u32,
  p: f32,
  scale: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> generator: array<u32>;
@group(0) @binding(2) var<storage, read_write> mask: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  let block = philox(vec4<u32>(i / 4u, params.call, generator[2], generator[3]),
                     vec2<u32>(generator[0], generator[1]));
  let factor = select(0.0, params.scale, to_uniform(block[i % 4u]) >= params.p);
  mask[i] = factor;
  y[i] = factor * x[i];
}
