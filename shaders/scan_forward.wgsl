// A recurrent layer over time. `gates`, [rows, slots, hidden], holds what the input gives to the gates
// at first, and what the gradient needs in the end. `states` has for each part of the state, the output
// first, its values after every step, and behind them those before the first.
//
// Between steps goes the output, [batch, hidden] as quads. A unit has a sum for each recurrent gate, or in a
// stack one for each slot, as a gate that sees its two products apart needs both.
const DEPTH = 1u;
const WIDTH = 1u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> states: array<f32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<vec4<f32>>;

fn layer_of(wave: u32) -> u32 { return wave; }

fn rows_of(n: u32) -> u32 { return count_of(time_of(n)); }

fn rows_at(n: u32) -> u32 { return rows_of(n); }

// What a column's f-th sum gets from unit k of the step before, or of the layer below.
fn weight_at(layer: u32, recurrent_one: bool, k: u32, column: u32, f: u32) -> f32 {
  let H = params.hidden;
  let unit = column * UNITS + f / SUMS;
  let slot = slot_of(f % SUMS);
  var gate = i32(slot);
  var matrix = params.layers + layer - 1u;
  if (recurrent_one) {
    gate = recurrent_gate(slot);
    matrix = layer;
  } else if (slot >= GATES) {
    gate = -1;
  }
  if (gate < 0 || unit >= H || k >= H) { return 0.0; }
  return weight[((matrix * GATES + u32(gate)) * H + unit) * H + k];
}

// The slot whose sum is the i-th: without a layer below, slots without a recurrent product have none.
fn slot_of(i: u32) -> u32 {
  if (SUMS == SLOTS) { return i; }
  return recurrent_slot(i);
}

fn carried_before(layer: u32, r: u32, quad: u32) -> vec4<f32> {
  let at = previous_row(layer, params.begin, r) * params.hidden;
  var output = vec4<f32>();
  for (var i = 0u; i < 4u && 4u * quad + i < params.hidden; i++) { output[i] = states[at + 4u * quad + i]; }
  return output;
}

fn source_of(k: u32) -> u32 { return k; }

fn span_of(layer: u32, n: u32) -> Span {
  return span(layer, n, 0u, select(depth(), 2u * depth(), layer > 0u));
}

// Quad `quad` of row r, whose sums begin at the i-th vec4 of a row in `parts`. Nothing is stored before all is loaded.
fn four_units(layer: u32, n: u32, r: u32, quad: u32, held: u32, i: u32) {
  let sums = sums_of(held, i);
  let j = 4u * quad;
  let made0 = unit(layer, n, r, j, sums[0]);
  let made1 = unit(layer, n, r, j + 1u, sums[1]);
  let made2 = unit(layer, n, r, j + 2u, sums[2]);
  let made3 = unit(layer, n, r, j + 3u, sums[3]);
  scratch[carried(n + 1u, layer) + r * quads() + quad] = vec4<f32>(
    keep(layer, n, r, j, made0),
    keep(layer, n, r, j + 1u, made1),
    keep(layer, n, r, j + 2u, made2),
    keep(layer, n, r, j + 3u, made3),
  );
}

// The sums of four units, by slot.
fn sums_of(held: u32, i: u32) -> mat4x4<f32> {
  let a = joined(held, i);
  if (SUMS == 1u) {
    return mat4x4<f32>(by_slot(a), by_slot(a.yxxx), by_slot(a.zxxx), by_slot(a.wxxx));
  }
  let b = joined(held, i + 1u);
  if (SUMS == 2u) {
    return mat4x4<f32>(by_slot(a), by_slot(a.zwxx), by_slot(b), by_slot(b.zwxx));
  }
  let c = joined(held, i + 2u);
  if (SUMS == 3u) {
    return mat4x4<f32>(
      by_slot(a),
      by_slot(vec4<f32>(a.w, b.xy, 0.0)),
      by_slot(vec4<f32>(b.zw, c.x, 0.0)),
      by_slot(c.yzwx),
    );
  }
  return mat4x4<f32>(a, b, c, joined(held, i + 3u));
}

// A unit's sums, in the order of its slots.
fn by_slot(sums: vec4<f32>) -> vec4<f32> {
  if (SUMS == SLOTS) { return sums; }
  var all = vec4<f32>();
  for (var i = 0u; i < SUMS; i++) { all[recurrent_slot(i)] = sums[i]; }
  return all;
}

fn unit_alone(n: u32, r: u32, j: u32) {
  let layer = layer_of(0u);
  _ = keep(layer, n, r, j, unit(layer, n, r, j, vec4<f32>()));
}

// One unit at step n; past the last, what is made is that one.
fn unit(layer: u32, n: u32, r: u32, wanted: u32, sum: vec4<f32>) -> Step {
  let H = params.hidden;
  let j = min(wanted, H - 1u);
  let row = first_row(layer, time_of(n)) + r;
  let v = layer * (BIASES + VECTORS) * H + j;
  let before = load_state(previous_row(layer, n, r) * H + j, state_stride());
  return cell(load_slots(row * SLOTS * H + j, v, sum), before, load_vectors(v, H));
}

// Stores it, unless it is past the last one; its output, or 0.
fn keep(layer: u32, n: u32, r: u32, j: u32, made: Step) -> f32 {
  let H = params.hidden;
  if (j >= H) { return 0.0; }
  let row = first_row(layer, time_of(n)) + r;
  store_slots(row * SLOTS * H + j, made.kept);
  store_state(row * H + j, state_stride(), made.next);
  return output_of(made.next);
}
