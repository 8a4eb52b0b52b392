// Numbers of 16 bits (IEEE 754 binary16): 10 bits of fraction, exponents of -14 to 15, and below
// that steps of 2^-24. Nothing here becomes infinite: what lies beyond MAX is MAX.

/** The largest half. */
export const MAX = 65_504;

/** As float bits: MAX, and the least half whose fraction has all its bits. */
const MAX_BITS = 0x477f_e000;
const NORMAL_BITS = 0x3880_0000;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of the half nearest to `value`, ties to even; shaders/lib/half.wgsl does the same. */
export function halfBits(value: number): number {
  float[0] = value;
  const [bits] = word;
  const sign = (bits >>> 16) & 0x8000;
  const size = Math.min(bits & 0x7fff_ffff, MAX_BITS);
  if (size >= NORMAL_BITS) {
    return sign | ((size - 0x3800_0000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  }
  const shift = Math.min(126 - (size >>> 23), 25);
  const fraction = (size & 0x7f_ffff) | 0x80_0000;
  const odd = (fraction >>> shift) & 1;
  return sign | ((fraction + (1 << (shift - 1)) - 1 + odd) >>> shift);
}

/** The number that the bits of a finite half stand for. */
export function halfValue(bits: number): number {
  // A float's exponent is 112 larger; the product is exact, below the normal ones too.
  word[0] = (bits & 0x7fff) << 13;
  const size = float[0] * 2 ** 112;
  return bits & 0x8000 ? -size : size;
}

/** The half nearest to `value`, as a number. */
export function nearestHalf(value: number): number {
  return halfValue(halfBits(value));
}

/** Rounds floats to halves, in place. */
export function roundToHalves(values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) {
    const bits = words[i];
    const size = bits & 0x7fff_ffff;
    if (size < NORMAL_BITS || size > MAX_BITS) values[i] = halfValue(halfBits(values[i]));
    else words[i] = (bits + 0xfff + ((bits >>> 13) & 1)) & ~0x1fff;
  }
}

/**
 * What of a sweep is halves: nothing; the weights, with f32 arithmetic; or the weights and what is
 * multiplied by them, with f16 products, of which sums of 16 are f16 and sums of those f32.
 */
export const HALF = { none: 0, stored: 1, computed: 2 } as const;
