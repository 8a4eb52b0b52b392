// A GRU back through time. `gates` holds r, z, n at first and the gradients of the projected input in
// the end; `ghn` what the reset gate multiplied at first, and its gradient in the end. With the first
// two gates' that makes up the gradient of the recurrent product.
//
// `dh` gives the gradient of the last state, carries the part that goes around the matmul from step
// to step, and takes that of h0 when end = time + 1.
const DEPTH = 3u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> ghn: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> h0: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dh: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<vec4<f32>>;

const GATES = 0u;
const GHN = 1u;

fn value_of(source: u32, at: u32) -> f32 {
  if (source == GHN) { return ghn[at]; }
  return gates[at];
}

fn through_recurrent(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  let H = params.hidden;
  let n = weights + 2u * H * columns();
  return product(GATES, lines(layer, t, rows, 3u * H), 2u * H, weights, slice) +
      product(GHN, lines(layer, t, rows, H), H, n, slice);
}

fn through_input(layer: u32, t: u32, rows: vec4<u32>, weights: u32, slice: u32) -> mat4x4<f32> {
  let width = 3u * params.hidden;
  return product(GATES, lines(layer, t, rows, width), width, weights, slice);
}

fn step(layer: u32, s: u32, b: u32, column: u32, sum: vec4<f32>) {
  let H = params.hidden;
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    let j = column * 4u + i;
    if (s == params.time) {
      dh[(layer * params.batch + b) * H + j] += sum[i];
    } else {
      unit(layer, params.time - 1u - s, b, j, sum[i]);
    }
  }
}

// The gates of one unit at step t, where `back` is what came back to it through weights; dh holds
// what came around them, or the gradient of the last state.
fn unit(layer: u32, t: u32, b: u32, j: u32, back: f32) {
  let H = params.hidden;
  let state = (layer * params.batch + b) * H + j;
  let row = (layer * params.time + t) * params.batch + b;
  let here = row * H + j;
  let at = row * 3u * H + j;
  var dhidden = dh[state] + back;
  if (layer + 1u == params.layers) { dhidden += dy[(t * params.batch + b) * H + j]; }
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
