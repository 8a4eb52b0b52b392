// Columns one at a time: for rows of any length.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> scratch: array<f32>;

// The four columns of a lane, of the workgroup's from `first` on: its neighbour's are beside them, so that
// neighbours read words side by side.
fn columns_at(first: u32, lane: u32) -> vec4<u32> {
  return first + lane + LANES * FOUR;
}

// Past the last column: the last again.
fn read_row(row: u32, columns: vec4<u32>, of_chunks: bool) -> vec4<f32> {
  let at = row * params.inner + min(columns, vec4<u32>(params.inner - 1u));
  if (of_chunks) {
    return vec4<f32>(scratch[at.x], scratch[at.y], scratch[at.z], scratch[at.w]);
  }
  return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]);
}

fn write_chunk(row: u32, columns: vec4<u32>, values: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    if (columns[i] < params.inner) { scratch[row * params.inner + columns[i]] = values[i]; }
  }
}
