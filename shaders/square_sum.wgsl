// out[2 slot] = sum of x^2; out[2 slot + 1] = how many elements are NaN or infinite. A workgroup
// takes a chunk of x, and the slot of its number; a thread has eight elements on their way at a time.
const CHUNK = 8192u;

struct Params {
  n: u32,
  slot: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> sums: array<f32, 128>;
var<workgroup> counts: array<f32, 128>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  var count = 0.0;
  let chunk = workgroup_index(workgroup, workgroups);
  let end = min(params.n, (chunk + 1u) * CHUNK);
  var i = chunk * CHUNK + local;
  for (; i + 7u * 128u < end; i += 8u * 128u) {
    let first = vec4<f32>(x[i], x[i + 128u], x[i + 256u], x[i + 384u]);
    let second = vec4<f32>(x[i + 512u], x[i + 640u], x[i + 768u], x[i + 896u]);
    for (var e = 0u; e < 4u; e++) {
      if (is_finite(first[e])) { sum += first[e] * first[e]; } else { count += 1.0; }
      if (is_finite(second[e])) { sum += second[e] * second[e]; } else { count += 1.0; }
    }
  }
  for (; i < end; i += 128u) {
    if (is_finite(x[i])) { sum += x[i] * x[i]; } else { count += 1.0; }
  }
  sums[local] = sum;
  counts[local] = count;
  for (var half = 64u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      sums[local] += sums[local + half];
      counts[local] += counts[local + half];
    }
  }
  // The first of no elements has a sum too.
  if (local == 0u && (chunk == 0u || chunk * CHUNK < params.n)) {
    out[2u * (params.slot + chunk)] = sums[0];
    out[2u * (params.slot + chunk) + 1u] = counts[0];
  }
}
