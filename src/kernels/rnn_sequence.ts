import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/rnn_sequence.wgsl?raw';
import gradientSource from '../../shaders/rnn_sequence_gradient.wgsl?raw';
import { simdRnn, simdRnnGradient } from '../backend/cpu/simd/sequence';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { NONLINEARITIES } from './rnn_activation';
import { SWEEP, swept, sweepPlans } from './sweep';
import { UNARY } from './unary';

const PARAMS = { nonlinearity: 'override', ...SWEEP } as const;

/**
 * h = f(gx + W h_before) over a sequence. `weight` is [hidden, hidden], h0 [batch, hidden]. `y`,
 * [time, batch, hidden], holds the projected input with all biases at first, and the hidden states
 * in the end. Steps `begin` to `end` - 1; all of them are 0 to `time`.
 */
export const rnnSequence = defineKernel({
  ...sweepPlans<typeof PARAMS>(wgsl(source, activation, index), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: hidden,
  })),
  name: 'rnn_sequence',
  bindings: { weight: read, h0: read, y: update },
  params: PARAMS,
  cpu({ weight: given, h0, y }, { half, nonlinearity, batch, hidden: H, begin, end }) {
    const weight = swept(given, half);
    const { f } = UNARY[NONLINEARITIES[nonlinearity]];
    for (let t = begin; t < end; t++) {
      const hidden = t === 0 ? h0 : y.subarray((t - 1) * batch * H);
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const at = (t * batch + b) * H + j;
          let sum = y[at];
          for (let k = 0; k < H; k++) sum += weight[j * H + k] * hidden[b * H + k];
          y[at] = f(sum);
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdRnn(simd, arrays, p),
});

/**
 * Its gradient, back through time: `dz`, [time, batch, hidden], takes the gradients of what went
 * into f. `dh` holds the gradient of the last state at first, and that of h0 in the end.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` gives dh. All of
 * them are 0 to `time` + 1; to `time` leaves dh alone.
 */
export const rnnSequenceGradient = defineKernel({
  ...sweepPlans<typeof PARAMS>(wgsl(gradientSource, index), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: hidden,
  })),
  name: 'rnn_sequence_gradient',
  bindings: { weight: read, y: read, dy: read, dh: update, dz: write },
  params: PARAMS,
  cpu(
    { weight: given, y, dy, dh, dz },
    { half, nonlinearity, time, batch, hidden: H, begin, end },
  ) {
    const weight = swept(given, half);
    const { df } = UNARY[NONLINEARITIES[nonlinearity]];
    for (let s = begin; s < end; s++) {
      const t = time - 1 - s;
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const state = b * H + j;
          let recurrent = s === 0 ? dh[state] : 0;
          if (s > 0) {
            const after = ((t + 1) * batch + b) * H;
            for (let k = 0; k < H; k++) recurrent += dz[after + k] * weight[k * H + j];
          }
          if (s === time) {
            dh[state] = recurrent;
            continue;
          }
          const here = (t * batch + b) * H + j;
          dz[here] = (dy[here] + recurrent) * df(y[here], y[here]);
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdRnnGradient(simd, arrays, p),
});
