import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/lstm_gates.wgsl?raw';
import gradientSource from '../../shaders/lstm_gates_gradient.wgsl?raw';
import { defineKernel, elementwise, read, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';

/**
 * One LSTM step after its matmuls; gx and gh of [batch, 4 hidden], in the order i, f, g, o:
 *
 *     i = sigmoid(gx_i + gh_i)    f = sigmoid(gx_f + gh_f)
 *     g = tanh(gx_g + gh_g)       o = sigmoid(gx_o + gh_o)
 *     c' = f c + i g              h' = o tanh(c')
 *
 * The activated gates are kept for the gradient.
 */
export const lstmGates = defineKernel({
  name: 'lstm_gates',
  source: wgsl(source, activation, index),
  bindings: { gx: read, gh: read, c: read, gates: write, c_next: write, h_next: write },
  params: { batch: 'u32', hidden: 'u32' },
  cpu({ gx, gh, c, gates, c_next, h_next }, { batch, hidden: H }) {
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 4 * H + j;
        const s = b * H + j;
        const i = sigmoid(gx[at] + gh[at]);
        const f = sigmoid(gx[at + H] + gh[at + H]);
        const g = Math.tanh(gx[at + 2 * H] + gh[at + 2 * H]);
        const o = sigmoid(gx[at + 3 * H] + gh[at + 3 * H]);
        gates[at] = i;
        gates[at + H] = f;
        gates[at + 2 * H] = g;
        gates[at + 3 * H] = o;
        c_next[s] = f * c[s] + i * g;
        h_next[s] = o * Math.tanh(c_next[s]);
      }
    }
  },
  launch: ({ batch, hidden }) => elementwise(batch * hidden),
});

/**
 * Its gradient, from dh' and the dc' that arrives from the next step:
 *
 *     dc'' = dc' + dh' o (1 - tanh(c')^2)    dc = dc'' f
 *     di = dc'' g i (1 - i)                  df = dc'' c f (1 - f)
 *     dg = dc'' i (1 - g^2)                  do = dh' tanh(c') o (1 - o)
 */
export const lstmGatesGradient = defineKernel({
  name: 'lstm_gates_gradient',
  source: wgsl(gradientSource, activation, index),
  bindings: {
    gates: read,
    c: read,
    c_next: read,
    dh_next: read,
    dc_next: read,
    dgates: write,
    dc: write,
  },
  params: { batch: 'u32', hidden: 'u32' },
  cpu({ gates, c, c_next, dh_next, dc_next, dgates, dc }, { batch, hidden: H }) {
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 4 * H + j;
        const s = b * H + j;
        const i = gates[at];
        const f = gates[at + H];
        const g = gates[at + 2 * H];
        const o = gates[at + 3 * H];
        const t = Math.tanh(c_next[s]);
        const dcell = dc_next[s] + dh_next[s] * o * (1 - t * t);
        dgates[at] = dcell * g * i * (1 - i);
        dgates[at + H] = dcell * c[s] * f * (1 - f);
        dgates[at + 2 * H] = dcell * i * (1 - g * g);
        dgates[at + 3 * H] = dh_next[s] * t * o * (1 - o);
        dc[s] = dcell * f;
      }
    }
  },
  launch: ({ batch, hidden }) => elementwise(batch * hidden),
});
