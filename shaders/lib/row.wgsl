// Reductions over the first 64 threads of a workgroup. Every thread calls them and gets the result.
var<workgroup> row_partial: array<f32, 64>;

fn row_sum(local: u32, value: f32) -> f32 {
  if (local < 64u) { row_partial[local] = value; }
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { row_partial[local] += row_partial[local + half]; }
  }
  return workgroupUniformLoad(&row_partial[0]);
}

fn row_max(local: u32, value: f32) -> f32 {
  if (local < 64u) { row_partial[local] = value; }
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { row_partial[local] = max(row_partial[local], row_partial[local + half]); }
  }
  return workgroupUniformLoad(&row_partial[0]);
}
