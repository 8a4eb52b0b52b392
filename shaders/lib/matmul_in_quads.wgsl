// A and B four numbers at a time: for matrices whose lines all begin at multiples of four, and, where
// neighbours in memory are neighbours in depth, are a multiple of four long.
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;

fn block_a(lines: vec4<u32>, k: u32) -> mat4x4<f32> {
  if (depth_a == 1u) {
    let at = (lines + k) / 4u;
    return transpose(mat4x4<f32>(a[at.x], a[at.y], a[at.z], a[at.w]));
  }
  let step = params.column_a / 4u;
  let at = lines.x / 4u + k * step;
  return mat4x4<f32>(a[at], a[at + step], a[at + 2u * step], a[at + 3u * step]);
}

fn block_b(lines: vec4<u32>, k: u32) -> mat4x4<f32> {
  if (depth_b == 1u) {
    let at = (lines + k) / 4u;
    return transpose(mat4x4<f32>(b[at.x], b[at.y], b[at.z], b[at.w]));
  }
  let step = params.row_b / 4u;
  let at = lines.x / 4u + k * step;
  return mat4x4<f32>(b[at], b[at + step], b[at + 2u * step], b[at + 3u * step]);
}
