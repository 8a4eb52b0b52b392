// A step of a recurrent layer for a few rows of the batch, in one dispatch: the product of the output before
// (and of the layer below, where the input is not there by id), and the cell's equations. Matrices lie as
// PyTorch has them, [gates hidden, hidden]; `hidden` is a multiple of four.
//
// A workgroup makes four units of a row. 16 threads share a row of a matrix, a vec4 in turn each; then the
// sums of the 16 come together in workgroup memory.
//
// The cell's functions (`slots_of`, `state_of`, `vectors_of`, `cell`) are made from its equations.
override by_id: u32;

struct Params {
  rows: u32,
  hidden: u32,
}

@group(0) @binding(0) var<storage, read> weight_hh: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> weight_ih: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> id: array<i32>;
@group(0) @binding(4) var<storage, read> vectors: array<f32>;
@group(0) @binding(5) var<storage, read> h: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> next: array<f32>;
@group(0) @binding(7) var<storage, read_write> rest: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

const THREADS = 128u;
const UNITS = 4u;
const LANES = 16u;
// Of each product, and of a workgroup.
const SUMS = GATES * UNITS;

// [product, gate, unit, lane]: the product of h at first.
var<workgroup> parts: array<f32, 2u * SUMS * LANES>;
var<workgroup> sums: array<f32, 2u * SUMS>;

// A lane's part of the products of `line` with row x, in quads. Four weights are on the way at once.
fn part_of_output(line: u32, x: u32, lane: u32) -> f32 {
  let quads = params.hidden / 4u;
  var sum = vec4<f32>();
  var k = lane;
  for (; k + 3u * LANES < quads; k += 4u * LANES) {
    let w0 = weight_hh[line + k];
    let w1 = weight_hh[line + k + LANES];
    let w2 = weight_hh[line + k + 2u * LANES];
    let w3 = weight_hh[line + k + 3u * LANES];
    sum += w0 * h[x + k] + w1 * h[x + k + LANES];
    sum += w2 * h[x + k + 2u * LANES] + w3 * h[x + k + 3u * LANES];
  }
  for (; k < quads; k += LANES) { sum += weight_hh[line + k] * h[x + k]; }
  return dot(sum, vec4<f32>(1.0));
}

// The same of the layer below.
fn part_of_input(line: u32, x: u32, lane: u32) -> f32 {
  let quads = params.hidden / 4u;
  var sum = vec4<f32>();
  var k = lane;
  for (; k + 3u * LANES < quads; k += 4u * LANES) {
    let w0 = weight_ih[line + k];
    let w1 = weight_ih[line + k + LANES];
    let w2 = weight_ih[line + k + 2u * LANES];
    let w3 = weight_ih[line + k + 3u * LANES];
    sum += w0 * input[x + k] + w1 * input[x + k + LANES];
    sum += w2 * input[x + k + 2u * LANES] + w3 * input[x + k + 3u * LANES];
  }
  for (; k < quads; k += LANES) { sum += weight_ih[line + k] * input[x + k]; }
  return dot(sum, vec4<f32>(1.0));
}

// What the gate gets from the input.
fn from_input(row: u32, gate: u32, j: u32) -> f32 {
  if (by_id == 0u) { return sums[SUMS + gate * UNITS + j % UNITS]; }
  let at = (u32(id[row]) * GATES + gate) * params.hidden + j;
  return input[at / 4u][at % 4u];
}

fn unit(row: u32, j: u32) {
  let H = params.hidden;
  var x = array<f32, GATES>();
  var hs = array<f32, GATES>();
  for (var gate = 0u; gate < GATES; gate++) {
    x[gate] = from_input(row, gate, j) + vectors[gate * H + j];
    if (DENSE) { hs[gate] = sums[gate * UNITS + j % UNITS]; }
    if (BIASES > 0u) { hs[gate] += vectors[(GATES + gate) * H + j]; }
  }
  var v = array<f32, max(VECTORS, 1u)>();
  for (var i = 0u; i < VECTORS; i++) { v[i] = vectors[(GATES + BIASES + i) * H + j]; }
  var s = array<f32, STATES>();
  s[0] = h[(row * H + j) / 4u][j % 4u];
  for (var i = 1u; i < STATES; i++) { s[i] = rest[((i - 1u) * params.rows + row) * H + j]; }
  let made = cell(slots_of(x, hs), state_of(s), vectors_of(v));
  next[row * H + j] = made[0];
  for (var i = 1u; i < STATES; i++) { rest[((i - 1u) * params.rows + row) * H + j] = made[i]; }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let row = workgroup.y;
  let first = workgroup.x * UNITS;
  let quads = params.hidden / 4u;
  let lane = local % LANES;
  for (var i = local / LANES; i < SUMS; i += THREADS / LANES) {
    let line = (i / UNITS * params.hidden + first + i % UNITS) * quads;
    if (DENSE) { parts[i * LANES + lane] = part_of_output(line, row * quads, lane); }
    if (by_id == 0u) { parts[(SUMS + i) * LANES + lane] = part_of_input(line, row * quads, lane); }
  }
  workgroupBarrier();
  for (var i = local; i < 2u * SUMS; i += THREADS) {
    var sum = 0.0;
    if ((i < SUMS && DENSE) || (i >= SUMS && by_id == 0u)) {
      for (var k = 0u; k < LANES; k++) { sum += parts[i * LANES + k]; }
    }
    sums[i] = sum;
  }
  workgroupBarrier();
  if (local < UNITS) { unit(row, first + local); }
}
