import source from '../../shaders/gru_gates.wgsl?raw';
import gradientSource from '../../shaders/gru_gates_gradient.wgsl?raw';
import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import { defineKernel, elementwise, read, wgsl, write } from '../backend/kernel';
import { sigmoid } from './math';

/**
 * One GRU step after its matmuls; gx and gh of [batch, 3 hidden], in the order r, z, n, the reset
 * gate after the matmul:
 *
 *     r = sigmoid(gx_r + gh_r)        z = sigmoid(gx_z + gh_z)
 *     n = tanh(gx_n + r gh_n)         h' = (1 - z) n + z h
 *
 * r, z, n and gh_n are kept for the gradient, in [batch, 4 hidden].
 */
export const gruGates = defineKernel({
  name: 'gru_gates',
  source: wgsl(source, activation, index),
  bindings: { gx: read, gh: read, h: read, gates: write, h_next: write },
  params: { batch: 'u32', hidden: 'u32' },
  cpu({ gx, gh, h, gates, h_next }, { batch, hidden: H }) {
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const at = b * 3 * H + j;
        const keep = b * 4 * H + j;
        const s = b * H + j;
        const r = sigmoid(gx[at] + gh[at]);
        const z = sigmoid(gx[at + H] + gh[at + H]);
        const n = Math.tanh(gx[at + 2 * H] + r * gh[at + 2 * H]);
        gates[keep] = r;
        gates[keep + H] = z;
        gates[keep + 2 * H] = n;
        gates[keep + 3 * H] = gh[at + 2 * H];
        h_next[s] = (1 - z) * n + z * h[s];
      }
    }
  },
  launch: ({ batch, hidden }) => elementwise(batch * hidden),
});

/**
 * Its gradient:
 *
 *     dn = dh' (1 - z)(1 - n^2)       dz = dh' (h - n) z (1 - z)
 *     dr = dn gh_n r (1 - r)          dh = z dh'
 *     dgx = [dr, dz, dn]              dgh = [dr, dz, r dn]
 */
export const gruGatesGradient = defineKernel({
  name: 'gru_gates_gradient',
  source: wgsl(gradientSource, index),
  bindings: { gates: read, h: read, dh_next: read, dgx: write, dgh: write, dh: write },
  params: { batch: 'u32', hidden: 'u32' },
  cpu({ gates, h, dh_next, dgx, dgh, dh }, { batch, hidden: H }) {
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < H; j++) {
        const kept = b * 4 * H + j;
        const at = b * 3 * H + j;
        const s = b * H + j;
        const r = gates[kept];
        const z = gates[kept + H];
        const n = gates[kept + 2 * H];
        const dn = dh_next[s] * (1 - z) * (1 - n * n);
        const dz = dh_next[s] * (h[s] - n) * z * (1 - z);
        const dr = dn * gates[kept + 3 * H] * r * (1 - r);
        dgx[at] = dr;
        dgx[at + H] = dz;
        dgx[at + 2 * H] = dn;
        dgh[at] = dr;
        dgh[at + H] = dz;
        dgh[at + 2 * H] = r * dn;
        dh[s] = z * dh_next[s];
      }
    }
  },
  launch: ({ batch, hidden }) => elementwise(batch * hidden),
});
