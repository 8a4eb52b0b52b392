/** Rows of matrix multiplication. */
import { ACTIVATIONS, matmul } from '../../../src/kernels/matmul';
import { matmulParams } from '../../../src/kernels/matmul_params';
import { row, SUMMED } from './harness';
import type { Row } from './harness';

/** A matmul of row-major matrices; `options` transposes them or repeats one over the batches. */
function product(
  [m, k, n]: readonly [number, number, number],
  options: {
    batches?: number;
    ta?: boolean;
    tb?: boolean;
    repeat?: 'a' | 'b';
    has_bias?: 0 | 1;
  } = {},
) {
  const { batches = 1, ta = false, tb = false, repeat, has_bias = 0 } = options;
  return matmulParams({
    ...{ m, n, k, batches, has_bias },
    ...(ta ? { row_a: 1, column_a: m } : { row_a: k, column_a: 1 }),
    ...(tb ? { row_b: 1, column_b: k } : { row_b: n, column_b: 1 }),
    batch_a: repeat === 'a' ? 0 : m * k,
    batch_b: repeat === 'b' ? 0 : k * n,
  });
}

/** Elements from the first to the last, of so many each, so far apart. */
function spanned(...view: readonly (readonly [count: number, step: number])[]): number {
  if (view.some(([count]) => count === 0)) return 0;
  return view.reduce((sum, [count, step]) => sum + (count - 1) * step, 1);
}

/** Elements of an operand, up to the last that is read. */
function reachA(p: ReturnType<typeof matmulParams>): number {
  return p.offset_a + spanned([p.batches, p.batch_a], [p.m, p.row_a], [p.k, p.column_a]);
}

function reachB(p: ReturnType<typeof matmulParams>): number {
  return p.offset_b + spanned([p.batches, p.batch_b], [p.k, p.row_b], [p.n, p.column_b]);
}

/** Elements of the result, up to the last that is written. */
function reachOut(p: ReturnType<typeof matmulParams>): number {
  return p.offset_out + spanned([p.batches * p.m, p.row_out], [p.n, 1]);
}

/** Around tiles of 32 and 64, in blocks of 4, with depths in rounds of 8 and 16. */
const MATMULS = [
  ...[0, 1, 31, 32, 33].flatMap((m) =>
    [0, 1, 31, 32, 33].map((n) => product([m, (m + n) % 2 ? 1 : 17, n], { has_bias: 1 })),
  ),
  ...[0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33].map((k) => product([5, k, 7])),
  product([3, 0, 4], { has_bias: 1 }),
  { ...product([3, 0, 4], { has_bias: 1 }), accumulate: 1 },
  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb) => [
      product([65, 33, 130], { ta, tb, repeat: ta ? 'a' : 'b', batches: 3, has_bias: 1 }),
      product([65, 33, 66], { ta, tb, batches: 2 }),
      // Read in quads.
      ...([undefined, 'a', 'b'] as const).map((repeat) =>
        product([68, 20, 132], { ta, tb, repeat, batches: 2, has_bias: 1 }),
      ),
      // One of both is no multiple of four where that is allowed.
      product([68, 21, 64], { ta, tb }),
      product([65, 20, 63], { ta, tb }),
    ]),
  ),
  ...[4, 60, 64, 128].map((m) => product([m, 12, 128 - m])),
  product([65, 130, 33], { batches: 3, repeat: 'b', has_bias: 1 }),
  product([65, 130, 33], { batches: 0 }),
  {
    ...product([5, 33, 65], { has_bias: 1 }),
    accumulate: 1,
    offset_a: 3,
    offset_b: 2,
    offset_out: 7,
  },
  { ...product([33, 7, 5], { tb: true, batches: 2 }), accumulate: 1, offset_out: 1 },
  ...[3, 4].flatMap((offset) => [
    { ...product([8, 16, 12]), offset_a: offset, offset_b: 4, offset_out: 5 },
    { ...product([8, 16, 12]), offset_a: 8, offset_b: offset },
  ]),
  // Rows of a wider matrix.
  { ...product([9, 8, 9]), row_a: 12, row_b: 20, batch_a: 0, batch_b: 0 },
  { ...product([9, 6, 9]), row_a: 12, row_b: 20, batch_a: 0, batch_b: 0 },
  // Into rows of a wider matrix, the depth in one split and in several.
  { ...product([33, 12, 36], { batches: 2, has_bias: 1 }), row_out: 41, offset_out: 2 },
  { ...product([5, 516, 7], { has_bias: 1 }), row_out: 12, offset_out: 3, accumulate: 1 },
  // The depth in splits.
  ...[255, 256, 257, 260, 271, 272, 273, 1024, 1027].map((k) => product([5, k, 7])),
  ...[false, true].flatMap((ta) =>
    [false, true].map((tb) => ({
      ...product([36, 516, 68], { ta, tb, batches: 2, has_bias: 1 }),
      accumulate: 1,
      offset_out: 3,
    })),
  ),
  product([33, 1027, 65]),
  product([513, 40, 37], { ta: true }),
  product([516, 8, 520], { ta: true, has_bias: 1 }),
  // One large side, in every order.
  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb) =>
      (
        [
          [129, 7, 1023],
          [1023, 129, 7],
          [7, 1023, 129],
          [1, 129, 1023],
          [129, 1, 1023],
          [129, 1023, 1],
          [129, 1028, 67],
        ] as const
      ).map((sizes) => product(sizes, { ta, tb, has_bias: 1 })),
    ),
  ),
  // Read in quads, and written by itself.
  product([132, 20, 129], { tb: true, batches: 2 }),
  { ...product([132, 20, 132], { ta: true }), offset_out: 2 },
  { ...product([132, 20, 132]), row_out: 133 },
];

/** Each activation with and without bias and accumulation, the depth in one split and in several. */
const ACTIVATED = [...ACTIVATIONS.keys()]
  .slice(1)
  .flatMap((activation) =>
    ([0, 1] as const).flatMap((has_bias) =>
      [0, 1].flatMap((accumulate) =>
        (accumulate === has_bias
          ? [product([33, 17, 65], { has_bias }), product([5, 516, 68], { has_bias, batches: 2 })]
          : [
              product([36, 20, 68], { has_bias, tb: true, batches: 2 }),
              product([33, 1027, 5], { has_bias, tb: true }),
            ]
        ).map((p, i) => ({ ...p, accumulate, activation, offset_out: 3, row_out: p.n + 2 * i })),
      ),
    ),
  );

export const MATMUL: readonly Row[] = [
  row(matmul, SUMMED, [...MATMULS, ...ACTIVATED], (p) => ({
    a: reachA(p),
    b: reachB(p),
    bias: p.has_bias ? p.n : 1,
    out: reachOut(p),
  })),
];
