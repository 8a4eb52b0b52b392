// A sweep back through time. Steps are counted from the last: step s is at t = time - 1 - s, and step
// `time` is the state before the first one. The highest layer comes first. A column is four
// neighbouring units, the weights padded by zeros; the shader has DEPTH, the rows of a matrix in
// hiddens.
const UNITS = 4u;

fn layer_of(turn: u32) -> u32 { return params.layers - 1u - turn; }

fn quad_of(matrix: u32, k: u32, column: u32) -> vec4<f32> {
  let H = params.hidden;
  var quad = vec4<f32>();
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    quad[i] = weight[(matrix * DEPTH * H + k) * H + column * 4u + i];
  }
  return quad;
}

// What comes back to `layer` at step s: through its recurrent weights from the step after, and through
// the input weights of the layer above from the same step.
fn products(layer: u32, s: u32, rows: vec4<u32>, column: u32, slice: u32) -> mat4x4<f32> {
  var sums = mat4x4<f32>();
  if (s > 0u) {
    sums = through_recurrent(layer, params.time - s, rows, layer * matrix_size() + column, slice);
  }
  if (layer + 1u < params.layers && s < params.time) {
    let weights = (params.layers + layer) * matrix_size() + column;
    sums += through_input(layer + 1u, params.time - 1u - s, rows, weights, slice);
  }
  return sums;
}
