// A character model writes: recurrent layers, a linear layer to the logits, and a draw (lib/draw.wgsl), one
// character after the other. A workgroup is a stream, and makes `count` characters, each from the one before
// (`id`); its state stays in workgroup memory meanwhile.
//
// `weights` has the matrices of `hidden` columns one behind the other: the layers' recurrent ones, the input
// ones of all layers but the first, the one of the logits. Each lies [hidden, quads], quad q of a column
// with its rows q, q + quads, q + 2 quads and q + 3 quads, so that neighbouring threads read neighbouring
// quads and write neighbouring sums. `table`, [vocabulary, gates hidden], is what the first layer's
// input matrix makes of a character. `vectors` has for each layer the biases of the input, those of
// the recurrent product where a gate sees it apart, and the cell's vectors, each of `hidden`; then the biases
// of the logits.
//
// The cell's functions (`slots_of`, `state_of`, `vectors_of`, `cell`) are made from its equations.
//
// Sizes are uniforms: where they are known, compilers write the loops out, which takes minutes on some.
override threads: u32;
// Floats of `sums`, `state` and `odds`.
override sum_floats: u32;
override state_floats: u32;
override odds_floats: u32;

struct Params {
  layers: u32,
  hidden: u32,
  vocabulary: u32,
  // Where the sums begin of the product with the layer below, and the logits'.
  input_sums: u32,
  streams: u32,
  count: u32,
  capacity: u32,
}

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> settings: array<f32>;
@group(0) @binding(4) var<storage, read_write> cursor: array<u32>;
@group(0) @binding(5) var<storage, read_write> id: array<i32>;
@group(0) @binding(6) var<storage, read_write> drawn: array<i32>;
@group(0) @binding(7) var<storage, read_write> states: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

// Of products, in all slices of their depth.
var<workgroup> sums: array<f32, sum_floats>;
// [STATES, layers, hidden]
var<workgroup> state: array<f32, state_floats>;
// The weights of the draw, and behind them the logits, then the weights that stay.
var<workgroup> odds: array<f32, odds_floats>;

fn logit(i: u32) -> f32 { return odds[params.vocabulary + i]; }

fn weight(i: u32) -> f32 { return odds[i]; }

fn set_weight(i: u32, value: f32) { odds[i] = value; }

fn quads_of(rows: u32) -> u32 { return (rows + 3u) / 4u; }

// Where few quads leave threads idle, several share the depth of each.
fn slices_of(quads: u32) -> u32 { return max(threads / quads, 1u); }

// Of a layer's output, in `state`.
fn output_of(layer: u32) -> u32 { return layer * params.hidden; }

// The matrix from `matrix` on by the layer's output from `x` on, to `sums` from `to` on, a slice behind
// the other.
fn product(local: u32, matrix: u32, rows: u32, x: u32, to: u32) {
  let quads = quads_of(rows);
  let slices = slices_of(quads);
  let share = (params.hidden + slices - 1u) / slices;
  for (var i = local; i < slices * quads; i += threads) {
    let slice = i / quads;
    let quad = i % quads;
    let end = min((slice + 1u) * share, params.hidden);
    var sum = vec4<f32>();
    var k = slice * share;
    // Sixteen depths at a time, then eight: their weights are on the way before the first of them is needed.
    for (; k + 15u < end; k += 16u) {
      let at = matrix + k * quads + quad;
      let w0 = weights[at];
      let w1 = weights[at + quads];
      let w2 = weights[at + 2u * quads];
      let w3 = weights[at + 3u * quads];
      let w4 = weights[at + 4u * quads];
      let w5 = weights[at + 5u * quads];
      let w6 = weights[at + 6u * quads];
      let w7 = weights[at + 7u * quads];
      let w8 = weights[at + 8u * quads];
      let w9 = weights[at + 9u * quads];
      let w10 = weights[at + 10u * quads];
      let w11 = weights[at + 11u * quads];
      let w12 = weights[at + 12u * quads];
      let w13 = weights[at + 13u * quads];
      let w14 = weights[at + 14u * quads];
      let w15 = weights[at + 15u * quads];
      sum += state[x + k] * w0 + state[x + k + 1u] * w1;
      sum += state[x + k + 2u] * w2 + state[x + k + 3u] * w3;
      sum += state[x + k + 4u] * w4 + state[x + k + 5u] * w5;
      sum += state[x + k + 6u] * w6 + state[x + k + 7u] * w7;
      sum += state[x + k + 8u] * w8 + state[x + k + 9u] * w9;
      sum += state[x + k + 10u] * w10 + state[x + k + 11u] * w11;
      sum += state[x + k + 12u] * w12 + state[x + k + 13u] * w13;
      sum += state[x + k + 14u] * w14 + state[x + k + 15u] * w15;
    }
    for (; k + 7u < end; k += 8u) {
      let at = matrix + k * quads + quad;
      let w0 = weights[at];
      let w1 = weights[at + quads];
      let w2 = weights[at + 2u * quads];
      let w3 = weights[at + 3u * quads];
      let w4 = weights[at + 4u * quads];
      let w5 = weights[at + 5u * quads];
      let w6 = weights[at + 6u * quads];
      let w7 = weights[at + 7u * quads];
      sum += state[x + k] * w0 + state[x + k + 1u] * w1;
      sum += state[x + k + 2u] * w2 + state[x + k + 3u] * w3;
      sum += state[x + k + 4u] * w4 + state[x + k + 5u] * w5;
      sum += state[x + k + 6u] * w6 + state[x + k + 7u] * w7;
    }
    for (; k < end; k++) { sum += state[x + k] * weights[matrix + k * quads + quad]; }
    let place = to + slice * 4u * quads + quad;
    sums[place] = sum.x;
    sums[place + quads] = sum.y;
    sums[place + 2u * quads] = sum.z;
    sums[place + 3u * quads] = sum.w;
  }
}

