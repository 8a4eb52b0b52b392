/** Rows of the optimizers, their clock and their gradients' norm. */
import { adagrad } from '../../../src/kernels/adagrad';
import { adam } from '../../../src/kernels/adam';
import { clipScale, INFINITY_BITS } from '../../../src/kernels/clip_scale';
import { optimizerClock } from '../../../src/kernels/optimizer_clock';
import { rmsprop } from '../../../src/kernels/rmsprop';
import { sgd } from '../../../src/kernels/sgd';
import { squareSum } from '../../../src/kernels/square_sum';
import { SIZES, cross, each, clock } from './cases';
import { numbers, ROUNDED, row, SUMMED } from './harness';
import type { Row } from './harness';

export const OPTIMIZERS: readonly Row[] = [
  row(
    squareSum,
    SUMMED,
    cross(each('n', [0, 1, 255, 256, 257, 8192, 8193, 20_000]), each('slot', [0, 2])),
    ({ n }) => ({ x: n, out: 12 }),
  ),
  row(
    clipScale,
    ROUNDED,
    cross(cross(each('count', [0, 1, 5]), each('limit', [0.5, 100])), [
      { infinity: INFINITY_BITS },
    ]),
    ({ count }) => ({
      partial: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : i + 1)),
      norm: 1,
      scale: 1,
    }),
  ),
  row(
    optimizerClock,
    ROUNDED,
    cross(each('count', [1, 63, 130]), [
      { limit: 5, gain1: 0.1, gain2: 0.001 },
      { limit: 3e38, gain1: 0.1, gain2: 0.001 },
    ]),
    ({ count }) => ({
      partial: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : i + 1)),
      clock: clock(0),
    }),
  ),
  row(
    sgd,
    ROUNDED,
    cross(cross(each('n', SIZES), each('nesterov', [0, 1])), [
      { offset: 3, momentum: 0.9, weight_decay: 0.1 },
    ]),
    ({ n }) => ({ clock: clock(n === 2 ? 0 : 1), grad: n + 3, param: n + 3, velocity: n + 3 }),
  ),
  row(
    adam,
    SUMMED,
    cross(cross(each('n', SIZES), each('decoupled', [0, 1])), [
      { offset: 3, beta1: 0.9, beta2: 0.99, gain1: 0.1, gain2: 0.01, eps: 1e-8, weight_decay: 0.1 },
    ]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3, mean: n + 3 },
      square: numbers(n + 3, 0.5, 1),
    }),
  ),
  row(
    adagrad,
    SUMMED,
    cross(each('n', SIZES), [{ offset: 3, lr_decay: 0.1, weight_decay: 0.1, eps: 1e-10 }]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3 },
      sum: numbers(n + 3, 0.5, 1),
    }),
  ),
  row(
    rmsprop,
    SUMMED,
    cross(cross(each('n', SIZES), each('centered', [0, 1])), [
      { offset: 3, alpha: 0.9, momentum: 0.8, weight_decay: 0.1, eps: 1e-8 },
    ]),
    ({ n }) => ({
      clock: clock(n === 2 ? 0 : 1),
      ...{ grad: n + 3, param: n + 3, buffer: n + 3 },
      square: numbers(n + 3, 1, 2),
      average: numbers(n + 3, -0.3, 0.3),
    }),
  ),
];
