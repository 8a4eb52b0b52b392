import finite from '../../shaders/lib/finite.wgsl?raw';
import source from '../../shaders/square_sum.wgsl?raw';
import { defineKernel, read, update, wgsl } from '../backend/kernel';

/** out[2 slot] = the sum of x^2; out[2 slot + 1] = how many elements are NaN or infinite. */
export const squareSum = defineKernel({
  name: 'square_sum',
  source: wgsl(source, finite),
  bindings: { x: read, out: update },
  params: { n: 'u32', slot: 'u32' },
  cpu({ x, out }, { n, slot }) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < n; i++) {
      if (Number.isFinite(x[i])) sum += x[i] * x[i];
      else count++;
    }
    out[2 * slot] = sum;
    out[2 * slot + 1] = count;
  },
  fastCpu({ x, out }, { n, slot }, simd) {
    // The sum of all is one sum, in one thread.
    simd?.run('square_sum', 0, [x, out.byteOffset + 8 * slot, n]);
    return simd !== undefined;
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
