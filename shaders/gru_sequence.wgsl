// A GRU over a sequence, the reset gate after the matmul. `gates`, [layers, time, batch, 3 hidden],
// holds the projected input of the first layer and the input's biases of the others at first, and the
// activated gates r, z, n in the end; `ghn` takes what the reset gate multiplies. A column is a unit:
// scratch[k, j] = weight[r, z, n of unit j; k].
//
// The input of a layer above the first reaches n beside the reset gate, not through it. So its share
// is kept apart: in the fourth place of the sums.
const UNITS = 1u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> h0: array<f32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> ghn: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> scratch: array<vec4<f32>>;

fn quad_of(matrix: u32, k: u32, j: u32) -> vec4<f32> {
  let gate = params.hidden * params.hidden;
  let at = matrix * 3u * gate + j * params.hidden + k;
  let n = weight[at + 2u * gate];
  let recurrent = matrix < params.layers;
  return vec4<f32>(
    weight[at], weight[at + gate], select(0.0, n, recurrent), select(n, 0.0, recurrent),
  );
}

fn step(layer: u32, t: u32, b: u32, j: u32, sum: vec4<f32>) {
  let H = params.hidden;
  let row = (layer * params.time + t) * params.batch + b;
  let s = row * H + j;
  let at = row * 3u * H + j;
  let biases = layer * 3u * H + j;
  let r = sigmoid(gates[at] + sum.x + bias[biases]);
  let z = sigmoid(gates[at + H] + sum.y + bias[biases + H]);
  let kept = sum.z + bias[biases + 2u * H];
  let n = stable_tanh(gates[at + 2u * H] + sum.w + r * kept);
  var previous = 0.0;
  if (t == 0u) {
    previous = h0[(layer * params.batch + b) * H + j];
  } else {
    previous = y[s - params.batch * H];
  }
  gates[at] = r;
  gates[at + H] = z;
  gates[at + 2u * H] = n;
  ghn[s] = kept;
  y[s] = (1.0 - z) * n + z * previous;
}
