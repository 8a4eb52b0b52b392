/** Rows of the kernels that gather, scatter, reorder, pack and draw. */
import type { ParamValues } from '../../../src/backend/kernel';
import { clearRows } from '../../../src/kernels/clear_rows';
import { copy } from '../../../src/kernels/copy';
import { drawToken } from '../../../src/kernels/draw_token';
import { gather } from '../../../src/kernels/gather';
import { oneHot } from '../../../src/kernels/one_hot';
import { packSizes, packTensors } from '../../../src/kernels/pack_tensors';
import { ringPush } from '../../../src/kernels/ring_push';
import { scatterAdd } from '../../../src/kernels/scatter_add';
import { sequenceMask } from '../../../src/kernels/sequence_mask';
import { longestList, SEQUENCE_LISTS, sequenceOrder } from '../../../src/kernels/sequence_order';
import { unpackTensors } from '../../../src/kernels/unpack_tensors';
import { words } from '../../../src/tensor/shape';
import { SIZES, cross, each, size, extent } from './cases';
import { EXACT, numbers, row, someIds, SUMMED } from './harness';
import type { Row } from './harness';

/** Draws: the number of ids, and temperature, top k and top p. */
const DRAWS = [
  [1, 1, 0, 1],
  [5, 1, 0, 1],
  [65, 0.7, 0, 1],
  [65, 0, 0, 1],
  [65, 1e-38, 0, 1],
  [65, 2, 3, 1],
  [65, 2, 1, 1],
  [65, 2, 0, 0.37],
  [200, 3, 20, 0.93],
  [200, 3, 1000, 0.01],
  [5000, 3, 0, 1],
] as const;

/** How ids index: an id for a whole row (an embedding), or one for each element. */
const INDEXINGS = [
  ...[
    { outer: 1, n: 10, count: 7, inner: 65 },
    { outer: 1, n: 3, count: 0, inner: 5 },
    { outer: 1, n: 0, count: 3, inner: 5 },
    { outer: 1, n: 1, count: 1, inner: 1 },
    { outer: 1, n: 65, count: 1000, inner: 3 },
    { outer: 1, n: 3, count: 257, inner: 258 },
    { outer: 1, n: 2, count: 255, inner: 513 },
    { outer: 3, n: 5, count: 4, inner: 1 },
    { outer: 1, n: 10, count: 70, inner: 64 },
    { outer: 1, n: 0, count: 3, inner: 4 },
    { outer: 3, n: 5, count: 4, inner: 8 },
  ].map((indexing) => ({ ...indexing, id_outer: 0, id_count: 1, id_inner: 0 })),
  ...[
    { outer: 3, n: 5, count: 4, inner: 6 },
    { outer: 2, n: 64, count: 63, inner: 1 },
    { outer: 5, n: 1, count: 1, inner: 13 },
  ].map((indexing) => ({
    ...indexing,
    ...{ id_outer: indexing.count * indexing.inner, id_count: indexing.inner, id_inner: 1 },
  })),
];

function indexedSizes({ outer, n, count, inner, id_inner }: (typeof INDEXINGS)[number]) {
  const ids = someIds(id_inner ? outer * count * inner : count, n);
  return { table: outer * n * inner, picked: outer * count * inner, ids };
}

/** A permutation, a slice with a step, a repeat, a part of a concatenation. */
const COPIES = [
  ...SIZES.map((n) => ({ shape: [n], from: [1], to: [1], offset_from: 0, offset_to: 0 })),
  { shape: [], from: [], to: [], offset_from: 2, offset_to: 3 },
  { shape: [5, 7], from: [1, 5], to: [7, 1], offset_from: 0, offset_to: 0 },
  { shape: [4, 3, 65], from: [65, 260, 1], to: [195, 65, 1], offset_from: 0, offset_to: 0 },
  { shape: [9, 5], from: [21, 2], to: [5, 1], offset_from: 3, offset_to: 0 },
  { shape: [6, 4], from: [0, 1], to: [4, 1], offset_from: 1, offset_to: 0 },
  { shape: [6, 4], from: [4, 1], to: [10, 1], offset_from: 0, offset_to: 5 },
  // In quads: rows repeated, rows of a slice, rows in another order.
  { shape: [6, 8], from: [0, 1], to: [8, 1], offset_from: 4, offset_to: 0 },
  { shape: [35, 4], from: [12, 1], to: [20, 1], offset_from: 8, offset_to: 4 },
  {
    shape: [2, 3, 2, 1, 3, 4],
    from: [4, 8, 24, 48, 48, 1],
    to: [72, 24, 12, 12, 4, 1],
    offset_from: 0,
    offset_to: 0,
  },
  { shape: [3, 2, 12], from: [12, 36, 1], to: [24, 12, 1], offset_from: 0, offset_to: 0 },
  {
    shape: [2, 3, 2, 2, 3, 2],
    from: [1, 2, 6, 12, 24, 72],
    to: [72, 24, 12, 6, 2, 1],
    offset_from: 0,
    offset_to: 0,
  },
].map(({ shape, from, to, ...offsets }) => ({
  ...offsets,
  rank: shape.length,
  n: size(shape),
  shape: words(shape, 1),
  stride_from: words(from, 0),
  stride_to: words(to, 0),
}));

