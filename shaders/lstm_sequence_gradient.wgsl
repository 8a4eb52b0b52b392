// Steps back through time, counted from the last: step s is at t = time - 1 - s. `gates` holds the
// activated gates at first and the gradients of what went into them in the end.
//
// dh of step t is dy[t] plus the product of the next step's gate gradients with the recurrent
// weights; `dh` gives it for the last step, and takes it for the state before the first one when
// end = time + 1. `dc` is carried in place.
//
// The shape of a dispatch is as in lstm_sequence.wgsl, a column being four neighbouring units:
// scratch[k, q] = weight[k; 4 q to 4 q + 3], padded by zeros.
struct Params {
  time: u32,
  batch: u32,
  hidden: u32,
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read> c0: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dh: array<f32>;
@group(0) @binding(6) var<storage, read_write> dc: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<Quad>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  if (index >= 4u * H * columns) { return; }
  let k = index / columns;
  let j = index % columns * 4u;
  var quad = vec4<f32>();
  for (var i = 0u; i < 4u && j + i < H; i++) { quad[i] = weight[k * H + j + i]; }
  scratch[index] = packed(quad);
}

fn four_of_gates(at: u32) -> vec4<f32> {
  return vec4<f32>(gates[at], gates[at + 1u], gates[at + 2u], gates[at + 3u]);
}

@compute @workgroup_size(units, slices)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let H = params.hidden;
  let columns = (H + 3u) / 4u;
  let row = workgroup.x * 4u;
  let highest = params.batch - 1u;
  let at0 = min(row, highest) * 4u * H;
  let at1 = min(row + 1u, highest) * 4u * H;
  let at2 = min(row + 2u, highest) * 4u * H;
  let at3 = min(row + 3u, highest) * 4u * H;
  let depth = 4u * H / slices;
  let first = thread.y * depth;
  let last = first + depth;

  for (var s = params.begin; s < params.end; s++) {
    for (var tile = workgroup.y * units; tile < columns; tile += workgroups.y * units) {
      let column = min(tile + thread.x, columns - 1u);
      var sum0 = vec4<f32>();
      var sum1 = vec4<f32>();
      var sum2 = vec4<f32>();
      var sum3 = vec4<f32>();
      if (s > 0u) {
        let after = (params.time - s) * params.batch * 4u * H;
        var k = first;
        for (; k + 3u < last; k += 4u) {
          let w = four_weights(k * columns + column, columns);
          sum0 += w * four_of_gates(after + at0 + k);
          sum1 += w * four_of_gates(after + at1 + k);
          sum2 += w * four_of_gates(after + at2 + k);
          sum3 += w * four_of_gates(after + at3 + k);
        }
        for (; k < last; k++) {
          let w = unpacked(scratch[k * columns + column]);
          sum0 += gates[after + at0 + k] * w;
          sum1 += gates[after + at1 + k] * w;
          sum2 += gates[after + at2 + k] * w;
          sum3 += gates[after + at3 + k] * w;
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
      dh[b * params.hidden + j + i] = sum[i];
    } else {
      step(s, b, j + i, sum[i]);
    }
  }
}

// The gates of one unit at one step, where `recurrent` is what came back from the step after.
fn step(s: u32, b: u32, j: u32, recurrent: f32) {
  let H = params.hidden;
  let t = params.time - 1u - s;
  let state = b * H + j;
  let here = (t * params.batch + b) * H + j;
  let at = (t * params.batch + b) * 4u * H + j;
  var dhidden = recurrent + dy[here];
  if (s == 0u) { dhidden += dh[state]; }
  var previous = 0.0;
  if (t == 0u) { previous = c0[state]; } else { previous = c[here - params.batch * H]; }
  let i = gates[at];
  let f = gates[at + H];
  let g = gates[at + 2u * H];
  let o = gates[at + 3u * H];
  let squashed = stable_tanh(c[here]);
  let dcell = dc[state] + dhidden * o * (1.0 - squashed * squashed);
  gates[at] = dcell * g * i * (1.0 - i);
  gates[at + H] = dcell * previous * f * (1.0 - f);
  gates[at + 2u * H] = dcell * i * (1.0 - g * g);
  gates[at + 3u * H] = dhidden * squashed * o * (1.0 - o);
  dc[state] = dcell * f;
}
