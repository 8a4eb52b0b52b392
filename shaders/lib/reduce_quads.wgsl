// Columns four at a time: for rows that are a multiple of four long.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> scratch: array<vec4<f32>>;

// The four columns of a lane, of the workgroup's from `first` on.
fn columns_at(first: u32, lane: u32) -> vec4<u32> {
  return first + 4u * lane + FOUR;
}

// Past the last column: the last four again.
fn quad_at(row: u32, columns: vec4<u32>) -> u32 {
  return (row * params.inner + min(columns.x, params.inner - 4u)) / 4u;
}

fn read_row(row: u32, columns: vec4<u32>, of_chunks: bool) -> vec4<f32> {
  let at = quad_at(row, columns);
  if (of_chunks) { return scratch[at]; }
  return x[at];
}

fn write_chunk(row: u32, columns: vec4<u32>, values: vec4<f32>) {
  if (columns.x < params.inner) { scratch[quad_at(row, columns)] = values; }
}
