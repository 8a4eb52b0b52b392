// A recurrent layer over time. `gates`, [rows, slots, hidden], holds what the input gives to the gates
// at first, and what the gradient needs in the end. `states` has for each part of the state, the output
// first, its values after every step, and behind them those before the first.
//
// A column is a unit with up to four slots, two units with two, or four with one: scratch[k, column]
// has the weights of each by unit k of the state before.
const DEPTH = 1u;

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
@group(0) @binding(3) var<storage, read_write> gates: array<f32>;
@group(0) @binding(4) var<storage, read_write> states: array<f32>;
@group(0) @binding(5) var<storage, read_write> scratch: array<vec4<f32>>;

fn layer_of(wave: u32) -> u32 { return wave; }

fn rows_at(n: u32) -> u32 { return count_of(time_of(n)); }

fn value_of(at: u32) -> f32 { return states[at]; }

// A gate that is seen apart takes its recurrent product in a slot of its own.
fn quad_of(matrix: u32, k: u32, column: u32) -> vec4<f32> {
  let H = params.hidden;
  var quad = vec4<f32>();
  for (var i = 0u; i < min(UNITS * SLOTS, 4u); i++) {
    let unit = column * UNITS + i / SLOTS;
    let slot = i % SLOTS;
    var gate = i32(slot);
    if (matrix < params.layers) { gate = recurrent_gate(slot); } else if (slot >= GATES) { gate = -1; }
    if (unit < H && gate >= 0) {
      quad[i] = weight[((matrix * GATES + u32(gate)) * H + unit) * H + k];
    }
  }
  return quad;
}

fn products(layer: u32, n: u32, rows: vec4<u32>, column: u32, slice: u32) -> mat4x4<f32> {
  let H = params.hidden;
  var sums = mat4x4<f32>();
  if (recurrent == 1u) {
    var before = previous_row(layer, n, 0u) + rows;
    if (ragged == 1u) {
      before = vec4<u32>(
        previous_row(layer, n, rows.x),
        previous_row(layer, n, rows.y),
        previous_row(layer, n, rows.z),
        previous_row(layer, n, rows.w),
      );
    }
    sums = product(before * H, H, layer * matrix_size() + column, slice);
  }
  if (layer > 0u) {
    let below = (params.layers + layer - 1u) * matrix_size() + column;
    sums += product((first_row(layer - 1u, time_of(n)) + rows) * H, H, below, slice);
  }
  return sums;
}

fn step(layer: u32, n: u32, r: u32, column: u32, sum: vec4<f32>) {
  for (var i = 0u; i < UNITS; i++) {
    var own = sum;
    if (UNITS == 4u) { own = vec4<f32>(sum[i], 0.0, 0.0, 0.0); }
    if (UNITS == 2u) { own = vec4<f32>(sum[2u * i], sum[2u * i + 1u], 0.0, 0.0); }
    let j = column * UNITS + i;
    if (j < params.hidden) { unit(layer, n, r, j, own); }
  }
}

fn unit(layer: u32, n: u32, r: u32, j: u32, sum: vec4<f32>) {
  let H = params.hidden;
  let row = first_row(layer, time_of(n)) + r;
  let at = row * SLOTS * H + j;
  let v = layer * (BIASES + VECTORS) * H + j;
  let before = load_state(previous_row(layer, n, r) * H + j, state_stride());
  let made = cell(load_slots(at, v, sum), before, load_vectors(v, H));
  store_slots(at, made.kept);
  store_state(row * H + j, state_stride(), made.next);
}
