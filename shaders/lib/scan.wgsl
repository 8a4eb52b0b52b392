// A scan over time, of one layer or of several, as products of small tiles.
//
// A tile is LINES * ROWS rows of the batch by LANES columns, a column being UNITS units with SUMS sums each:
// QUADS vec4s. A thread has one column of ROWS rows, and sums a share of the depth: SLICES threads have the
// same ones. `product` is written out for a tile's size, so that the sums lie in registers, and so is `join`,
// which brings the slices together in `parts` and calls `finish` (src/kernels/webgpu/scan_source.ts writes both). There
// a thread takes four units of a row to their end.
//
// `scratch` has the weights first, a matrix after the other: quad q of a column c at depth k lies at
// (k QUADS + q) columns + c, so that neighbouring threads read neighbouring quads. Behind them is what a step
// leaves for the next one, the operand of its product: for each step of a ring, each layer and each row, WIDTH
// times `quads()` quads, in steps that take turns.
//
// A dispatch with one column of workgroups may make many steps: each workgroup then holds all columns
// of its rows and needs nobody else's. Otherwise the columns are spread over a row of workgroups, and
// a dispatch makes one step.
//
// Layers move as a wavefront: workgroup.z counts them in the order in which they depend on each other,
// and each is `lag` steps behind the one before it, so that what it needs of that was made by an
// earlier dispatch. The ring is long enough for both.
//
// The shader that this is joined with has DEPTH, the depth of a matrix of weights in hiddens; WIDTH;
// `layer_of`; `weight_at`; `rows_of` and `rows_at`, the rows that a step makes and those that it has anything
// for; `carried_before`, what the first step finds; `source_of`; `span_of`, which part of its depth a step
// needs; `four_units`, what it makes of the sums, and `unit_alone`, of one unit without any. The cell's own
// functions are made from its equations (shaders/cells/ has those of the library).

const TILE_ROWS = LINES * ROWS;
const THREADS = LANES * LINES * SLICES;
// Quads of units in a row of a tile.
const ACROSS = LANES * UNITS / 4u;

fn columns() -> u32 { return (params.hidden + UNITS - 1u) / UNITS; }

// Of four units each, those of a row of the batch; the last may have fewer.
fn quads() -> u32 { return (params.hidden + 3u) / 4u; }

// Depth of one matrix, in quads.
fn depth() -> u32 { return DEPTH * quads(); }

// vec4s of one matrix.
fn matrix_size() -> u32 { return 4u * depth() * QUADS * columns(); }

// Of a layer, its recurrent matrix, and behind that the one for what it gets from the layer before it, which
// the first in the wavefront does without.
fn weights_of(wave: u32) -> u32 { return select(2u * wave - 1u, 0u, wave == 0u) * matrix_size(); }

// Where the operand of step n lies, for row 0 of a layer.
fn carried(n: u32, wave: u32) -> u32 {
  let before = (2u * params.layers - 1u) * matrix_size();
  return before + (n % params.ring * params.layers + wave) * params.batch * WIDTH * quads();
}

// Lays the weights out, and what the first step finds in every step of the ring.
@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let weights = (2u * params.layers - 1u) * matrix_size();
  if (index < weights) {
    let matrix = index / matrix_size();
    let within = index % matrix_size();
    let column = within % columns();
    let quad = within / columns() % QUADS;
    let k = within / columns() / QUADS;
    let wave = (matrix + 1u) / 2u;
    let recurrent_one = matrix == 0u || matrix % 2u == 1u;
    var packed = vec4<f32>();
    for (var i = 0u; i < 4u; i++) { packed[i] = weight_at(wave, recurrent_one, k, column, 4u * quad + i); }
    scratch[index] = packed;
    return;
  }
  let row = (index - weights) / (WIDTH * quads());
  let wave = row / params.batch % params.layers;
  if (row >= params.ring * params.layers * params.batch) { return; }
  scratch[index] = carried_before(layer_of(wave), row % params.batch, (index - weights) % (WIDTH * quads()));
}

// A thread's place in its workgroup.
struct Thread { local: u32, lane: u32, line: u32, slice: u32 }

