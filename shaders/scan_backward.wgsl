// A recurrent layer back through time. `gates` holds what the forward scan kept at first, and the
// gradients of what went into the gates in the end. `dstate` has for each part of the state its
// gradient, which is carried in place from that of the last state to that of the first one; behind
// those, the gradients of the vectors, summed over time. `dy` is that of the highest layer's output.
//
// Steps are counted from the last: step s is the scan's step time - 1 - s. Step `time` gives what the
// first one sends back through the recurrent weights, when end = time + 1. The highest layer comes first.
//
// A column is four neighbouring units, the weights padded by zeros.
const DEPTH = GATES;
const UNITS = 4u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read> states: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dstate: array<f32>;
@group(0) @binding(7) var<storage, read_write> scratch: array<vec4<f32>>;

fn layer_of(wave: u32) -> u32 { return params.layers - 1u - wave; }

fn time_back(s: u32) -> u32 { return time_of(params.time - 1u - s); }

// Rows that make step s.
fn rows_of(s: u32) -> u32 {
  if (s >= params.time) { return 0u; }
  return count_of(time_back(s));
}

// Rows that have made the step after it.
fn rows_after(s: u32) -> u32 {
  if (s == 0u) { return 0u; }
  return count_of(time_back(s - 1u));
}

fn rows_at(s: u32) -> u32 { return max(rows_of(s), rows_after(s)); }

fn value_of(at: u32) -> f32 { return gates[at]; }

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
  let width = SLOTS * params.hidden;
  var sums = mat4x4<f32>();
  if (recurrent == 1u && s > 0u) {
    let after = rows_after(s);
    var own = rows;
    if (ragged == 1u) { own = min(rows, vec4<u32>(after - 1u)); }
    let line = first_row(layer, time_back(s - 1u)) + own;
    sums = through_recurrent(line * width, layer * matrix_size() + column, slice);
    if (ragged == 1u) {
      if (rows.x >= after) { sums[0] = vec4<f32>(); }
      if (rows.y >= after) { sums[1] = vec4<f32>(); }
      if (rows.z >= after) { sums[2] = vec4<f32>(); }
      if (rows.w >= after) { sums[3] = vec4<f32>(); }
    }
  }
  if (layer + 1u < params.layers && s < params.time) {
    let weights = (params.layers + layer) * matrix_size() + column;
    let line = first_row(layer + 1u, time_back(s)) + rows;
    sums += product(line * width, GATES * params.hidden, weights, slice);
  }
  return sums;
}

fn step(layer: u32, s: u32, r: u32, column: u32, sum: vec4<f32>) {
  let H = params.hidden;
  for (var i = 0u; i < 4u && column * 4u + i < H; i++) {
    let j = column * 4u + i;
    if (r < rows_of(s)) {
      unit(layer, s, r, j, sum[i]);
    } else {
      // Its first step was the one after: this is the state before all of them.
      dstate[(layer * params.batch + r) * H + j] += sum[i];
    }
  }
}

// One unit at step s, where `back` is what came back to its output through weights.
fn unit(layer: u32, s: u32, r: u32, j: u32, back: f32) {
  let H = params.hidden;
  let n = params.time - 1u - s;
  let t = time_of(n);
  let row = first_row(layer, t) + r;
  let at = row * SLOTS * H + j;
  let v = layer * (BIASES + VECTORS) * H + j;
  let state = (layer * params.batch + r) * H + j;
  let stride = params.layers * params.batch * H;
  // The first step of the way back has the last state's gradient; the others have none of their own,
  // where nothing goes around the weights.
  let all = CARRIES_OUTPUT || recurrent == 0u || r >= rows_after(s);
  var outer = back;
  if (layer + 1u == params.layers) { outer += dy[(first_row(0u, t) + r) * H + j]; }
  let gradient = cell_gradient(
    load_kept(at, H),
    load_before(previous_row(layer, n, r) * H + j, state_stride()),
    load_after(row * H + j, state_stride()),
    load_vectors(v, H),
    outer,
    load_gradient(state, stride, all),
    load_sums(state, stride),
  );
  store_slots(at, gradient.z);
  store_gradient(state, stride, gradient, all);
}
