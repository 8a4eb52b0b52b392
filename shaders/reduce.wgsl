// out[o, i] = sum or maximum over r of x[o, r, i], x of [outer, n, inner].
override op: u32;

const SUM = 0u;
const MAX = 1u;
const LOWEST = -0x1.fffffep+127f;

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
  scale: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> partial: array<f32, 64>;

fn combine(a: f32, b: f32) -> f32 {
  if (op == MAX) { return max(a, b); }
  return a + b;
}

// Neighbours in memory are neighbours in `inner`: one thread an output, no sharing.
@compute @workgroup_size(64)
fn columns(@builtin(workgroup_id) workgroup: vec3<u32>,
           @builtin(num_workgroups) workgroups: vec3<u32>,
           @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.outer * params.inner) { return; }
  let base = i / params.inner * params.n * params.inner + i % params.inner;
  var total = select(0.0, LOWEST, op == MAX);
  for (var r = 0u; r < params.n; r++) {
    total = combine(total, x[base + r * params.inner]);
  }
  out[i] = total * params.scale;
}

// `inner` is 1: one workgroup an output, which halves its partial results.
@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.outer) { return; }
  var total = select(0.0, LOWEST, op == MAX);
  for (var r = local; r < params.n; r += 64u) {
    total = combine(total, x[row * params.n + r]);
  }
  partial[local] = total;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { partial[local] = combine(partial[local], partial[local + half]); }
  }
  if (local == 0u) { out[row] = partial[0] * params.scale; }
}
