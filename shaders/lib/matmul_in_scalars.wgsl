// A and B one number at a time: for any strides.
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;

fn block_a(lines: vec4<u32>, k: u32) -> mat4x4<f32> {
  let step = params.column_a;
  let at = lines + k * step;
  let at1 = at + step;
  let at2 = at1 + step;
  let at3 = at2 + step;
  return mat4x4<f32>(
    a[at.x], a[at.y], a[at.z], a[at.w],
    a[at1.x], a[at1.y], a[at1.z], a[at1.w],
    a[at2.x], a[at2.y], a[at2.z], a[at2.w],
    a[at3.x], a[at3.y], a[at3.z], a[at3.w],
  );
}

fn block_b(lines: vec4<u32>, k: u32) -> mat4x4<f32> {
  let step = params.row_b;
  let at = lines + k * step;
  let at1 = at + step;
  let at2 = at1 + step;
  let at3 = at2 + step;
  return mat4x4<f32>(
    b[at.x], b[at.y], b[at.z], b[at.w],
    b[at1.x], b[at1.y], b[at1.z], b[at1.w],
    b[at2.x], b[at2.y], b[at2.z], b[at2.w],
    b[at3.x], b[at3.y], b[at3.z], b[at3.w],
  );
}
