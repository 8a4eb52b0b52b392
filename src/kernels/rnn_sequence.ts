import activation from '../../shaders/lib/activation.wgsl?raw';
import back from '../../shaders/lib/sweep_back.wgsl?raw';
import forward from '../../shaders/lib/sweep_forward.wgsl?raw';
import source from '../../shaders/rnn_sequence.wgsl?raw';
import gradientSource from '../../shaders/rnn_sequence_gradient.wgsl?raw';
import { simdRnn, simdRnnGradient } from './simd/sequence';
import type { NumberArray } from '../backend/dtype';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { NONLINEARITIES } from './rnn_activation';
import { columnProduct, matricesOf, rowProduct, SWEEP, sweepConfigs } from './sweep';
import { UNARY } from './unary';

const PARAMS = { nonlinearity: 'override', ...SWEEP } as const;

/**
 * h = f(gx + W h_before) over a sequence; `SWEEP` has what layers are to it. Matrices of `weight` are
 * [hidden, hidden], h0 is [layers, batch, hidden]. `y`, [layers, time, batch, hidden], holds the
 * projected input with all biases in the first layer and the biases in the others at first, and the
 * hidden states in the end.
 */
export const rnnSequence = defineKernel({
  ...sweepConfigs<typeof PARAMS>(wgsl(source, forward, activation), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: hidden,
  })),
  name: 'rnn_sequence',
  bindings: { weight: read, h0: read, y: update },
  params: PARAMS,
  cpu({ weight, h0, y }, p) {
    const { nonlinearity, layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, H, H);
    const { f } = UNARY[NONLINEARITIES[nonlinearity]];
    for (let layer = 0; layer < layers; layer++) {
      for (let t = begin; t < end; t++) {
        const row = (layer * time + t) * batch;
        const hidden = t === 0 ? h0.subarray(layer * batch * H) : y.subarray((row - batch) * H);
        for (let b = 0; b < batch; b++) {
          for (let j = 0; j < H; j++) {
            const at = (row + b) * H + j;
            let sum = y[at] + rowProduct(recurrent[layer], j, hidden, b, H);
            if (layer > 0) sum += rowProduct(input[layer], j, y, row - time * batch + b, H);
            y[at] = f(sum);
          }
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && p.layers === 1 && simdRnn(simd, arrays, p),
});

/**
 * Its gradient, back through time: `dz`, [layers, time, batch, hidden], takes the gradients of what
 * went into f. `dy`, [time, batch, hidden], is the gradient of the highest layer's y. `dh` holds the
 * gradient of the last state at first, and that of h0 in the end.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` gives dh. All of
 * them are 0 to `time` + 1; to `time` leaves dh alone.
 */
export const rnnSequenceGradient = defineKernel({
  ...sweepConfigs<typeof PARAMS>(wgsl(gradientSource, back), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: hidden,
  })),
  name: 'rnn_sequence_gradient',
  bindings: { weight: read, y: read, dy: read, dh: update, dz: write },
  params: PARAMS,
  cpu({ weight, y, dy, dh, dz }, p) {
    const { nonlinearity, layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, H, H);
    const { df } = UNARY[NONLINEARITIES[nonlinearity]];
    const through = (matrix: NumberArray, row: number, j: number): number =>
      columnProduct(dz, row * H, H, matrix, 0, j, H);
    for (let layer = layers - 1; layer >= 0; layer--) {
      for (let s = begin; s < end; s++) {
        const t = time - 1 - s;
        for (let b = 0; b < batch; b++) {
          const row = (layer * time + t) * batch + b;
          for (let j = 0; j < H; j++) {
            const state = (layer * batch + b) * H + j;
            const dhidden = s === 0 ? dh[state] : through(recurrent[layer], row + batch, j);
            if (s === time) {
              dh[state] = dhidden;
              continue;
            }
            const here = row * H + j;
            const above =
              layer === layers - 1
                ? dy[(t * batch + b) * H + j]
                : through(input[layer + 1], row + time * batch, j);
            dz[here] = (dhidden + above) * df(y[here], y[here]);
          }
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) =>
    simd !== undefined && p.layers === 1 && simdRnnGradient(simd, arrays, p),
});
