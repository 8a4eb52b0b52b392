import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/unpack_tensors.wgsl?raw';
import { defineKernel, elementwise, read, update, wgsl } from '../backend/kernel';
import { PACK, packSizes } from './pack_tensors';

/** The reverse of `pack_tensors`. What is bound with n = 0 is not written. */
export const unpackTensors = defineKernel({
  name: 'unpack_tensors',
  source: wgsl(source, index),
  bindings: {
    ...{ x0: update, x1: update, x2: update, x3: update, x4: update, x5: update, x6: update },
    flat: read,
  },
  params: PACK,
  cpu({ flat, ...tensors }, params) {
    let at = params.offset;
    for (const [i, x] of Object.values(tensors).entries()) {
      const n = packSizes(params)[i];
      x.set(flat.subarray(at, at + n));
      at += n;
    }
  },
  fastCpu({ flat, ...tensors }, params, simd) {
    let at = flat.byteOffset + 4 * params.offset;
    for (const [i, x] of Object.values(tensors).entries()) {
      const n = packSizes(params)[i];
      simd?.run('copy_rows', n / 4, [at, x, 1, n, 0, 0]);
      at += 4 * n;
    }
    return simd !== undefined;
  },
  launch: (params) => elementwise(packSizes(params).reduce((sum, n) => sum + n, 0)),
});
