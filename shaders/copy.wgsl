// Moves elements, bit by bit, from one strided view of a buffer to another: permutations, slices,
// repeats, and the parts of a concatenation.
struct Params {
  shape: array<vec4<u32>, 2>,
  stride_from: array<vec4<u32>, 2>,
  stride_to: array<vec4<u32>, 2>,
  rank: u32,
  n: u32,
  offset_from: u32,
  offset_to: u32,
}

@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_: array<u32>;
@group(0) @binding(8) var<uniform> params: Params;

fn offset_of(i: u32, strides0: vec4<u32>, strides1: vec4<u32>) -> u32 {
  return strided(i, params.rank, params.shape[0], params.shape[1], strides0, strides1);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.n) { return; }
  target_[params.offset_to + offset_of(i, params.stride_to[0], params.stride_to[1])] =
    source[params.offset_from + offset_of(i, params.stride_from[0], params.stride_from[1])];
}
