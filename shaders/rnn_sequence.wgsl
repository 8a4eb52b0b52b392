// A vanilla network over a sequence. `y`, [layers, time, batch, hidden], holds the projected input of
// the first layer and the biases of the others at first, and the hidden states in the end. A column is
// four neighbouring units: scratch[k, q] = weight[4 q to 4 q + 3; k], padded by zeros.
override nonlinearity: u32;

const UNITS = 4u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> h0: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> scratch: array<vec4<f32>>;

fn quad_of(matrix: u32, k: u32, column: u32) -> vec4<f32> {
  let H = params.hidden;
  var quad = vec4<f32>();
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    quad[i] = weight[(matrix * H + column * 4u + i) * H + k];
  }
  return quad;
}

fn step(layer: u32, t: u32, b: u32, column: u32, sum: vec4<f32>) {
  let H = params.hidden;
  let at = ((layer * params.time + t) * params.batch + b) * H;
  for (var j = column * 4u; j < min(column * 4u + 4u, H); j++) {
    y[at + j] = nonlinear(y[at + j] + sum[j % 4u]);
  }
}

fn nonlinear(z: f32) -> f32 {
  if (nonlinearity == 1u) { return max(z, 0.0); }
  if (nonlinearity == 2u) { return sigmoid(z); }
  return stable_tanh(z);
}
