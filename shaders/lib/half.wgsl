// The bits of the half nearest to x, ties to even; what lies beyond the largest half becomes that.
// Made of integers: how pack2x16float rounds, and what it makes of an overflow, is the adapter's.
fn half_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let size = min(bits & 0x7fffffffu, 0x477fe000u);
  if (size >= 0x38800000u) {
    return sign | ((size - 0x38000000u + 0xfffu + ((size >> 13u) & 1u)) >> 13u);
  }
  let shift = min(126u - (size >> 23u), 25u);
  let fraction = (size & 0x7fffffu) | 0x800000u;
  let odd = (fraction >> shift) & 1u;
  return sign | ((fraction + (1u << (shift - 1u)) - 1u + odd) >> shift);
}

// Two halves in a word, as unpack2x16float reads them.
fn two_halves(x: f32, y: f32) -> u32 {
  return half_bits(x) | (half_bits(y) << 16u);
}
