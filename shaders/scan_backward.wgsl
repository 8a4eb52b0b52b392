// A recurrent layer back through time. `gates` holds what the forward scan kept at first, and the
// gradients of what went into the gates in the end. `dstate` has for each part of the state its
// gradient, which is carried in place from that of the last state to that of the first one; behind
// those, the gradients of the vectors, summed over time. `dy` is that of the highest layer's output.
//
// Steps are counted from the last: step s is the scan's step time - 1 - s. Step `time` gives what the
// first one sends back through the recurrent weights, when end = time + 1. The highest layer comes first.
//
// Between steps go the gradients of the slots, [batch, slots, hidden] as quads; a unit has one sum, what comes
// back to its output.
const DEPTH = GATES;
const WIDTH = SLOTS;

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

// What a column's f-th unit gets from gate k / hidden of the step after, or of the layer above.
fn weight_at(wave: u32, recurrent_one: bool, k: u32, column: u32, f: u32) -> f32 {
  let H = params.hidden;
  let unit = column * UNITS + f;
  let gate = k / (4u * quads());
  let row = k % (4u * quads());
  if (unit >= H || row >= H) { return 0.0; }
  let layer = layer_of(wave);
  let matrix = select(params.layers + layer, layer, recurrent_one);
  return weight[((matrix * GATES + gate) * H + row) * H + unit];
}

// Zeros, for rows that begin later.
fn carried_before(layer: u32, r: u32, quad: u32) -> vec4<f32> {
  let H = params.hidden;
  var gradients = vec4<f32>();
  if (params.begin == 0u || r >= rows_after(params.begin)) { return gradients; }
  let row = first_row(layer, time_back(params.begin - 1u)) + r;
  let at = (row * SLOTS + quad / quads()) * H;
  let j = quad % quads() * 4u;
  for (var i = 0u; i < 4u && j + i < H; i++) { gradients[i] = gates[at + j + i]; }
  return gradients;
}

// Where the gradient of the gate lies whose weights have depth k.
fn source_of(k: u32) -> u32 { return recurrent_source(k, quads()); }

// Nothing comes back to the first step, and from the layer above nothing to the state before all steps.
fn span_of(wave: u32, s: u32) -> Span {
  let first = select(0u, depth(), s == 0u);
  return span(wave, s, first, select(depth(), 2u * depth(), wave > 0u && s < params.time));
}

// Quad `quad` of row r, whose sums are the i-th vec4 of a row in `parts`. Nothing is stored before all is loaded.
fn four_units(wave: u32, s: u32, r: u32, quad: u32, held: u32, i: u32) {
  let layer = layer_of(wave);
  let sums = joined(held, i);
  let j = 4u * quad;
  if (r >= rows_of(s)) {
    // Its first step was the one after: this is the state before all of them.
    let at = (layer * params.batch + r) * params.hidden;
    for (var u = 0u; u < 4u && j + u < params.hidden; u++) { dstate[at + j + u] += sums[u]; }
    return;
  }
  let gradient0 = unit(layer, s, r, j, sums[0]);
  let gradient1 = unit(layer, s, r, j + 1u, sums[1]);
  let gradient2 = unit(layer, s, r, j + 2u, sums[2]);
  let gradient3 = unit(layer, s, r, j + 3u, sums[3]);
  let by_slot = transpose(mat4x4<f32>(
    keep(layer, s, r, j, gradient0),
    keep(layer, s, r, j + 1u, gradient1),
    keep(layer, s, r, j + 2u, gradient2),
    keep(layer, s, r, j + 3u, gradient3),
  ));
  let at = carried(s + 1u, wave) + r * WIDTH * quads() + quad;
  scratch[at] = by_slot[0];
  if (SLOTS > 1u) { scratch[at + quads()] = by_slot[1]; }
  if (SLOTS > 2u) { scratch[at + 2u * quads()] = by_slot[2]; }
  if (SLOTS > 3u) { scratch[at + 3u * quads()] = by_slot[3]; }
}

fn unit_alone(s: u32, r: u32, j: u32) {
  let layer = layer_of(0u);
  _ = keep(layer, s, r, j, unit(layer, s, r, j, 0.0));
}

// Where a unit has its state's gradient; the first step of the way back has the last state's, the others have
// none of their own output's, where nothing goes around the weights.
struct Own { at: u32, stride: u32, all: bool }

fn own_of(layer: u32, s: u32, r: u32, j: u32) -> Own {
  let at = (layer * params.batch + r) * params.hidden + j;
  let all = CARRIES_OUTPUT || recurrent == 0u || r >= rows_after(s);
  return Own(at, params.layers * params.batch * params.hidden, all);
}

// One unit at step s, where `back` is what came back to its output through weights; past the last, it is that one.
fn unit(layer: u32, s: u32, r: u32, wanted: u32, back: f32) -> Gradient {
  let H = params.hidden;
  let j = min(wanted, H - 1u);
  let n = params.time - 1u - s;
  let t = time_of(n);
  let row = first_row(layer, t) + r;
  let own = own_of(layer, s, r, j);
  var outer = back;
  if (layer + 1u == params.layers) { outer += dy[(first_row(0u, t) + r) * H + j]; }
  return cell_gradient(
    load_kept(row * SLOTS * H + j, H),
    load_before(previous_row(layer, n, r) * H + j, state_stride()),
    load_after(row * H + j, state_stride()),
    load_vectors(layer * (BIASES + VECTORS) * H + j, H),
    outer,
    load_gradient(own.at, own.stride, own.all),
    load_sums(own.at, own.stride),
  );
}

// Stores it, unless it is past the last one; the gradients of its slots, or zeros.
fn keep(layer: u32, s: u32, r: u32, j: u32, gradient: Gradient) -> vec4<f32> {
  let H = params.hidden;
  if (j >= H) { return vec4<f32>(); }
  let own = own_of(layer, s, r, j);
  store_slots((first_row(layer, time_back(s)) + r) * SLOTS * H + j, gradient.z);
  store_gradient(own.at, own.stride, gradient, own.all);
  return in_order(gradient.z);
}
