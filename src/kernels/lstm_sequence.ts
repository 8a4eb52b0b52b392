import activation from '../../shaders/lib/activation.wgsl?raw';
import back from '../../shaders/lib/sweep_back.wgsl?raw';
import forward from '../../shaders/lib/sweep_forward.wgsl?raw';
import source from '../../shaders/lstm_sequence.wgsl?raw';
import gradientSource from '../../shaders/lstm_sequence_gradient.wgsl?raw';
import { simdLstm, simdLstmGradient } from './simd/sequence';
import type { NumberArray } from '../backend/dtype';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';
import { columnProduct, matricesOf, rowProduct, SWEEP, sweepConfigs } from './sweep';

/**
 * An LSTM over a sequence; `lstmGates` has the equations of a step, `SWEEP` what layers are to it.
 * Matrices of `weight` are [4 hidden, hidden], h0 and c0 are [layers, batch, hidden]. `gates`,
 * [layers, time, batch, 4 hidden], holds the projected input with all biases in the first layer and
 * the biases in the others at first, and the activated gates i, f, g, o in the end; c and y, the
 * hidden states, are [layers, time, batch, hidden].
 */
export const lstmSequence = defineKernel({
  ...sweepConfigs(wgsl(source, forward, activation), (hidden) => ({
    columns: hidden,
    depth: hidden,
  })),
  name: 'lstm_sequence',
  bindings: { weight: read, h0: read, c0: read, gates: update, c: write, y: write },
  params: SWEEP,
  cpu({ weight, h0, c0, gates, c, y }, p) {
    const { layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, 4 * H, H);
    for (let layer = 0; layer < layers; layer++) {
      for (let t = begin; t < end; t++) {
        const row = (layer * time + t) * batch;
        const before = t === 0 ? layer * batch : row - batch;
        const hidden = (t === 0 ? h0 : y).subarray(before * H);
        const cell = (t === 0 ? c0 : c).subarray(before * H);
        for (let b = 0; b < batch; b++) {
          for (let j = 0; j < H; j++) {
            const at = (row + b) * 4 * H + j;
            const s = (row + b) * H + j;
            const gate = (part: number): number => {
              const own = rowProduct(recurrent[layer], part * H + j, hidden, b, H);
              if (layer === 0) return gates[at + part * H] + own;
              return (
                gates[at + part * H] +
                own +
                rowProduct(input[layer], part * H + j, y, row - time * batch + b, H)
              );
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
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && p.layers === 1 && simdLstm(simd, arrays, p),
});

/**
 * Its gradient, back through time; `lstmGatesGradient` has the equations of a step. `gates` holds
 * the activated gates at first, and the gradients of what went into them in the end. `dy`,
 * [time, batch, hidden], is the gradient of the highest layer's y. `dh` and `dc` hold the gradients
 * of the last state at first; in the end dc holds that of c0, and dh that of h0.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` gives dh. All of
 * them are 0 to `time` + 1; to `time` leaves dh alone.
 */
export const lstmSequenceGradient = defineKernel({
  ...sweepConfigs(wgsl(gradientSource, back, activation), (hidden) => ({
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
  cpu({ weight, gates, c, c0, dy, dh, dc }, p) {
    const { layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, 4 * H, H);
    /** The gradients of the gates of a row, through a matrix to its unit j. */
    const through = (matrix: NumberArray, row: number, j: number): number =>
      columnProduct(gates, row * 4 * H, 4 * H, matrix, 0, j, H);
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
            const dout =
              layer === layers - 1
                ? dhidden + dy[(t * batch + b) * H + j]
                : dhidden + through(input[layer + 1], row + time * batch, j);
            const here = row * H + j;
            const at = row * 4 * H + j;
            const i = gates[at];
            const f = gates[at + H];
            const g = gates[at + 2 * H];
            const o = gates[at + 3 * H];
            const before = t === 0 ? c0[state] : c[here - batch * H];
            const squashed = Math.tanh(c[here]);
            const dcell = dc[state] + dout * o * (1 - squashed * squashed);
            gates[at] = dcell * g * i * (1 - i);
            gates[at + H] = dcell * before * f * (1 - f);
            gates[at + 2 * H] = dcell * i * (1 - g * g);
            gates[at + 3 * H] = dout * squashed * o * (1 - o);
            dc[state] = dcell * f;
          }
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) =>
    simd !== undefined && p.layers === 1 && simdLstmGradient(simd, arrays, p),
});
