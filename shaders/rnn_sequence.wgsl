// Steps begin to end - 1 of a vanilla network over a sequence. `y` holds the projected input at first,
// [time, batch, hidden], and the hidden states in the end. The shape of a dispatch is as in
// lstm_sequence.wgsl, a column being four neighbouring units: scratch[k, q] = weight[4 q to
// 4 q + 3; k], padded by zeros.
override nonlinearity: u32;

struct Params {
  time: u32,
  batch: u32,
  hidden: u32,
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> h0: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> scratch: array<Quad>;
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
  for (var i = 0u; i < 4u && j + i < H; i++) { quad[i] = weight[(j + i) * H + k]; }
  scratch[index] = packed(quad);
}

fn four_of_y(at: u32) -> vec4<f32> {
  return vec4<f32>(y[at], y[at + 1u], y[at + 2u], y[at + 3u]);
}

@compute @workgroup_size(units, slices)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  let row = workgroup.x * 4u;
  let depth = (H + slices - 1u) / slices;
  let first = min(thread.y * depth, H);
  let last = min(first + depth, H);
  // Rows past the batch read its last one; nobody keeps what comes of it.
  let highest = params.batch - 1u;
  let at0 = min(row, highest) * H;
  let at1 = min(row + 1u, highest) * H;
  let at2 = min(row + 2u, highest) * H;
  let at3 = min(row + 3u, highest) * H;

  for (var t = params.begin; t < params.end; t++) {
    for (var tile = workgroup.y * units; tile < columns; tile += workgroups.y * units) {
      let column = min(tile + thread.x, columns - 1u);
      var sum0 = vec4<f32>();
      var sum1 = vec4<f32>();
      var sum2 = vec4<f32>();
      var sum3 = vec4<f32>();
      if (t == 0u) {
        for (var k = first; k < last; k++) {
          let w = unpacked(scratch[k * columns + column]);
          sum0 += h0[at0 + k] * w;
          sum1 += h0[at1 + k] * w;
          sum2 += h0[at2 + k] * w;
          sum3 += h0[at3 + k] * w;
        }
      } else {
        let before = (t - 1u) * params.batch * H;
        var k = first;
        for (; k + 3u < last; k += 4u) {
          let w = four_weights(k * columns + column, columns);
          sum0 += w * four_of_y(before + at0 + k);
          sum1 += w * four_of_y(before + at1 + k);
          sum2 += w * four_of_y(before + at2 + k);
          sum3 += w * four_of_y(before + at3 + k);
        }
        for (; k < last; k++) {
          let w = unpacked(scratch[k * columns + column]);
          sum0 += y[before + at0 + k] * w;
          sum1 += y[before + at1 + k] * w;
          sum2 += y[before + at2 + k] * w;
          sum3 += y[before + at3 + k] * w;
        }
      }
      let within = tile + thread.x < columns;
      if (slices == 4u) {
        let sum = join_quarters(thread.x, thread.y, sum0, sum1, sum2, sum3);
        if (within) { step(t, row + thread.y, column, sum); }
      } else if (within) {
        step(t, row, column, sum0);
        step(t, row + 1u, column, sum1);
        step(t, row + 2u, column, sum2);
        step(t, row + 3u, column, sum3);
      }
    }
    storageBarrier();
  }
}

// Four units at one step, where `sum` is their recurrent product.
fn step(t: u32, b: u32, column: u32, sum: vec4<f32>) {
  if (b >= params.batch) { return; }
  let at = (t * params.batch + b) * params.hidden;
  for (var j = column * 4u; j < min(column * 4u + 4u, params.hidden); j++) {
    y[at + j] = nonlinear(y[at + j] + sum[j % 4u]);
  }
}

fn nonlinear(z: f32) -> f32 {
  if (nonlinearity == 1u) { return max(z, 0.0); }
  if (nonlinearity == 2u) { return sigmoid(z); }
  return stable_tanh(z);
}
