// out[2 slot] = sum of x^2; out[2 slot + 1] = how many elements are NaN or infinite.
struct Params {
  n: u32,
  slot: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

var<workgroup> sums: array<f32, 256>;
var<workgroup> counts: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  var count = 0.0;
  for (var i = local; i < params.n; i += 256u) {
    if (is_finite(x[i])) { sum += x[i] * x[i]; } else { count += 1.0; }
  }
  sums[local] = sum;
  counts[local] = count;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      sums[local] += sums[local + half];
      counts[local] += counts[local + half];
    }
  }
  if (local == 0u) {
    out[2u * params.slot] = sums[0];
    out[2u * params.slot + 1u] = counts[0];
  }
}
