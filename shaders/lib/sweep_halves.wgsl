// The weights of a sweep as halves: every step reads half as much.
override half: u32;

alias Quad = vec2<u32>;

fn packed(weights: vec4<f32>) -> Quad {
  return vec2<u32>(two_halves(weights.x, weights.y), two_halves(weights.z, weights.w));
}

fn unpacked(quad: Quad) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(quad.x), unpack2x16float(quad.y));
}
