// Moves elements, bit by bit, from one strided view of a buffer to another: permutations, slices,
// repeats, and the parts of a concatenation. Where rows are a multiple of four long, a thread moves four neighbours.
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
  let last = max(params.rank, 1u) - 1u;
  // As many as src/kernels/copy.ts launches threads for.
  let each = select(1u, 4u, params.rank > 1u && params.shape[last / 4u][last % 4u] % 4u == 0u);
  let i = element_index(workgroup, workgroups, local) * each;
  if (i >= params.n) { return; }
  let read_at = params.offset_from + offset_of(i, params.stride_from[0], params.stride_from[1]);
  let write_at = params.offset_to + offset_of(i, params.stride_to[0], params.stride_to[1]);
  target_[write_at] = source[read_at];
  if (each == 1u) { return; }
  let step_from = params.stride_from[last / 4u][last % 4u];
  let step_to = params.stride_to[last / 4u][last % 4u];
  target_[write_at + step_to] = source[read_at + step_from];
  target_[write_at + 2u * step_to] = source[read_at + 2u * step_from];
  target_[write_at + 3u * step_to] = source[read_at + 3u * step_from];
}
