// The result four numbers at a time: for rows that begin at multiples of four, and are a multiple of
// four long.
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> scratch: array<vec4<f32>>;

fn read_out(line: u32, column: u32) -> vec4<f32> {
  return out[(params.offset_out + line * params.row_out + column) / 4u];
}

fn write_out(line: u32, column: u32, values: vec4<f32>) {
  out[(params.offset_out + line * params.row_out + column) / 4u] = values;
}

fn read_scratch(line: u32, column: u32) -> vec4<f32> {
  return scratch[(line * params.n + column) / 4u];
}

fn write_scratch(line: u32, column: u32, values: vec4<f32>) {
  scratch[(line * params.n + column) / 4u] = values;
}
