// For long columns. A workgroup has LANES threads beside each other, each of four columns, by LINES below
// each other, which share the rows and then halve their partial results.
//
// Where there are more rows than ONE_STAGE, a workgroup has CHUNK of them, and writes a row of [outer,
// chunks, inner] to scratch memory. A second dispatch, for which n is the number of chunks, reduces that.
//
// How four columns are read is up to a library joined with this, lib/reduce_quads.wgsl or
// lib/reduce_scalars.wgsl.
const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

var<workgroup> partial: array<vec4<f32>, LANES * LINES>;

@compute @workgroup_size(LANES * LINES)
fn columns(@builtin(workgroup_id) workgroup: vec3<u32>,
           @builtin(num_workgroups) workgroups: vec3<u32>,
           @builtin(local_invocation_index) local: u32) {
  reduce_columns(workgroup_index(workgroup, workgroups), local, false);
}

@compute @workgroup_size(LANES * LINES)
fn columns_of_chunks(@builtin(workgroup_id) workgroup: vec3<u32>,
                     @builtin(num_workgroups) workgroups: vec3<u32>,
                     @builtin(local_invocation_index) local: u32) {
  reduce_columns(workgroup_index(workgroup, workgroups), local, true);
}

fn reduce_columns(index: u32, local: u32, of_chunks: bool) {
  let across = (params.inner + 4u * LANES - 1u) / (4u * LANES);
  let in_chunks = !of_chunks && params.n > ONE_STAGE;
  let chunk_rows = select(params.n, CHUNK, in_chunks);
  let chunks = select(1u, (params.n + CHUNK - 1u) / CHUNK, in_chunks);
  let chunk = index / across % chunks;
  let o = index / across / chunks;
  // A grid that was folded has places to spare.
  if (o >= params.outer) { return; }
  let columns = columns_at(index % across * 4u * LANES, local % LANES);
  let line = local / LANES;

  // Four rows on their way at a time.
  var sums0 = nothing();
  var sums1 = nothing();
  var sums2 = nothing();
  var sums3 = nothing();
  var row = o * params.n + chunk * chunk_rows + line;
  let end = o * params.n + min((chunk + 1u) * chunk_rows, params.n);
  for (; row + 3u * LINES < end; row += 4u * LINES) {
    sums0 = combine(sums0, read_row(row, columns, of_chunks));
    sums1 = combine(sums1, read_row(row + LINES, columns, of_chunks));
    sums2 = combine(sums2, read_row(row + 2u * LINES, columns, of_chunks));
    sums3 = combine(sums3, read_row(row + 3u * LINES, columns, of_chunks));
  }
  for (; row < end; row += LINES) {
    sums0 = combine(sums0, read_row(row, columns, of_chunks));
  }

  partial[local] = combine(combine(sums0, sums1), combine(sums2, sums3));
  for (var half = LINES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (line < half) {
      partial[local] = combine(partial[local], partial[local + half * LANES]);
    }
  }
  if (line > 0u) { return; }
  let total = partial[local];
  if (in_chunks) {
    write_chunk(o * chunks + chunk, columns, total);
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    if (columns[i] < params.inner) {
      out[o * params.inner + columns[i]] = total[i] * params.scale;
    }
  }
}
