// mean = sum of the losses / sum of the weights; share = 1 / that sum; both 0 where that is 0.
struct Params {
  n: u32,
}

@group(0) @binding(0) var<storage, read> loss: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> share: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  var total = 0.0;
  var count = 0.0;
  var i = local;
  // Four on their way at a time.
  for (; i + 192u < params.n; i += 256u) {
    total += (loss[i] + loss[i + 64u]) + (loss[i + 128u] + loss[i + 192u]);
    count += (weight[i] + weight[i + 64u]) + (weight[i + 128u] + weight[i + 192u]);
  }
  for (; i < params.n; i += 64u) {
    total += loss[i];
    count += weight[i];
  }
  total = row_sum(local, total);
  count = row_sum(local, count);
  if (local == 0u) {
    mean[0] = select(total / count, 0.0, count == 0.0);
    share[0] = select(1.0 / count, 0.0, count == 0.0);
  }
}
