/** 1 / (1 + exp(-x)); saturates, and is never NaN for a number. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Where element `index` of a row-major tensor of `rank` dimensions stands under `strides`;
 * shaders/lib/strides.wgsl is its twin.
 */
export function strided(
  index: number,
  rank: number,
  shape: readonly number[],
  strides: readonly number[],
): number {
  let offset = 0;
  for (let d = rank - 1; d >= 0; d--) {
    const size = shape[d];
    offset += (index % size) * strides[d];
    index = Math.floor(index / size);
  }
  return offset;
}
