// A scan over time, of one layer or of several. A workgroup makes 4 rows of the batch at once (and others
// after them, where there are more than a dispatch has workgroups) by `units` columns, each a vec4. With 4 slices its threads are `units` by 4: a thread sums a quarter of
// the depth for all four rows, then the quarters of row s come together in the threads with y = s.
// With 1 slice a thread sums all of it, and there is nothing to join.
//
// A dispatch with one column of workgroups may make many steps: each workgroup then holds all columns
// of its rows and needs nobody else's. Otherwise the columns are spread over a row of workgroups, and
// a dispatch makes one step, unless no unit needs another (`recurrent` 0).
//
// Layers move as a wavefront: workgroup.z counts them in the order in which they depend on each other,
// and each is `lag` steps behind the one before it, so that what it needs of that was made by an
// earlier dispatch.
//
// The shader that this is joined with has DEPTH, the depth of a matrix of weights in hiddens; UNITS,
// the units of a column; `layer_of`, `quad_of` and `value_of`; `rows_at`, the rows that a step has;
// `products`, the sums that it needs; and `step`, what it makes of them. The weights are the layers'
// recurrent matrices, then the input matrices of all layers but the first. The cell's own functions
// are made from its equations (shaders/cells/ has those of the library).
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
  let across = columns();
  for (var row = workgroup.x * 4u; row < params.batch; row += workgroups.x * 4u) {
    for (var n = begin; n < end; n++) {
      // The same at every step, but for a ragged batch.
      var count = params.batch;
      if (ragged == 1u) { count = rows_at(n); }
      if (row < count) {
        // Rows past the last read that one; nobody keeps what comes of it.
        let rows = min(row + FOUR, vec4<u32>(count - 1u));
        for (var tile = workgroup.y * units; tile < across; tile += workgroups.y * units) {
          let column = min(tile + thread.x, across - 1u);
          var sums = products(layer, n, rows, column, thread.y);
          let within = tile + thread.x < across;
          if (slices == 4u) {
            let sum = join_quarters(thread.x, thread.y, sums);
            if (within && row + thread.y < count) {
              step(layer, n, row + thread.y, column, sum);
            }
          } else if (within) {
            for (var i = 0u; i < 4u && row + i < count; i++) {
              step(layer, n, row + i, column, sums[i]);
            }
          }
        }
      }
      storageBarrier();
    }
  }
}

fn four_of(at: u32) -> vec4<f32> {
  return vec4<f32>(value_of(at), value_of(at + 1u), value_of(at + 2u), value_of(at + 3u));
}

// A thread's share of the product of four lines with a column of the weights from quad `weights` on,
// for each line.
fn product(lines: vec4<u32>, depth: u32, weights: u32, slice: u32) -> mat4x4<f32> {
  let stride = columns();
  let share = (depth + slices - 1u) / slices;
  let first = min(slice * share, depth);
  let last = min(first + share, depth);
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var k = first;
  for (; k + 3u < last; k += 4u) {
    let at = weights + k * stride;
    let w = mat4x4<f32>(
      scratch[at],
      scratch[at + stride],
      scratch[at + 2u * stride],
      scratch[at + 3u * stride],
    );
    sum0 += w * four_of(lines.x + k);
    sum1 += w * four_of(lines.y + k);
    sum2 += w * four_of(lines.z + k);
    sum3 += w * four_of(lines.w + k);
  }
  for (; k < last; k++) {
    let w = scratch[weights + k * stride];
    sum0 += w * value_of(lines.x + k);
    sum1 += w * value_of(lines.y + k);
    sum2 += w * value_of(lines.z + k);
    sum3 += w * value_of(lines.w + k);
  }
  return mat4x4<f32>(sum0, sum1, sum2, sum3);
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
