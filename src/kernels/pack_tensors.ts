import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/pack_tensors.wgsl?raw';
import { defineKernel, elementwise, read, update, wgsl } from '../backend/kernel';
import type { ParamValues } from '../backend/kernel';

/** Tensors in one call: with the flat one, all the bindings that every adapter has. */
export const PACKED = 7;

/** Elements of each, and where the first begins in the flat tensor; the others follow it. */
export const PACK = {
  offset: 'u32',
  n0: 'u32',
  n1: 'u32',
  n2: 'u32',
  n3: 'u32',
  n4: 'u32',
  n5: 'u32',
  n6: 'u32',
} as const;

type PackParams = ParamValues<typeof PACK>;

export function packSizes({ n0, n1, n2, n3, n4, n5, n6 }: PackParams): number[] {
  return [n0, n1, n2, n3, n4, n5, n6];
}

/** Up to seven tensors, one behind the other, into a flat one. What is bound with n = 0 is not read. */
export const packTensors = defineKernel({
  name: 'pack_tensors',
  source: wgsl(source, index),
  bindings: {
    ...{ x0: read, x1: read, x2: read, x3: read, x4: read, x5: read, x6: read },
    flat: update,
  },
  params: PACK,
  cpu({ flat, ...tensors }, params) {
    let at = params.offset;
    for (const [i, x] of Object.values(tensors).entries()) {
      const n = packSizes(params)[i];
      flat.set(x.subarray(0, n), at);
      at += n;
    }
  },
  fastCpu({ flat, ...tensors }, params, simd) {
    let at = flat.byteOffset + 4 * params.offset;
    for (const [i, x] of Object.values(tensors).entries()) {
      const n = packSizes(params)[i];
      simd?.run('copy_rows', n / 4, [x, at, 1, n, 0, 0]);
      at += 4 * n;
    }
    return simd !== undefined;
  },
  launch: (params) => elementwise(packSizes(params).reduce((sum, n) => sum + n, 0)),
});
