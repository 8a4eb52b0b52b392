// A thread's share of the product of four lines of `source` with a column of the weights from vec4
// `weights` on, for each line.
fn product(source: u32, lines: vec4<u32>, depth: u32, weights: u32, slice: u32) -> mat4x4<f32> {
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
    sum0 += w * four_of(source, lines.x + k);
    sum1 += w * four_of(source, lines.y + k);
    sum2 += w * four_of(source, lines.z + k);
    sum3 += w * four_of(source, lines.w + k);
  }
  for (; k < last; k++) {
    let w = scratch[weights + k * stride];
    sum0 += w * value_of(source, lines.x + k);
    sum1 += w * value_of(source, lines.y + k);
    sum2 += w * value_of(source, lines.z + k);
    sum3 += w * value_of(source, lines.w + k);
  }
  return mat4x4<f32>(sum0, sum1, sum2, sum3);
}
