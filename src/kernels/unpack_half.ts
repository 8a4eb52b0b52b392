import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/unpack_half.wgsl?raw';
import { halfValue } from '../backend/half';
import { defineKernel, elementwise, wgsl, write } from '../backend/kernel';

/** The floats that `packHalf` packed. An adapter may take halves below 2^-14 for zeros. */
export const unpackHalf = defineKernel({
  name: 'unpack_half',
  source: wgsl(source, index),
  bindings: { x: { access: 'in', element: 'u32' }, out: write },
  params: { n: 'u32' },
  cpu({ x, out }, { n }) {
    for (let i = 0; i < n; i++) out[i] = halfValue(x[i >> 1] >>> (i & 1 ? 16 : 0));
  },
  launch: ({ n }) => elementwise(Math.ceil(n / 2)),
});
