// Steps back through time, counted from the last: step s is at t = time - 1 - s. `dz` takes the
// gradients of what went into f. `dh` gives the gradient of the last state, and takes that of h0 when
// end = time + 1. The shape of a dispatch is as in lstm_sequence_gradient.wgsl: scratch[k, q] =
// weight[k; 4 q to 4 q + 3], padded by zeros.
override nonlinearity: u32;

struct Params {
  time: u32,
  batch: u32,
  hidden: u32,
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dh: array<f32>;
@group(0) @binding(4) var<storage, read_write> dz: array<f32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<Quad>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  if (index >= H * columns) { return; }
  let k = index / columns;
  let j = index % columns * 4u;
  var quad = vec4<f32>();
  for (var i = 0u; i < 4u && j + i < H; i++) { quad[i] = weight[k * H + j + i]; }
  scratch[index] = packed(quad);
}

fn four_of_dz(at: u32) -> vec4<f32> {
  return vec4<f32>(dz[at], dz[at + 1u], dz[at + 2u], dz[at + 3u]);
}

@compute @workgroup_size(units, slices)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  let row = workgroup.x * 4u;
  let highest = params.batch - 1u;
  let at0 = min(row, highest) * H;
  let at1 = min(row + 1u, highest) * H;
  let at2 = min(row + 2u, highest) * H;
  let at3 = min(row + 3u, highest) * H;
  let depth = (H + slices - 1u) / slices;
  let first = min(thread.y * depth, H);
  let last = min(first + depth, H);

  for (var s = params.begin; s < params.end; s++) {
    for (var tile = workgroup.y * units; tile < columns; tile += workgroups.y * units) {
      let column = min(tile + thread.x, columns - 1u);
      var sum0 = vec4<f32>();
      var sum1 = vec4<f32>();
      var sum2 = vec4<f32>();
      var sum3 = vec4<f32>();
      if (s > 0u) {
        let after = (params.time - s) * params.batch * H;
        var k = first;
        for (; k + 3u < last; k += 4u) {
          let w = four_weights(k * columns + column, columns);
          sum0 += w * four_of_dz(after + at0 + k);
          sum1 += w * four_of_dz(after + at1 + k);
          sum2 += w * four_of_dz(after + at2 + k);
          sum3 += w * four_of_dz(after + at3 + k);
        }
        for (; k < last; k++) {
          let w = unpacked(scratch[k * columns + column]);
          sum0 += dz[after + at0 + k] * w;
          sum1 += dz[after + at1 + k] * w;
          sum2 += dz[after + at2 + k] * w;
          sum3 += dz[after + at3 + k] * w;
        }
      }
      let within = tile + thread.x < columns;
      if (slices == 4u) {
        let sum = join_quarters(thread.x, thread.y, sum0, sum1, sum2, sum3);
        if (within) { units_back(s, row + thread.y, column * 4u, sum); }
      } else if (within) {
        units_back(s, row, column * 4u, sum0);
        units_back(s, row + 1u, column * 4u, sum1);
        units_back(s, row + 2u, column * 4u, sum2);
        units_back(s, row + 3u, column * 4u, sum3);
      }
    }
    storageBarrier();
  }
}

// Four units from j on, where `sum` is what came back from the step after.
fn units_back(s: u32, b: u32, j: u32, sum: vec4<f32>) {
  if (b >= params.batch) { return; }
  let H = params.hidden;
  for (var i = 0u; i < 4u && j + i < H; i++) {
    let state = b * H + j + i;
    if (s == params.time) {
      dh[state] = sum[i];
    } else {
      let here = (params.time - 1u - s) * params.batch * H + state;
      let dhidden = dy[here] + select(sum[i], dh[state], s == 0u);
      dz[here] = dhidden * slope(y[here]);
    }
  }
}

// f' by f's own value.
fn slope(h: f32) -> f32 {
  if (nonlinearity == 1u) { return select(0.0, 1.0, h > 0.0); }
  if (nonlinearity == 2u) { return h * (1.0 - h); }
  return 1.0 - h * h;
}
