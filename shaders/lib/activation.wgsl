// Saturating at any finite input: tanh overflows on some adapters past 89, and WGSL may assume
// that no infinity arises.
fn stable_tanh(x: f32) -> f32 {
  return tanh(clamp(x, -15.0, 15.0));
}

fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0)));
}
