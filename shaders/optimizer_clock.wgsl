// One tick: where the gradients' norm is finite the step counts and Adam's bias corrections grow,
// c += gain (1 - c) with gain = 1 - beta; else the step is skipped and counted as such.
struct Params {
  gain1: f32,
  gain2: f32,
}

@group(0) @binding(0) var<storage, read> norm: array<f32>;
@group(0) @binding(1) var<storage, read_write> clock: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  if (is_finite(norm[0])) {
    clock[STEPS] += 1.0;
    clock[CORRECTION1] += params.gain1 * (1.0 - clock[CORRECTION1]);
    clock[CORRECTION2] += params.gain2 * (1.0 - clock[CORRECTION2]);
    clock[ENABLED] = 1.0;
  } else {
    clock[SKIPPED] += 1.0;
    clock[ENABLED] = 0.0;
  }
}
