/** Rows of reductions and of softmax. */
import { argmax } from '../../../src/kernels/argmax';
import { REDUCE, reduce } from '../../../src/kernels/reduce';
import { softmax, softmaxGradient } from '../../../src/kernels/softmax';
import { ROWS, cross, each } from './cases';
import { CURVED, EXACT, LONG_SUM, numbers, row } from './harness';
import type { Row } from './harness';

/** Past what one dimension of workgroups holds. */
const MANY = 65_537;

export const REDUCTIONS: readonly Row[] = [
  row(
    reduce,
    LONG_SUM,
    [
      ...cross(
        cross(each('n', [0, 1, 63, 64, 65, 1000]), each('inner', [1, 2, 65])),
        cross(each('outer', [0, 1, 3]), each('op', [REDUCE.sum, REDUCE.max])),
      ).filter(({ n, op }) => n > 0 || op === REDUCE.sum),
      { n: 3, inner: 1, outer: MANY, op: REDUCE.sum },
      { n: 3, inner: 0, outer: 2, op: REDUCE.sum },
      // Long columns, in one stage and in two.
      ...cross(
        cross(each('n', [33, 4096, 4097, 7000]), each('inner', [1, 3, 4, 129, 132])),
        cross(each('outer', [1, 2]), each('op', [REDUCE.sum, REDUCE.max])),
      ),
      ...each('inner', [2049, 2052]).map((p) => ({ ...p, n: 129, outer: 1, op: REDUCE.sum })),
    ].map((p) => ({ ...p, scale: 0.5 })),
    ({ outer, n, inner }) => ({ x: outer * n * inner, out: outer * inner }),
  ),
  row(
    argmax,
    EXACT,
    cross(each('n', [1, 2, 63, 64, 65]), [
      { outer: 0, inner: 3 },
      { outer: 65, inner: 1 },
      { outer: 3, inner: 31 },
    ]),
    ({ outer, n, inner }) => ({ x: numbers(outer * n * inner, -2, 2, 0.5), out: outer * inner }),
  ),
  row(softmax, CURVED, cross(ROWS, each('logarithm', [0, 1])), ({ rows, n }) => ({
    x: numbers(rows * n, -8, 8),
    y: rows * n,
  })),
  row(
    softmaxGradient,
    CURVED,
    cross(ROWS, each('logarithm', [0, 1])),
    ({ rows, n, logarithm }) => ({
      y: logarithm ? numbers(rows * n, -8, 0) : numbers(rows * n, 0, 1),
      g: rows * n,
      dx: rows * n,
    }),
  ),
];
