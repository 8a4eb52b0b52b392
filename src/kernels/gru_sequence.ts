import source from '../../shaders/gru_sequence.wgsl?raw';
import gradientSource from '../../shaders/gru_sequence_gradient.wgsl?raw';
import activation from '../../shaders/lib/activation.wgsl?raw';
import back from '../../shaders/lib/sweep_back.wgsl?raw';
import forward from '../../shaders/lib/sweep_forward.wgsl?raw';
import { simdGru, simdGruGradient } from './simd/sequence';
import { defineKernel, read, update, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';
import { columnProduct, matricesOf, rowProduct, SWEEP, sweepConfigs } from './sweep';

/**
 * A GRU over a sequence; `gruGates` has the equations of a step, `SWEEP` what layers are to it.
 * Matrices of `weight` are [3 hidden, hidden]; `bias`, of the recurrent products, is
 * [layers, 3 hidden], h0 [layers, batch, hidden]. `gates`, [layers, time, batch, 3 hidden], holds the
 * projected input with its own bias in the first layer and that bias in the others at first, and the
 * activated gates r, z, n in the end; `ghn`, what the reset gate multiplies, and y, the hidden
 * states, are [layers, time, batch, hidden].
 */
export const gruSequence = defineKernel({
  ...sweepConfigs(wgsl(source, forward, activation), (hidden) => ({
    columns: hidden,
    depth: hidden,
  })),
  name: 'gru_sequence',
  bindings: { weight: read, bias: read, h0: read, gates: update, ghn: write, y: write },
  params: SWEEP,
  cpu({ weight, bias, h0, gates, ghn, y }, p) {
    const { layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, 3 * H, H);
    for (let layer = 0; layer < layers; layer++) {
      for (let t = begin; t < end; t++) {
        const row = (layer * time + t) * batch;
        const hidden = t === 0 ? h0.subarray(layer * batch * H) : y.subarray((row - batch) * H);
        for (let b = 0; b < batch; b++) {
          for (let j = 0; j < H; j++) {
            const at = (row + b) * 3 * H + j;
            const s = (row + b) * H + j;
            const own = (part: number): number =>
              bias[(layer * 3 + part) * H + j] +
              rowProduct(recurrent[layer], part * H + j, hidden, b, H);
            const fromBelow = (part: number): number =>
              layer === 0
                ? gates[at + part * H]
                : gates[at + part * H] +
                  rowProduct(input[layer], part * H + j, y, row - time * batch + b, H);
            const r = sigmoid(fromBelow(0) + own(0));
            const z = sigmoid(fromBelow(1) + own(1));
            const kept = own(2);
            const n = Math.tanh(fromBelow(2) + r * kept);
            gates[at] = r;
            gates[at + H] = z;
            gates[at + 2 * H] = n;
            ghn[s] = kept;
            y[s] = (1 - z) * n + z * hidden[b * H + j];
          }
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) => simd !== undefined && p.layers === 1 && simdGru(simd, arrays, p),
});

/**
 * Its gradient, back through time; `gruGatesGradient` has the equations of a step. `gates` holds r,
 * z, n at first, and the gradients of the projected input in the end; `ghn` what the reset gate
 * multiplied at first, and its gradient in the end. `dy`, [time, batch, hidden], is the gradient of
 * the highest layer's y. `dh` holds the gradient of the last state at first, and that of h0 in the
 * end.
 *
 * Steps are counted from the last: step s is at t = time - 1 - s, and step `time` completes dh. All
 * of them are 0 to `time` + 1; to `time` leaves in dh a part of the gradient of h0.
 */
export const gruSequenceGradient = defineKernel({
  ...sweepConfigs(wgsl(gradientSource, back), (hidden) => ({
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
  cpu({ weight, gates, ghn, y, h0, dy, dh }, p) {
    const { layers, time, batch, hidden: H, begin, end } = p;
    const { recurrent, input } = matricesOf(weight, layers, 3 * H, H);
    /** The gradients of a row, through the recurrent weights to unit j of the step before. */
    const back = (layer: number, row: number, j: number): number =>
      columnProduct(gates, row * 3 * H, 2 * H, recurrent[layer], 0, j, H) +
      columnProduct(ghn, row * H, H, recurrent[layer], 2 * H, j, H);
    /** And through the input weights to unit j of the layer below. */
    const down = (layer: number, row: number, j: number): number =>
      columnProduct(gates, row * 3 * H, 3 * H, input[layer], 0, j, H);
    for (let layer = layers - 1; layer >= 0; layer--) {
      for (let s = begin; s < end; s++) {
        const t = time - 1 - s;
        for (let b = 0; b < batch; b++) {
          const row = (layer * time + t) * batch + b;
          for (let j = 0; j < H; j++) {
            const state = (layer * batch + b) * H + j;
            const dhidden = dh[state] + (s === 0 ? 0 : back(layer, row + batch, j));
            if (s === time) {
              dh[state] = dhidden;
              continue;
            }
            const dout =
              layer === layers - 1
                ? dhidden + dy[(t * batch + b) * H + j]
                : dhidden + down(layer + 1, row + time * batch, j);
            const here = row * H + j;
            const at = row * 3 * H + j;
            const r = gates[at];
            const z = gates[at + H];
            const n = gates[at + 2 * H];
            const before = t === 0 ? h0[state] : y[here - batch * H];
            const dn = dout * (1 - z) * (1 - n * n);
            gates[at] = dn * ghn[here] * r * (1 - r);
            gates[at + H] = dout * (before - n) * z * (1 - z);
            gates[at + 2 * H] = dn;
            ghn[here] = dn * r;
            dh[state] = dout * z;
          }
        }
      }
    }
  },
  fastCpu: (arrays, p, simd) =>
    simd !== undefined && p.layers === 1 && simdGruGradient(simd, arrays, p),
});