// A row of the product, from all its slices.
fn sum_of(at: u32, rows: u32, row: u32) -> f32 {
  let quads = quads_of(rows);
  var sum = 0.0;
  for (var slice = 0u; slice < slices_of(quads); slice++) { sum += sums[at + slice * 4u * quads + row]; }
  return sum;
}

// A step of unit j, from the sums of both products.
fn unit(layer: u32, character: u32, j: u32) {
  let rows = GATES * params.hidden;
  let own = layer * (GATES + BIASES + VECTORS) * params.hidden + j;
  var x = array<f32, GATES>();
  var h = array<f32, GATES>();
  for (var gate = 0u; gate < GATES; gate++) {
    let row = gate * params.hidden + j;
    x[gate] = vectors[own + gate * params.hidden];
    if (layer == 0u) { x[gate] += table[character * rows + row]; } else { x[gate] += sum_of(params.input_sums, rows, row); }
    if (DENSE) { h[gate] = sum_of(0u, rows, row); }
    if (BIASES > 0u) { h[gate] += vectors[own + (GATES + gate) * params.hidden]; }
  }
  var v = array<f32, max(VECTORS, 1u)>();
  for (var i = 0u; i < VECTORS; i++) { v[i] = vectors[own + (GATES + BIASES + i) * params.hidden]; }
  var s = array<f32, STATES>();
  for (var i = 0u; i < STATES; i++) { s[i] = state[i * params.layers * params.hidden + output_of(layer) + j]; }
  let next = cell(slots_of(x, h), state_of(s), vectors_of(v));
  for (var i = 0u; i < STATES; i++) { state[i * params.layers * params.hidden + output_of(layer) + j] = next[i]; }
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let stream = workgroup_index(workgroup, workgroups);
  if (stream >= params.streams) { return; }
  let rows = GATES * params.hidden;
  let matrix = params.hidden * quads_of(rows);
  let inputs = select(0u, params.layers * matrix, DENSE);
  let decoder = inputs + (params.layers - 1u) * matrix;
  // `states` is [STATES layers, streams, hidden].
  for (var i = local; i < STATES * params.layers * params.hidden; i += threads) {
    state[i] = states[(i / params.hidden * params.streams + stream) * params.hidden + i % params.hidden];
  }
  var character = u32(id[stream]);
  let begin = cursor[4u * stream + 2u];
  let key = vec2<u32>(cursor[4u * stream], cursor[4u * stream + 1u]);
  workgroupBarrier();

  for (var n = 0u; n < params.count; n++) {
    for (var layer = 0u; layer < params.layers; layer++) {
      if (DENSE) { product(local, layer * matrix, rows, output_of(layer), 0u); }
      if (layer > 0u) { product(local, inputs + (layer - 1u) * matrix, rows, output_of(layer - 1u), params.input_sums); }
      workgroupBarrier();
      for (var j = local; j < params.hidden; j += threads) { unit(layer, character, j); }
      workgroupBarrier();
    }
    product(local, decoder, params.vocabulary, output_of(params.layers - 1u), params.input_sums);
    workgroupBarrier();
    for (var i = local; i < params.vocabulary; i += threads) {
      let bias = vectors[params.layers * (GATES + BIASES + VECTORS) * params.hidden + i];
      odds[params.vocabulary + i] = bias + sum_of(params.input_sums, params.vocabulary, i);
    }
    workgroupBarrier();
    let block = philox(vec4<u32>(begin + n, cursor[4u * stream + 3u], 0u, 0u), key);
    character = draw(local, params.vocabulary, to_uniform(block.x));
    if (local == 0u) { drawn[stream * params.capacity + (begin + n) % params.capacity] = i32(character); }
  }

  for (var i = local; i < STATES * params.layers * params.hidden; i += threads) {
    states[(i / params.hidden * params.streams + stream) * params.hidden + i % params.hidden] = state[i];
  }
  // Each has read them before the first draw.
  if (local == 0u && params.count > 0u) {
    id[stream] = i32(character);
    cursor[4u * stream + 2u] = begin + params.count;
  }
}
