import { defineKernel, grid, include, read, update } from '../backend/kernel';

/** Elements that a workgroup of the shader sums; a long tensor takes several. */
const CHUNK_ELEMENTS = 8192;

/** Pairs that `square_sum` leaves of n elements. */
export function squareSumSlots(n: number): number {
  return Math.max(1, Math.ceil(n / CHUNK_ELEMENTS));
}

/**
 * For each chunk of x, from `slot` on: out[2 slot] = the sum of x^2, out[2 slot + 1] = how many
 * elements are NaN or infinite.
 */
export const squareSum = defineKernel({
  name: 'square_sum',
  source: include('square_sum', 'lib/finite', 'lib/index'),
  bindings: { x: read, out: update },
  params: { n: 'u32', slot: 'u32' },
  cpu({ x, out }, { n, slot }) {
    for (let chunk = 0; chunk < squareSumSlots(n); chunk++) {
      let sum = 0;
      let count = 0;
      for (let i = chunk * CHUNK_ELEMENTS; i < Math.min(n, (chunk + 1) * CHUNK_ELEMENTS); i++) {
        if (Number.isFinite(x[i])) sum += x[i] * x[i];
        else count++;
      }
      out[2 * (slot + chunk)] = sum;
      out[2 * (slot + chunk) + 1] = count;
    }
  },
  fastCpu({ x, out }, { n, slot }, simd) {
    simd?.run('square_sum', n / 2, [
      x,
      out.byteOffset + 8 * slot,
      n,
      CHUNK_ELEMENTS,
      squareSumSlots(n),
    ]);
    return simd !== undefined;
  },
  launch: ({ n }) => grid(squareSumSlots(n)),
});
