import half from '../../shaders/lib/half.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/pack_half.wgsl?raw';
import { halfBits } from '../backend/half';
import { defineKernel, elementwise, read, wgsl } from '../backend/kernel';

/**
 * Floats as halves, two in a word, the first in its low bits; of an odd number the last is beside a
 * zero. Nearest, ties to even, and at most the largest half, 65504.
 */
export const packHalf = defineKernel({
  name: 'pack_half',
  source: wgsl(source, half, index),
  bindings: { x: read, out: { access: 'out', element: 'u32' } },
  params: { n: 'u32' },
  cpu({ x, out }, { n }) {
    for (let i = 0; 2 * i < n; i++) {
      const second = 2 * i + 1 < n ? halfBits(x[2 * i + 1]) : 0;
      out[i] = halfBits(x[2 * i]) | (second << 16);
    }
  },
  launch: ({ n }) => elementwise(Math.ceil(n / 2)),
});
