// norm = sqrt(sum of the partial sums), infinite where a gradient is not finite;
// scale = min(1, limit / (norm + 1e-6)), or 1 where the norm is infinite.
struct Params {
  count: u32,
  limit: f32,
  infinity: u32,
}

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> norm: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  var sum = 0.0;
  var broken = 0.0;
  for (var i = 0u; i < params.count; i++) {
    sum += partial[2u * i];
    broken += partial[2u * i + 1u];
  }
  if (broken > 0.0 || !is_finite(sum)) {
    norm[0] = bitcast<f32>(params.infinity);
    scale[0] = 1.0;
  } else {
    norm[0] = sqrt(sum);
    scale[0] = min(1.0, params.limit / (sqrt(sum) + 1e-6));
  }
}
