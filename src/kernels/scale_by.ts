import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/scale_by.wgsl?raw';
import { defineKernel, elementwise, read, update, wgsl } from '../backend/kernel';

/** x *= scale, in place, by a number on the device. */
export const scaleBy = defineKernel({
  name: 'scale_by',
  source: wgsl(source, index),
  bindings: { scale: read, x: update },
  params: { n: 'u32' },
  cpu({ scale, x }, { n }) {
    for (let i = 0; i < n; i++) x[i] *= scale[0];
  },
  launch: ({ n }) => elementwise(n),
});
