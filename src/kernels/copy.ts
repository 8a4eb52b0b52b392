import { defineKernel, elementwise, include } from '../backend/kernel';
import type { KernelConfig, ParamValues } from '../backend/kernel';
import { strided } from './math';

const COPY = {
  shape: 'u32x8',
  stride_from: 'u32x8',
  stride_to: 'u32x8',
  rank: 'u32',
  n: 'u32',
  offset_from: 'u32',
  offset_to: 'u32',
} as const;

type CopyParams = ParamValues<typeof COPY>;

/** Parameters that copy the first n elements. */
export function copyOf(n: number): CopyParams {
  const stride = [1, 0, 0, 0, 0, 0, 0, 0];
  return {
    ...{ rank: 1, shape: [n, 1, 1, 1, 1, 1, 1, 1], stride_from: stride, stride_to: stride },
    ...{ n, offset_from: 0, offset_to: 0 },
  };
}

const ANY: KernelConfig<typeof COPY> = {
  name: 'any',
  source: include('copy', 'lib/strides', 'lib/index'),
  launch: ({ n }) => elementwise(n),
};
const QUADS: KernelConfig<typeof COPY> = {
  name: 'quads',
  source: include('copy_quads', 'lib/strides', 'lib/index'),
  launch: ({ n }) => elementwise(n / 4),
};

/** Whether both sides have runs of fours, which begin at multiples of four. */
function inQuads({ rank, shape, offset_from, offset_to, ...p }: CopyParams): boolean {
  const last = rank - 1;
  const sides = [
    [offset_from, p.stride_from],
    [offset_to, p.stride_to],
  ] as const;
  return (
    rank > 0 &&
    shape[last] % 4 === 0 &&
    sides.every(
      ([offset, strides]) =>
        offset % 4 === 0 &&
        strides[last] === 1 &&
        strides.slice(0, last).every((stride) => stride % 4 === 0),
    )
  );
}

/**
 * Moves elements from one strided view to another: permutations, slices, repeats, and the parts of
 * a concatenation.
 */
export const copy = defineKernel({
  name: 'copy',
  bindings: {
    source: { access: 'in', element: 'any' },
    target_: { access: 'inout', element: 'any' },
  },
  params: COPY,
  cpu({ source, target_ }, { rank, shape, stride_from, stride_to, n, offset_from, offset_to }) {
    for (let i = 0; i < n; i++) {
      target_[offset_to + strided(i, rank, shape, stride_to)] =
        source[offset_from + strided(i, rank, shape, stride_from)];
    }
  },
  /** Runs along the last dimension; most copies are one run, or rows of them. */
  fastCpu({ source, target_ }, p, simd) {
    const { rank, shape, stride_from, stride_to, n, offset_from, offset_to } = p;
    if (rank === 0 || n === 0) return false;
    const last = rank - 1;
    const run = shape[last];
    const from = stride_from[last];
    const to = stride_to[last];
    if (simd && rank <= 2 && from === 1 && to === 1) {
      const addresses = [source.byteOffset + 4 * offset_from, target_.byteOffset + 4 * offset_to];
      simd.run('copy_rows', n / 4, [...addresses, n / run, run, stride_from[0], stride_to[0]]);
      return true;
    }
    for (let row = 0; row < n / run; row++) {
      const start = offset_from + strided(row, last, shape, stride_from);
      const end = offset_to + strided(row, last, shape, stride_to);
      for (let i = 0; i < run; i++) target_[end + i * to] = source[start + i * from];
    }
    return true;
  },
  candidates: (p) => ({ sizeClass: 'any', configs: [inQuads(p) ? QUADS : ANY] }),
});
