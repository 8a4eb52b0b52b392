import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import type { ParamValues } from '../backend/kernel';

/** Tensors in one call: with the flat one, all the bindings that every adapter has. */
export const PACKED = 7;

/**
 * Elements of each, and where it begins in the flat tensor. Packing writes zeros behind each, up to a
 * multiple of `pad` elements.
 */
export const PACK = {
  n0: 'u32',
  n1: 'u32',
  n2: 'u32',
  n3: 'u32',
  n4: 'u32',
  n5: 'u32',
  n6: 'u32',
  at0: 'u32',
  at1: 'u32',
  at2: 'u32',
  at3: 'u32',
  at4: 'u32',
  at5: 'u32',
  at6: 'u32',
  pad: 'u32',
} as const;

type PackParams = ParamValues<typeof PACK>;

export function packSizes({ n0, n1, n2, n3, n4, n5, n6 }: PackParams): number[] {
  return [n0, n1, n2, n3, n4, n5, n6];
}

export function packPlaces({ at0, at1, at2, at3, at4, at5, at6 }: PackParams): number[] {
  return [at0, at1, at2, at3, at4, at5, at6];
}

/** n, up to a multiple of `pad`. */
export function padded(n: number, pad: number): number {
  return Math.ceil(n / pad) * pad;
}

/** Up to seven tensors into a flat one, each to its place. What is bound with n = 0 is not read. */
export const packTensors = defineKernel({
  name: 'pack_tensors',
  source: include('pack_tensors', 'lib/index'),
  bindings: {
    ...{ x0: read, x1: read, x2: read, x3: read, x4: read, x5: read, x6: read },
    flat: update,
  },
  params: PACK,
  cpu({ flat, ...tensors }, params) {
    const [sizes, places] = [packSizes(params), packPlaces(params)];
    Object.values(tensors).forEach((x, i) => {
      flat.set(x.subarray(0, sizes[i]), places[i]);
      flat.fill(0, places[i] + sizes[i], places[i] + padded(sizes[i], params.pad));
    });
  },
  fastCpu({ flat, ...tensors }, params, simd) {
    if (!simd) return false;
    const [sizes, places] = [packSizes(params), packPlaces(params)];
    Object.values(tensors).forEach((x, i) => {
      if (sizes[i] === 0) return;
      const to = flat.byteOffset + 4 * places[i];
      simd.run('copy_rows', sizes[i] / 4, [x, to, 1, sizes[i], 0, 0]);
      const rest = padded(sizes[i], params.pad) - sizes[i];
      if (rest > 0) simd.run('fill', rest / 4, [to + 4 * sizes[i], rest], [0]);
    });
    return true;
  },
  launch: (params) =>
    elementwise(packSizes(params).reduce((sum, n) => sum + padded(n, params.pad), 0)),
});