const PACKS = [
  {
    ...{ n0: 1, n1: 0, n2: 0, n3: 0, n4: 0, n5: 0, n6: 0 },
    ...{ at0: 0, at1: 0, at2: 0, at3: 0, at4: 0, at5: 0, at6: 0, pad: 1 },
  },
  {
    ...{ n0: 3, n1: 64, n2: 1, n3: 65, n4: 2, n5: 100, n6: 7 },
    ...{ at0: 97, at1: 5, at2: 0, at3: 100, at4: 290, at5: 180, at6: 293, pad: 1 },
  },
  {
    ...{ n0: 3, n1: 32, n2: 1, n3: 65, n4: 0, n5: 33, n6: 7 },
    ...{ at0: 32, at1: 64, at2: 0, at3: 192, at4: 100, at5: 128, at6: 96, pad: 32 },
  },
];

/** Seven tensors; what has no elements is bound all the same. */
function packed(p: ParamValues<typeof packTensors.params>) {
  const [x0, x1, x2, x3, x4, x5, x6] = packSizes(p).map((n) => Math.max(n, 1));
  return { x0, x1, x2, x3, x4, x5, x6 };
}

export const MOVES: readonly Row[] = [
  row(copy, EXACT, COPIES, (p) => ({
    source: numbers(p.offset_from + extent(p, p.stride_from), -1, 1),
    target_: p.offset_to + extent(p, p.stride_to),
  })),
  row(copy, EXACT, COPIES, (p) => ({
    source: someIds(p.offset_from + extent(p, p.stride_from), 1e9),
    target_: new Int32Array(p.offset_to + extent(p, p.stride_to)),
  })),
  row(
    drawToken,
    EXACT,
    DRAWS.map(([n], i) => ({ rows: 1 + (i % 3), n, capacity: i + 1 })),
    ({ rows, n, capacity }) => ({
      // Far apart, so that rounding moves no boundary of a kept set.
      logits: numbers(rows * n, -6, 6, 0.5),
      settings: Float32Array.from(DRAWS[capacity - 1].slice(1)),
      cursor: Uint32Array.from({ length: 4 * rows }, (_, i) => [7 + i, 2, capacity + i, 0][i % 4]),
      id: new Int32Array(rows).fill(-1),
      drawn: new Int32Array(rows * capacity).fill(-1),
    }),
  ),
  row(ringPush, EXACT, each('capacity', [1, 5]), ({ capacity }) => ({
    ...{ value: 1, counter: Uint32Array.of(capacity - 1), ring: capacity },
  })),
  row(gather, EXACT, INDEXINGS, (p) => {
    const { table, picked, ids } = indexedSizes(p);
    return { x: table, ids, out: picked };
  }),
  row(scatterAdd, SUMMED, cross(INDEXINGS, each('add', [0, 1])), (p) => {
    const { table, picked, ids } = indexedSizes(p);
    return { g: picked, ids, out: table };
  }),
  row(
    oneHot,
    EXACT,
    cross(each('count', [0, 1, 13]), each('n', [1, 5, 63, 64, 65])),
    ({ count, n }) => ({ ids: someIds(count, n), out: count * n }),
  ),
  row(
    sequenceMask,
    EXACT,
    cross(each('time', [0, 1, 13, 65]), each('batch', [0, 1, 5, 64])),
    ({ time, batch }) => ({ lengths: someIds(batch, time), out: time * batch }),
  ),
  row(
    sequenceOrder,
    EXACT,
    cross(
      cross(each('time', [1, 4, 13, 65]), each('batch', [1, 2, 5, 64, 65])),
      each('batch_first', [0, 1]),
    ).map((p) => ({ ...p, stride: longestList(p) + 3 })),
    ({ time, batch, stride }) => ({
      lengths: someIds(batch, time),
      lists: new Int32Array(SEQUENCE_LISTS.length * stride),
    }),
  ),
  row(
    clearRows,
    EXACT,
    cross(cross(each('rows', [1, 7, 65]), each('width', [1, 5, 64])), each('at', [0, 1, 2, 3])),
    ({ rows, width }) => ({ begins: Int32Array.of(0, 1, rows - 1, rows), x: rows * width }),
  ),
  row(packTensors, EXACT, PACKS, (p) => ({ ...packed(p), flat: 300 })),
  row(unpackTensors, EXACT, PACKS, (p) => ({ ...packed(p), flat: 300 })),
];
