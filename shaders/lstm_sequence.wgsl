// Steps begin to end - 1 of an LSTM over a sequence. `gates` holds the projected input at first,
// [time, batch, 4 hidden], and the activated gates i, f, g, o in the end.
//
// `pack` lays the recurrent weights out so that a thread reads the four gates of a unit at once,
// beside those of its neighbours: scratch[k, j] = weight[i, f, g, o of unit j; k].
//
// A workgroup makes 4 rows of the batch. A dispatch with one column of workgroups may make many
// steps: each workgroup then holds all units of its rows and needs nobody else's. Otherwise the
// units are spread over a row of workgroups, and a dispatch makes one step.
struct Params {
  time: u32,
  batch: u32,
  hidden: u32,
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> h0: array<f32>;
@group(0) @binding(2) var<storage, read> c0: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> scratch: array<Quad>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let H = params.hidden;
  if (index >= H * H) { return; }
  let k = index / H;
  let at = index % H * H + k;
  let gate = H * H;
  let quad =
      vec4<f32>(weight[at], weight[at + gate], weight[at + 2u * gate], weight[at + 3u * gate]);
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
    for (var tile = workgroup.y * units; tile < H; tile += workgroups.y * units) {
      let j = min(tile + thread.x, H - 1u);
      var sum0 = vec4<f32>();
      var sum1 = vec4<f32>();
      var sum2 = vec4<f32>();
      var sum3 = vec4<f32>();
      if (t == 0u) {
        for (var k = first; k < last; k++) {
          let w = unpacked(scratch[k * H + j]);
          sum0 += h0[at0 + k] * w;
          sum1 += h0[at1 + k] * w;
          sum2 += h0[at2 + k] * w;
          sum3 += h0[at3 + k] * w;
        }
      } else {
        let before = (t - 1u) * params.batch * H;
        var k = first;
        for (; k + 3u < last; k += 4u) {
          let w = four_weights(k * H + j, H);
          sum0 += w * four_of_y(before + at0 + k);
          sum1 += w * four_of_y(before + at1 + k);
          sum2 += w * four_of_y(before + at2 + k);
          sum3 += w * four_of_y(before + at3 + k);
        }
        for (; k < last; k++) {
          let w = unpacked(scratch[k * H + j]);
          sum0 += y[before + at0 + k] * w;
          sum1 += y[before + at1 + k] * w;
          sum2 += y[before + at2 + k] * w;
          sum3 += y[before + at3 + k] * w;
        }
      }
      let within = tile + thread.x < H;
      if (slices == 4u) {
        let sum = join_quarters(thread.x, thread.y, sum0, sum1, sum2, sum3);
        if (within) { step(t, row + thread.y, j, sum); }
      } else if (within) {
        step(t, row, j, sum0);
        step(t, row + 1u, j, sum1);
        step(t, row + 2u, j, sum2);
        step(t, row + 3u, j, sum3);
      }
    }
    storageBarrier();
  }
}

// The gates of one unit at one step, where `sum` is the recurrent product.
fn step(t: u32, b: u32, j: u32, sum: vec4<f32>) {
  if (b >= params.batch) { return; }
  let H = params.hidden;
  let s = (t * params.batch + b) * H + j;
  let at = (t * params.batch + b) * 4u * H + j;
  let i = sigmoid(gates[at] + sum.x);
  let f = sigmoid(gates[at + H] + sum.y);
  let g = stable_tanh(gates[at + 2u * H] + sum.z);
  let o = sigmoid(gates[at + 3u * H] + sum.w);
  var previous = 0.0;
  if (t == 0u) { previous = c0[b * H + j]; } else { previous = c[s - params.batch * H]; }
  let cell = f * previous + i * g;
  gates[at] = i;
  gates[at + H] = f;
  gates[at + 2u * H] = g;
  gates[at + 3u * H] = o;
  c[s] = cell;
  y[s] = o * stable_tanh(cell);
}
