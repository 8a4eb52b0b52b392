// WGSL may assume that NaN and infinity do not occur, so comparisons do not find them: bits do.
fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}
