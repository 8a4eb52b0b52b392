import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import { PACK, packPlaces, packSizes } from './pack_tensors';

/** The reverse of `pack_tensors`. What is bound with n = 0 is not written. */
export const unpackTensors = defineKernel({
  name: 'unpack_tensors',
  source: include('unpack_tensors', 'lib/index'),
  bindings: {
    ...{ x0: update, x1: update, x2: update, x3: update, x4: update, x5: update, x6: update },
    flat: read,
  },
  params: PACK,
  cpu({ flat, ...tensors }, params) {
    const [sizes, places] = [packSizes(params), packPlaces(params)];
    Object.values(tensors).forEach((x, i) => {
      x.set(flat.subarray(places[i], places[i] + sizes[i]));
    });
  },
  fastCpu({ flat, ...tensors }, params, simd) {
    if (!simd) return false;
    const [sizes, places] = [packSizes(params), packPlaces(params)];
    Object.values(tensors).forEach((x, i) => {
      if (sizes[i] === 0) return;
      const from = flat.byteOffset + 4 * places[i];
      simd.run('copy_rows', sizes[i] / 4, [from, x, 1, sizes[i], 0, 0]);
    });
    return true;
  },
  launch: (params) => elementwise(packSizes(params).reduce((sum, n) => sum + n, 0)),
});
