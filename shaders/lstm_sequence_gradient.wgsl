// An LSTM back through time. `gates` holds the activated gates at first and the gradients of what
// went into them in the end.
//
// dh of step t is what comes back to it, and dy[t] in the highest layer; `dh` gives it for the last
// step, and takes it for the state before the first one when end = time + 1. `dc` is carried in place.
const DEPTH = 4u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read> c0: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dh: array<f32>;
@group(0) @binding(6) var<storage, read_write> dc: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<vec4<f32>>;

const GATES = 0u;

fn value_of(source: u32, at: u32) -> f32 { return gates[at]; }

fn through_recurrent(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  let width = 4u * params.hidden;
  return product(GATES, lines(layer, t, rows, width), width, weights, slice);
}

fn through_input(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  return through_recurrent(layer, t, rows, weights, slice);
}

fn step(layer: u32, s: u32, b: u32, column: u32, sum: vec4<f32>) {
  let H = params.hidden;
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    let j = column * 4u + i;
    if (s == params.time) {
      dh[(layer * params.batch + b) * H + j] = sum[i];
    } else {
      unit(layer, params.time - 1u - s, b, j, sum[i]);
    }
  }
}

// The gates of one unit at step t, where `back` is what came back to it.
fn unit(layer: u32, t: u32, b: u32, j: u32, back: f32) {
  let H = params.hidden;
  let state = (layer * params.batch + b) * H + j;
  let row = (layer * params.time + t) * params.batch + b;
  let here = row * H + j;
  let at = row * 4u * H + j;
  var dhidden = back;
  if (layer + 1u == params.layers) { dhidden += dy[(t * params.batch + b) * H + j]; }
  if (t + 1u == params.time) { dhidden += dh[state]; }
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
