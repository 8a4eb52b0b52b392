// What a class weighs in a cross-entropy: 1, unless `weighted`.
fn class_weight(i: u32) -> f32 {
  if (params.weighted == 0u) { return 1.0; }
  return class_weights[i];
}

// q of class i for the target `label`: its part in a cross-entropy, of which `even` = smoothing / n is everyone's.
fn target_share(i: u32, label: i32, even: f32) -> f32 {
  return (select(0.0, 1.0 - params.smoothing, i32(i) == label) + even) * class_weight(i);
}

// Sums over every `stride`th class from `first` on: what the even part of a target costs, and that part.
fn spread(base: u32, top: f32, logtotal: f32, first: u32, stride: u32) -> vec2<f32> {
  let even = params.smoothing / f32(params.n);
  var sums = vec2<f32>(0.0);
  for (var i = first; i < params.n; i += stride) {
    let q = even * class_weight(i);
    sums += vec2<f32>(q * (logtotal - (logits[base + i] - top)), q);
  }
  return sums;
}
