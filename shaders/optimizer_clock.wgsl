// One tick, from pairs of a sum of squares and a count of elements that are not finite. Where all are
// finite the step counts, Adam's bias corrections grow, c += gain (1 - c) with gain = 1 - beta, and
// the gradients' scale is min(1, limit / (norm + 1e-6)); else the step is skipped and counted as such.
struct Params {
  count: u32,
  limit: f32,
  gain1: f32,
  gain2: f32,
}

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> clock: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  var squares = 0.0;
  var odd = 0.0;
  for (var i = local; i < params.count; i += 64u) {
    squares += partial[2u * i];
    odd += partial[2u * i + 1u];
  }
  let sum = row_sum(local, squares);
  let broken = row_sum(local, odd);
  if (local != 0u) { return; }
  if (broken == 0.0 && is_finite(sum)) {
    clock[STEPS] += 1.0;
    clock[CORRECTION1] += params.gain1 * (1.0 - clock[CORRECTION1]);
    clock[CORRECTION2] += params.gain2 * (1.0 - clock[CORRECTION2]);
    clock[ENABLED] = 1.0;
    clock[NORM] = sqrt(sum);
    clock[SCALE] = min(1.0, params.limit / (clock[NORM] + 1e-6));
  } else {
    clock[SKIPPED] += 1.0;
    clock[ENABLED] = 0.0;
  }
}