// What a workgroup makes: rows from `row` on, of the `count` that the step has, and columns from `column` on.
struct Tile { wave: u32, n: u32, row: u32, count: u32, column: u32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let thread = Thread(local, local % LANES, local / LANES % LINES, local / (LANES * LINES));
  let wave = workgroup.z;
  let behind = wave * params.lag;
  let begin = max(params.begin + behind, params.wave_begin) - behind;
  let end = max(min(params.end + behind, params.wave_end), behind) - behind;
  for (var row = workgroup.y * TILE_ROWS; row < params.batch; row += workgroups.y * TILE_ROWS) {
    for (var n = begin; n < end; n++) {
      // The same at every step, but for a ragged batch.
      var count = params.batch;
      if (ragged == 1u) { count = rows_at(n); }
      if (row < count) {
        for (var first = workgroup.x * LANES; first < columns(); first += workgroups.x * LANES) {
          let tile = Tile(wave, n, row, count, first);
          join(product(tile, span_of(wave, n), thread), tile, thread);
        }
      }
      storageBarrier();
    }
  }
}

// A part of a product's depth, in quads: the recurrent matrix, whose operand lies from `before` on, and
// behind it the one for the layer before, with its operand from `beside` on.
struct Span { first: u32, last: u32, before: u32, beside: u32 }

fn span(wave: u32, n: u32, first: u32, last: u32) -> Span {
  // With one layer nothing is beside.
  return Span(first, last, carried(n, wave), carried(n + 1u, max(wave, 1u) - 1u) - depth());
}

// The operand's quad k.
fn operand(s: Span, k: u32) -> u32 {
  return select(s.beside + k, s.before + source_of(k), k < depth());
}

// Of a row in a tile; one past the last reads that, and nobody keeps what comes of it.
fn operand_row(tile: Tile, row: u32) -> u32 { return min(tile.row + row, tile.count - 1u) * WIDTH * quads(); }

// Four depths of a quad of weights, `stride` apart.
fn four_depths(at: u32, stride: u32) -> mat4x4<f32> {
  return mat4x4<f32>(scratch[at], scratch[at + stride], scratch[at + 2u * stride], scratch[at + 3u * stride]);
}

// sum + w x. As multiply-adds one behind the other: a product that is added in the end takes one more.
fn add(sum: vec4<f32>, w: mat4x4<f32>, x: vec4<f32>) -> vec4<f32> {
  return fma(vec4<f32>(x.w), w[3], fma(vec4<f32>(x.z), w[2], fma(vec4<f32>(x.y), w[1], fma(vec4<f32>(x.x), w[0], sum))));
}

// The sums of HELD rows of each line, in PARTS parts: [part][line][row][quad][lane].
var<workgroup> parts: array<vec4<f32>, PARTS * LINES * HELD * QUADS * LANES>;

fn part_at(part: u32, line: u32) -> u32 { return (part * LINES + line) * HELD * QUADS * LANES; }

// The sums in the i-th vec4 of a row, counted over its columns.
fn joined(held: u32, i: u32) -> vec4<f32> {
  let at = (held * QUADS + i % QUADS) * LANES + i / QUADS;
  var sum = parts[at];
  for (var part = 1u; part < PARTS; part++) { sum += parts[at + part_at(part, 0u)]; }
  return sum;
}

// Makes of the sums in `parts`, which are those of rows from `first` on of each line, what a step makes.
fn finish(tile: Tile, first: u32, local: u32) {
  workgroupBarrier();
  for (var i = local; i < LINES * HELD * ACROSS; i += THREADS) {
    let held = i / ACROSS;
    let row = first + held % HELD;
    let r = tile.row + held / HELD * ROWS + row;
    let quad = tile.column * UNITS / 4u + i % ACROSS;
    if (row < ROWS && r < tile.count && quad < quads()) {
      four_units(tile.wave, tile.n, r, quad, held, i % ACROSS * SUMS);
    }
  }
  workgroupBarrier();
}

// A unit's way through time where none needs another: no product, or one that was made before.
@compute @workgroup_size(64)
fn alone(@builtin(workgroup_id) workgroup: vec3<u32>,
         @builtin(num_workgroups) workgroups: vec3<u32>,
         @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let r = index / params.hidden;
  if (r >= params.batch) { return; }
  for (var n = params.begin; n < params.end; n++) {
    if (r < rows_of(n)) { unit_alone(n, r, index % params.hidden); }
  }
}
