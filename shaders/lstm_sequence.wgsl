// An LSTM over a sequence. `gates`, [layers, time, batch, 4 hidden], holds the projected input of the
// first layer and the biases of the others at first, and the activated gates i, f, g, o in the end.
// A column is a unit: scratch[k, j] = weight[i, f, g, o of unit j; k].
const UNITS = 1u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> h0: array<f32>;
@group(0) @binding(2) var<storage, read> c0: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> scratch: array<vec4<f32>>;

fn quad_of(matrix: u32, k: u32, j: u32) -> vec4<f32> {
  let gate = params.hidden * params.hidden;
  let at = matrix * 4u * gate + j * params.hidden + k;
  return vec4<f32>(weight[at], weight[at + gate], weight[at + 2u * gate], weight[at + 3u * gate]);
}

fn step(layer: u32, t: u32, b: u32, j: u32, sum: vec4<f32>) {
  let H = params.hidden;
  let row = (layer * params.time + t) * params.batch + b;
  let s = row * H + j;
  let at = row * 4u * H + j;
  let i = sigmoid(gates[at] + sum.x);
  let f = sigmoid(gates[at + H] + sum.y);
  let g = stable_tanh(gates[at + 2u * H] + sum.z);
  let o = sigmoid(gates[at + 3u * H] + sum.w);
  var previous = 0.0;
  if (t == 0u) {
    previous = c0[(layer * params.batch + b) * H + j];
  } else {
    previous = c[s - params.batch * H];
  }
  let cell = f * previous + i * g;
  gates[at] = i;
  gates[at + H] = f;
  gates[at + 2u * H] = g;
  gates[at + 3u * H] = o;
  c[s] = cell;
  y[s] = o * stable_tanh(cell);
}
