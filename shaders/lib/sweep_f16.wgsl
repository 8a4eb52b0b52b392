// The product of a sweep in f16: the weights are halves, and so become the states or gradients, scaled
// so that small ones stay normal numbers. Sums of up to 16 depths are f16, and what they add up to f32.
override half: u32;

alias Quad = vec4<f16>;

fn packed(weights: vec4<f32>) -> Quad { return nearest_halves(weights); }

fn product(source: u32, lines: vec4<u32>, depth: u32, weights: u32, slice: u32) -> mat4x4<f32> {
  let stride = columns();
  let share = (depth + slices - 1u) / slices;
  let first = min(slice * share, depth);
  let last = min(first + share, depth);
  var sums = mat4x4<f32>();
  var k = first;
  while (k < last) {
    let stop = min(k + 16u, last);
    var part = mat4x4<f16>();
    for (; k + 3u < stop; k += 4u) {
      let at = weights + k * stride;
      let w = mat4x4<f16>(
        scratch[at],
        scratch[at + stride],
        scratch[at + 2u * stride],
        scratch[at + 3u * stride],
      );
      part += w * mat4x4<f16>(
        nearest_halves(four_of(source, lines.x + k) * params.scale),
        nearest_halves(four_of(source, lines.y + k) * params.scale),
        nearest_halves(four_of(source, lines.z + k) * params.scale),
        nearest_halves(four_of(source, lines.w + k) * params.scale),
      );
    }
    for (; k < stop; k++) {
      let w = scratch[weights + k * stride];
      let values = nearest_halves(params.scale * vec4<f32>(
        value_of(source, lines.x + k),
        value_of(source, lines.y + k),
        value_of(source, lines.z + k),
        value_of(source, lines.w + k),
      ));
      part += mat4x4<f16>(w * values.x, w * values.y, w * values.z, w * values.w);
    }
    sums += mat4x4<f32>(part);
  }
  return sums * (1.0 / params.scale);
}
