// The result one number at a time: for any rows. What is read past a row's end is its last number.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> scratch: array<f32>;

fn read_out(line: u32, column: u32) -> vec4<f32> {
  let row = params.offset_out + line * params.row_out;
  let at = row + min(column + FOUR, vec4<u32>(params.n - 1u));
  return vec4<f32>(out[at.x], out[at.y], out[at.z], out[at.w]);
}

fn write_out(line: u32, column: u32, values: vec4<f32>) {
  let row = params.offset_out + line * params.row_out;
  for (var i = 0u; i < min(4u, params.n - column); i++) { out[row + column + i] = values[i]; }
}

fn read_scratch(line: u32, column: u32) -> vec4<f32> {
  let at = line * params.n + min(column + FOUR, vec4<u32>(params.n - 1u));
  return vec4<f32>(scratch[at.x], scratch[at.y], scratch[at.z], scratch[at.w]);
}

fn write_scratch(line: u32, column: u32, values: vec4<f32>) {
  let row = line * params.n;
  for (var i = 0u; i < min(4u, params.n - column); i++) { scratch[row + column + i] = values[i]; }
}
