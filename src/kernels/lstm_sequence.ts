import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/lstm_sequence.wgsl?raw';
import gradientSource from '../../shaders/lstm_sequence_gradient.wgsl?raw';
import { simdLstm, simdLstmGradient } from '../backend/cpu/simd/sequence';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';
import { SWEEP, swept, sweepPlans } from './sweep';

/**
 * An LSTM over a sequence; `lstmGates` has the equations of a step. `weight` is [4 hidden, hidden],
 * h0 and c0 are [batch, hidden]. `gates`, [time, batch, 4 hidden], holds the projected input with
 * all biases at first, and the activated gates i, f, g, o in the end; c and y, the hidden states,
 * are [time, batch, hidden]. Steps `begin` to `end` - 1; all of them are 0 to `time`.
 */
export const lstmSequence = defineKernel({
  ...sweepPlans(wgsl(source, activation, index), (hidden) => ({
    columns: hidden,
    depth: hidden,
  })),
  name: 'lstm_sequence',
  bindings: { weight: read, h0: read, c0: read, gates: update, c: write, y: write },
  params: SWEEP,
  cpu({ weight: given, h0, c0, gates, c, y }, { half, batch, hidden: H, begin, end }) {
    const weight = swept(given, half);
    for (let t = begin; t < end; t++) {
      const hidden = t === 0 ? h0 : y.subarray((t - 1) * batch * H);
      const cell = t === 0 ? c0 : c.subarray((t - 1) * batch * H);
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const at = (t * batch + b) * 4 * H + j;
          const s = (t * batch + b) * H + j;
          const gate = (part: number): number => {
            let sum = gates[at + part * H];
            for (let k = 0; k < H; k++) sum += weight[(part * H + j) * H + k] * hidden[b * H + k];
            return sum;
          };
          const i = sigmoid(gate(0));
          const f = sigmoid(gate(1));
          const g = Math.tanh(gate(2));
          const o = sigmoid(gate(3));
          gates[at] = i;
          gates[at + H] = f;
          gates[at + 2 * H] = g;
          gates[at + 3 * H] = o;
          c[s] = f * cell[b * H + j] + i * g;
          y[s] = o * Math.tanh(c[s]);
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdLstm(simd, arrays, p),
});

/**
 * Its gradient, back through time; `lstmGatesGradient` has the equations of a step. `gates` holds
 * the activated gates at first, and the gradients of what went into them in the end. `dh` and `dc`
 * hold the gradients of the last state at first; in the end dc holds that of c0, and dh that of h0.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` gives dh. All of
 * them are 0 to `time` + 1; to `time` leaves dh alone.
 */
export const lstmSequenceGradient = defineKernel({
  ...sweepPlans(wgsl(gradientSource, activation, index), (hidden) => ({
    columns: Math.ceil(hidden / 4),
    depth: 4 * hidden,
  })),
  name: 'lstm_sequence_gradient',
  bindings: {
    weight: read,
    gates: update,
    c: read,
    c0: read,
    dy: read,
    dh: update,
    dc: update,
  },
  params: SWEEP,
  cpu({ weight: given, gates, c, c0, dy, dh, dc }, { half, time, batch, hidden: H, begin, end }) {
    const weight = swept(given, half);
    /** The gradients of the gates at t, through the recurrent weights to unit j of the step before. */
    const recurrent = (t: number, b: number, j: number): number => {
      let sum = 0;
      for (let k = 0; k < 4 * H; k++) {
        sum += gates[(t * batch + b) * 4 * H + k] * weight[k * H + j];
      }
      return sum;
    };
    for (let s = begin; s < end; s++) {
      const t = time - 1 - s;
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < H; j++) {
          const state = b * H + j;
          const dhidden = s === 0 ? dh[state] : recurrent(t + 1, b, j);
          if (s === time) {
            dh[state] = dhidden;
            continue;
          }
          const here = (t * batch + b) * H + j;
          const at = (t * batch + b) * 4 * H + j;
          const i = gates[at];
          const f = gates[at + H];
          const g = gates[at + 2 * H];
          const o = gates[at + 3 * H];
          const before = t === 0 ? c0[state] : c[here - batch * H];
          const squashed = Math.tanh(c[here]);
          const dout = dhidden + dy[here];
          const dcell = dc[state] + dout * o * (1 - squashed * squashed);
          gates[at] = dcell * g * i * (1 - i);
          gates[at + H] = dcell * before * f * (1 - f);
          gates[at + 2 * H] = dcell * i * (1 - g * g);
          gates[at + 3 * H] = dout * squashed * o * (1 - o);
          dc[state] = dcell * f;
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && simdLstmGradient(simd, arrays, p),
});
