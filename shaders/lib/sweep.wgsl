// A sweep over time, of one layer or of several. A workgroup makes 4 rows of the batch by `units`
// columns, each column a vec4. With 4 slices its threads are `units` by 4: a thread sums a quarter of
// the depth for all four rows, then the quarters of row s come together in the threads with y = s.
// With 1 slice a thread sums all of it, and there is nothing to join.
//
// A dispatch with one column of workgroups may make many steps: each workgroup then holds all columns
// of its rows and needs nobody else's. Otherwise the columns are spread over a row of workgroups, and
// a dispatch makes one step.
//
// Layers move as a wavefront: workgroup.z counts them in the order in which they depend on each other,
// and each is `lag` steps behind the one before it, so that what it needs of that was made by an
// earlier dispatch.
//
// The shader that this is joined with has DEPTH, the depth of a matrix of weights in hiddens; UNITS,
// the units of a column; `layer_of`, `quad_of` and `value_of`; `products`, the sums that a step needs;
// and `step`, what it makes of them. The weights are the layers' recurrent matrices, then the input
// matrices of all layers but the first.
override units: u32 = 16;
override slices: u32 = 4;

struct Params {
  layers: u32,
  time: u32,
  batch: u32,
  hidden: u32,
  // The steps of each layer, of which this dispatch makes wave_begin to wave_end - 1 in the first.
  begin: u32,
  end: u32,
  wave_begin: u32,
  wave_end: u32,
  lag: u32,
}

@group(1) @binding(0) var<uniform> params: Params;

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

fn columns() -> u32 { return (params.hidden + UNITS - 1u) / UNITS; }

// Quads of one matrix.
fn matrix_size() -> u32 { return DEPTH * params.hidden * columns(); }

// Lays the weights out so that neighbouring threads read neighbouring quads, into `scratch`.
@compute @workgroup_size(64)
fn pack(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let index = element_index(workgroup, workgroups, local);
  let size = matrix_size();
  if (index >= (2u * params.layers - 1u) * size) { return; }
  let within = index % size;
  scratch[index] = quad_of(index / size, within / columns(), within % columns());
}

@compute @workgroup_size(units, slices)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>,
        @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
  let layer = layer_of(workgroup.z);
  let behind = workgroup.z * params.lag;
  let begin = max(params.begin + behind, params.wave_begin) - behind;
  let end = max(min(params.end + behind, params.wave_end), behind) - behind;
  let row = workgroup.x * 4u;
  // Rows past the batch read its last one; nobody keeps what comes of it.
  let rows = min(row + FOUR, vec4<u32>(params.batch - 1u));
  let across = columns();
  for (var t = begin; t < end; t++) {
    for (var tile = workgroup.y * units; tile < across; tile += workgroups.y * units) {
      let column = min(tile + thread.x, across - 1u);
      var sums = products(layer, t, rows, column, thread.y);
      let within = tile + thread.x < across;
      if (slices == 4u) {
        let sum = join_quarters(thread.x, thread.y, sums);
        if (within && row + thread.y < params.batch) {
          step(layer, t, row + thread.y, column, sum);
        }
      } else if (within) {
        for (var i = 0u; i < 4u && row + i < params.batch; i++) {
          step(layer, t, row + i, column, sums[i]);
        }
      }
    }
    storageBarrier();
  }
}

// Where four rows of a layer's [time, batch, width] begin at step t.
fn lines(layer: u32, t: u32, rows: vec4<u32>, width: u32) -> vec4<u32> {
  return ((layer * params.time + t) * params.batch + rows) * width;
}

fn four_of(source: u32, at: u32) -> vec4<f32> {
  return vec4<f32>(
    value_of(source, at),
    value_of(source, at + 1u),
    value_of(source, at + 2u),
    value_of(source, at + 3u),
  );
}

var<workgroup> quarters: array<vec4<f32>, 12 * units>;

fn quarter_slot(row: u32, slice: u32, lane: u32) -> u32 {
  return (row * 3u + select(slice, slice - 1u, slice > row)) * units + lane;
}

// The sum over all quarters, of the row that belongs to this thread. Every thread must call it.
fn join_quarters(lane: u32, slice: u32, sums: mat4x4<f32>) -> vec4<f32> {
  workgroupBarrier();
  if (slice != 0u) { quarters[quarter_slot(0u, slice, lane)] = sums[0]; }
  if (slice != 1u) { quarters[quarter_slot(1u, slice, lane)] = sums[1]; }
  if (slice != 2u) { quarters[quarter_slot(2u, slice, lane)] = sums[2]; }
  if (slice != 3u) { quarters[quarter_slot(3u, slice, lane)] = sums[3]; }
  workgroupBarrier();
  var own = sums[0];
  if (slice == 1u) { own = sums[1]; }
  if (slice == 2u) { own = sums[2]; }
  if (slice == 3u) { own = sums[3]; }
  let at = slice * 3u * units + lane;
  return own + quarters[at] + quarters[at + units] + quarters[at + 2u * units];
}
