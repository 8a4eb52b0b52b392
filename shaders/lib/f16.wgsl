// First in a module that computes in f16.
enable f16;

// At most the largest half: a conversion past it would be infinite.
fn nearest_halves(x: vec4<f32>) -> vec4<f16> {
  return vec4<f16>(clamp(x, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
}
