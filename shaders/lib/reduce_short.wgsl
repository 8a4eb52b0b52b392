// For rows (`inner` is 1), and for columns that are short.
@group(0) @binding(0) var<storage, read> x: array<f32>;

var<workgroup> partial: array<f32, 64>;

fn combine_two(a: f32, b: f32) -> f32 {
  if (op == MAX) { return max(a, b); }
  return a + b;
}

// One thread an output, no sharing.
@compute @workgroup_size(64)
fn short_columns(@builtin(workgroup_id) workgroup: vec3<u32>,
                 @builtin(num_workgroups) workgroups: vec3<u32>,
                 @builtin(local_invocation_index) local: u32) {
  let i = element_index(workgroup, workgroups, local);
  if (i >= params.outer * params.inner) { return; }
  let base = i / params.inner * params.n * params.inner + i % params.inner;
  var total = nothing().x;
  for (var r = 0u; r < params.n; r++) {
    total = combine_two(total, x[base + r * params.inner]);
  }
  out[i] = total * params.scale;
}

// One workgroup an output, which halves its partial results.
@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup_index(workgroup, workgroups);
  if (row >= params.outer) { return; }
  var total = nothing().x;
  for (var r = local; r < params.n; r += 64u) {
    total = combine_two(total, x[row * params.n + r]);
  }
  partial[local] = total;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { partial[local] = combine_two(partial[local], partial[local + half]); }
  }
  if (local == 0u) { out[row] = partial[0] * params.scale; }
}
