// What a class weighs in a cross-entropy: 1, unless `weighted`.
fn class_weight(i: u32) -> f32 {
  if (params.weighted == 0u) { return 1.0; }
  return class_weights[i];
}

// q of class i for the target `label`: its part in a cross-entropy, of which `even` = smoothing / n is everyone's.
fn target_share(i: u32, label: i32, even: f32) -> f32 {
  return (select(0.0, 1.0 - params.smoothing, i32(i) == label) + even) * class_weight(i);
}
