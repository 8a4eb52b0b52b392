/** Rows of the losses. */
import { crf } from '../../../src/kernels/crf';
import { crossEntropy, crossEntropyGradient } from '../../../src/kernels/cross_entropy';
import { ctc } from '../../../src/kernels/ctc';
import { meanLoss } from '../../../src/kernels/mean_loss';
import { softmaxLoss } from '../../../src/kernels/softmax_loss';
import { ROWS, cross, each } from './cases';
import { CURVED, LONG_SUM, numbers, row, someIds } from './harness';
import type { Row } from './harness';

/** With weights of the classes and without, smoothed and not. */
const TARGETS = cross(
  cross(each('ignore', [-1, 2]), each('weighted', [0, 1])),
  each('smoothing', [0, 0.3]),
);

export const LOSSES: readonly Row[] = [
  row(
    softmaxLoss,
    CURVED,
    cross(cross(ROWS, TARGETS), each('share', [1, 0.25])),
    ({ rows, n, weighted }) => ({
      targets: someIds(rows, n),
      logits: numbers(rows * n, -8, 8),
      class_weights: numbers(weighted * n, 0, 3),
      ...{ loss: rows, weight: rows },
    }),
  ),
  row(meanLoss, LONG_SUM, each('n', [0, 1, 2, 63, 64, 65, 1000]), ({ n }) => ({
    loss: n === 2 ? new Float32Array(2) : numbers(n, 0, 1),
    weight: n === 2 ? new Float32Array(2) : numbers(n, 0.5, 1),
    ...{ mean: 1, share: 1 },
  })),
  row(crossEntropy, CURVED, cross(ROWS, TARGETS), ({ rows, n, weighted }) => ({
    logits: numbers(rows * n, -8, 8),
    targets: someIds(rows, n),
    class_weights: numbers(weighted * n, 0, 3),
    ...{ loss: rows, weight: rows, mass: rows, highest: rows, logtotal: rows },
  })),
  row(crossEntropyGradient, CURVED, cross(ROWS, TARGETS), ({ rows, n, weighted }) => ({
    logits: numbers(rows * n, -8, 8),
    targets: someIds(rows, n),
    class_weights: numbers(weighted * n, 0, 3),
    mass: numbers(rows, 0, 2),
    highest: numbers(rows, 7, 8),
    logtotal: numbers(rows, 0, 2),
    g: rows,
    dlogits: rows * n,
  })),
  row(
    crf,
    CURVED,
    cross(cross(each('n', [1, 3, 63, 64, 65, 130]), each('gradients', [0, 1])), [
      { time: 1, batch: 1 },
      { time: 5, batch: 7 },
      { time: 0, batch: 2 },
    ]),
    ({ time, batch, n, gradients }) => ({
      emissions: numbers(time * batch * n, -4, 4),
      tags: someIds(time * batch, n),
      lengths: someIds(batch, time + 1),
      scores: numbers((n + 2) * n, -3, 3),
      ...{ loss: batch, weight: batch },
      demissions: gradients * time * batch * n,
      dscores: gradients * batch * (n + 2) * n,
    }),
  ),
  row(
    ctc,
    CURVED,
    cross(
      cross(
        [
          { time: 1, batch: 1, classes: 2, labels: 1 },
          { time: 9, batch: 7, classes: 3, labels: 4 },
          { time: 40, batch: 3, classes: 70, labels: 35 },
          { time: 70, batch: 2, classes: 5, labels: 90 },
          { time: 0, batch: 2, classes: 3, labels: 0 },
        ],
        cross(each('gradients', [0, 1]), each('concatenated', [0, 1])),
      ),
      [
        { blank: 0, from_log_probs: 0, divide: 1, scale: 0.5, infeasible: 7 },
        { blank: 1, from_log_probs: 1, divide: 0, scale: 1, infeasible: 0 },
      ],
    ).map((p) => ({ ...p, first: 0, longest: Math.min(p.labels, p.batch - 1) })),
    ({ time, batch, classes, labels, gradients, concatenated }) => ({
      logits: numbers(time * batch * classes, -4, 4),
      // Labels that are none, and blanks, are among them.
      targets: someIds(concatenated ? labels : batch * labels, classes),
      input_lengths: Int32Array.from({ length: batch }, (_, b) =>
        b % 3 === 2 ? -1 : time + 1 - b,
      ),
      target_lengths: Int32Array.from({ length: batch }, (_, b) => b % (labels + 2)),
      ...{ loss: batch, dlogits: gradients * time * batch * classes },
    }),
  ),
];
