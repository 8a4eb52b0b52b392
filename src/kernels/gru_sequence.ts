import source from '../../shaders/gru_sequence.wgsl?raw';
import gradientSource from '../../shaders/gru_sequence_gradient.wgsl?raw';
import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import { simdGru, simdGruGradient } from '../backend/cpu/simd/sequence';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';
import { SWEEP, swept, sweepPlans } from './sweep';

/**
 * A GRU over a sequence; `gruGates` has the equations of a step. `weight` is [3 hidden, hidden],
 * `bias`, of the recurrent product, [3 hidden], h0 [batch, hidden]. `gates`, [time, batch,
 * 3 hidden], holds the projected input with its own bias at first, and the activated gates r, z, n
 * in the end; `ghn`, what the reset gate multiplies, and y, the hidden states, are
 * [time, batch, hidden]. Steps `begin` to `end` - 1; all of them are 0 to `time`.
 */
export const gruSequence = defineKernel({
  ...sweepPlans(wgsl(source, activation, index), (hidden) => ({
    columns: hidden,
    depth: hidden,
  })),
  name: 'gru_sequence',
  bindings: { weight: read, bias: read, h0: read, gates: update, ghn: write, y: write },
  params: SWEEP,
  cpu({ weight: given, bias, h0, gates, ghn, y }, { half, batch, hidden: H, begin, end }) {
    const weight = swept(given, half);
    for (let t = begin; t < end; t++) {
      const hidden = t === 0 ? h0 : y.subarray((t - 1) * batch * H);
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const at = (t * batch + b) * 3 * H + j;
          const s = (t * batch + b) * H + j;
          const recurrent = (part: number): number => {
            let sum = bias[part * H + j];
            for (let k = 0; k < H; k++) sum += weight[(part * H + j) * H + k] * hidden[b * H + k];
            return sum;
          };
          const r = sigmoid(gates[at] + recurrent(0));
          const z = sigmoid(gates[at + H] + recurrent(1));
          const kept = recurrent(2);
          const n = Math.tanh(gates[at + 2 * H] + r * kept);
          gates[at] = r;
          gates[at + H] = z;
          gates[at + 2 * H] = n;
          ghn[s] = kept;
          y[s] = (1 - z) * n + z * hidden[b * H + j];
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdGru(simd, arrays, p),
});

/**
 * Its gradient, back through time; `gruGatesGradient` has the equations of a step. `gates` holds r,
 * z, n at first, and the gradients of the projected input in the end; `ghn` what the reset gate
 * multiplied at first, and its gradient in the end. `dh` holds the gradient of the last state at
 * first, and that of h0 in the end.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` completes dh. All
 * of them are 0 to `time` + 1; to `time` leaves in dh a part of the gradient of h0.
 */
export const gruSequenceGradient = defineKernel({
  ...sweepPlans(wgsl(gradientSource, index), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: 3 * hidden,
  })),
  name: 'gru_sequence_gradient',
  bindings: {
    weight: read,
    gates: update,
    ghn: update,
    y: read,
    h0: read,
    dy: read,
    dh: update,
  },
  params: SWEEP,
  cpu({ weight: given, gates, ghn, y, h0, dy, dh }, { half, time, batch, hidden: H, begin, end }) {
    const weight = swept(given, half);
    /** The gradients at t, through the recurrent weights to unit j of the step before. */
    const recurrent = (t: number, b: number, j: number): number => {
      const row = t * batch + b;
      let sum = 0;
      for (let k = 0; k < 2 * H; k++) sum += gates[row * 3 * H + k] * weight[k * H + j];
      for (let k = 0; k < H; k++) sum += ghn[row * H + k] * weight[(2 * H + k) * H + j];
      return sum;
    };
    for (let s = begin; s < end; s++) {
      const t = time - 1 - s;
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const state = b * H + j;
          const dhidden = dh[state] + (s === 0 ? 0 : recurrent(t + 1, b, j));
          if (s === time) {
            dh[state] = dhidden;
            continue;
          }
          const here = (t * batch + b) * H + j;
          const at = (t * batch + b) * 3 * H + j;
          const r = gates[at];
          const z = gates[at + H];
          const n = gates[at + 2 * H];
          const before = t === 0 ? h0[state] : y[here - batch * H];
          const dout = dhidden + dy[here];
          const dn = dout * (1 - z) * (1 - n * n);
          gates[at] = dn * ghn[here] * r * (1 - r);
          gates[at + H] = dout * (before - n) * z * (1 - z);
          gates[at + 2 * H] = dn;
          ghn[here] = dn * r;
          dh[state] = dout * z;
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdGruGradient(simd, arrays, p),
});
