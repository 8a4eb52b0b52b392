// The recurrent product of a sweep over time: a workgroup makes 4 rows of the batch by `units`
// columns, each column a vec4. With 4 slices its threads are `units` by 4: a thread sums a quarter of
// the depth for all four rows, then the quarters of row s come together in the threads with y = s.
// With 1 slice a thread sums all of it, and there is nothing to join.
//
// The weights are in `scratch`, in Quads, which sweep_floats.wgsl or sweep_halves.wgsl defines.
override units: u32 = 16;
override slices: u32 = 4;

// Of four depths, `step` quads apart.
fn four_weights(at: u32, step: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    unpacked(scratch[at]),
    unpacked(scratch[at + step]),
    unpacked(scratch[at + 2u * step]),
    unpacked(scratch[at + 3u * step]),
  );
}

var<workgroup> quarters: array<vec4<f32>, 12 * units>;

fn quarter_slot(row: u32, slice: u32, lane: u32) -> u32 {
  return (row * 3u + select(slice, slice - 1u, slice > row)) * units + lane;
}

// The sum over all quarters, of the row that belongs to this thread. Every thread must call it.
fn join_quarters(lane: u32, slice: u32,
                 sum0: vec4<f32>, sum1: vec4<f32>, sum2: vec4<f32>, sum3: vec4<f32>) -> vec4<f32> {
  workgroupBarrier();
  if (slice != 0u) { quarters[quarter_slot(0u, slice, lane)] = sum0; }
  if (slice != 1u) { quarters[quarter_slot(1u, slice, lane)] = sum1; }
  if (slice != 2u) { quarters[quarter_slot(2u, slice, lane)] = sum2; }
  if (slice != 3u) { quarters[quarter_slot(3u, slice, lane)] = sum3; }
  workgroupBarrier();
  var own = sum0;
  if (slice == 1u) { own = sum1; }
  if (slice == 2u) { own = sum2; }
  if (slice == 3u) { own = sum3; }
  let at = slice * 3u * units + lane;
  return own + quarters[at] + quarters[at + units] + quarters[at + 2u * units];
}
