// A sweep forward: the state before a step, and for all layers but the first what the layer below
// made of the same step, by their weights. The shader has y, [layers, time, batch, hidden], and h0.
const DEPTH = 1u;

const H0 = 0u;
const Y = 1u;

fn layer_of(turn: u32) -> u32 { return turn; }

fn value_of(source: u32, at: u32) -> f32 {
  if (source == H0) { return h0[at]; }
  return y[at];
}

fn products(layer: u32, t: u32, rows: vec4<u32>, column: u32, slice: u32) -> mat4x4<f32> {
  let H = params.hidden;
  let own = layer * matrix_size() + column;
  var sums: mat4x4<f32>;
  if (t == 0u) {
    sums = product(H0, (layer * params.batch + rows) * H, H, own, slice);
  } else {
    sums = product(Y, lines(layer, t - 1u, rows, H), H, own, slice);
  }
  if (layer > 0u) {
    let below = (params.layers + layer - 1u) * matrix_size() + column;
    sums += product(Y, lines(layer - 1u, t, rows, H), H, below, slice);
  }
  return sums;
}
