// Steps back through time, counted from the last: step s is at t = time - 1 - s. `gates` holds r, z, n
// at first and the gradients of the projected input in the end; `ghn` what the reset gate multiplied
// at first, and its gradient in the end. With the first two gates' that makes up the gradient of the
// recurrent product.
//
// `dh` gives the gradient of the last state, carries the part that goes around the matmul from step
// to step, and takes that of h0 when end = time + 1.
//
// The shape of a dispatch is as in lstm_sequence_gradient.wgsl: scratch[k, q] = weight[k; 4 q to
// 4 q + 3], padded by zeros.
struct Params {
  time: u32,
  batch: u32,
  hidden: u32,
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> ghn: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> h0: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dh: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<Quad>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  if (index >= 3u * H * columns) { return; }
  let k = index / columns;
  let j = index % columns * 4u;
  var quad = vec4<f32>();
  for (var i = 0u; i < 4u && j + i < H; i++) { quad[i] = weight[k * H + j + i]; }
  scratch[index] = packed(quad);
}

fn four_of_gates(at: u32) -> vec4<f32> {
  return vec4<f32>(gates[at], gates[at + 1u], gates[at + 2u], gates[at + 3u]);
}

fn four_of_ghn(at: u32) -> vec4<f32> {
  return vec4<f32>(ghn[at], ghn[at + 1u], ghn[at + 2u], ghn[at + 3u]);
}

@compute @workgroup_size(units, slices)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  let row = workgroup.x * 4u;
  let highest = params.batch - 1u;
  let row0 = min(row, highest);
  let row1 = min(row + 1u, highest);
  let row2 = min(row + 2u, highest);
  let row3 = min(row + 3u, highest);
  // r and z are in the gates, and n's share is in ghn: a slice of each for a thread.
  let depth = (2u * H + slices - 1u) / slices;
  let first = min(thread.y * depth, 2u * H);
  let last = min(first + depth, 2u * H);
  let depth_n = (H + slices - 1u) / slices;
  let first_n = min(thread.y * depth_n, H);
  let last_n = min(first_n + depth_n, H);

  for (var s = params.begin; s < params.end; s++) {
    for (var tile = workgroup.y * units; tile < columns; tile += workgroups.y * units) {
      let column = min(tile + thread.x, columns - 1u);
      var sum0 = vec4<f32>();
      var sum1 = vec4<f32>();
      var sum2 = vec4<f32>();
      var sum3 = vec4<f32>();
      if (s > 0u) {
        let after = (params.time - s) * params.batch;
        let at0 = (after + row0) * 3u * H;
        let at1 = (after + row1) * 3u * H;
        let at2 = (after + row2) * 3u * H;
        let at3 = (after + row3) * 3u * H;
        var k = first;
        for (; k + 3u < last; k += 4u) {
          let w = four_weights(k * columns + column, columns);
          sum0 += w * four_of_gates(at0 + k);
          sum1 += w * four_of_gates(at1 + k);
          sum2 += w * four_of_gates(at2 + k);
          sum3 += w * four_of_gates(at3 + k);
        }
        for (; k < last; k++) {
          let w = unpacked(scratch[k * columns + column]);
          sum0 += gates[at0 + k] * w;
          sum1 += gates[at1 + k] * w;
          sum2 += gates[at2 + k] * w;
          sum3 += gates[at3 + k] * w;
        }
        k = first_n;
        for (; k + 3u < last_n; k += 4u) {
          let w = four_weights((2u * H + k) * columns + column, columns);
          sum0 += w * four_of_ghn((after + row0) * H + k);
          sum1 += w * four_of_ghn((after + row1) * H + k);
          sum2 += w * four_of_ghn((after + row2) * H + k);
          sum3 += w * four_of_ghn((after + row3) * H + k);
        }
        for (; k < last_n; k++) {
          let w = unpacked(scratch[(2u * H + k) * columns + column]);
          sum0 += ghn[(after + row0) * H + k] * w;
          sum1 += ghn[(after + row1) * H + k] * w;
          sum2 += ghn[(after + row2) * H + k] * w;
          sum3 += ghn[(after + row3) * H + k] * w;
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
  for (var i = 0u; i < 4u && j + i < params.hidden; i++) {
    if (s == params.time) {
      dh[b * params.hidden + j + i] += sum[i];
    } else {
      step(s, b, j + i, sum[i]);
    }
  }
}

// The gates of one unit at one step, where `recurrent` is what came back through the matmul of the
// step after; dh holds what came around it, or the gradient of the last state.
fn step(s: u32, b: u32, j: u32, recurrent: f32) {
  let H = params.hidden;
  let t = params.time - 1u - s;
  let state = b * H + j;
  let here = (t * params.batch + b) * H + j;
  let at = (t * params.batch + b) * 3u * H + j;
  let dhidden = dh[state] + recurrent + dy[here];
  var previous = 0.0;
  if (t == 0u) { previous = h0[state]; } else { previous = y[here - params.batch * H]; }
  let r = gates[at];
  let z = gates[at + H];
  let n = gates[at + 2u * H];
  let dn = dhidden * (1.0 - z) * (1.0 - n * n);
  gates[at] = dn * ghn[here] * r * (1.0 - r);
  gates[at + H] = dhidden * (previous - n) * z * (1.0 - z);
  gates[at + 2u * H] = dn;
  ghn[here] = dn * r;
  dh[state] = dhidden * z;
}
