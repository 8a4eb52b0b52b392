import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import { CLOCK } from './optimizer_clock';

/**
 * From `offset` on, with g = scale grad. Decoupled decay (AdamW): p -= rate decay p; coupled (Adam): g += decay p. Then
 *
 *     m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
 *     p -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * gain = 1 - beta comes from the host, because f32 loses digits of it.
 */
export const adam = defineKernel({
  name: 'adam',
  source: include('adam', 'lib/clock', 'lib/index'),
  bindings: { clock: read, grad: read, param: update, mean: update, square: update },
  params: {
    decoupled: 'override',
    offset: 'u32',
    n: 'u32',
    beta1: 'f32',
    beta2: 'f32',
    gain1: 'f32',
    gain2: 'f32',
    eps: 'f32',
    weight_decay: 'f32',
  },
  cpu({ clock, grad, param, mean, square }, p) {
    if (!clock[CLOCK.enabled]) return;
    const { decoupled, offset, n, beta1, beta2, gain1, gain2, eps, weight_decay } = p;
    const rate = clock[CLOCK.learningRate];
    const step = rate / clock[CLOCK.correction1];
    const scale = clock[CLOCK.scale];
    const correction = clock[CLOCK.correction2];
    for (let i = offset; i < offset + n; i++) {
      const value = decoupled ? param[i] * (1 - rate * weight_decay) : param[i];
      const g = scale * grad[i] + (decoupled ? 0 : weight_decay * param[i]);
      mean[i] = beta1 * mean[i] + gain1 * g;
      square[i] = beta2 * square[i] + gain2 * g * g;
      param[i] = value - (step * mean[i]) / (Math.sqrt(square[i] / correction) + eps);
    }
  },
  fastCpu({ clock, grad, param, mean, square }, p, simd) {
    if (!simd || !clock[CLOCK.enabled]) return simd !== undefined;
    const rate = clock[CLOCK.learningRate];
    const keep = p.decoupled ? 1 - rate * p.weight_decay : 1;
    const decay = p.decoupled ? 0 : p.weight_decay;
    const step = rate / clock[CLOCK.correction1];
    const rule = [clock[CLOCK.scale], p.beta1, p.beta2, p.gain1, p.gain2, p.eps, keep, decay, step];
    const arrays = [grad, param, mean, square].map((x) => x.byteOffset + 4 * p.offset);
    simd.run('adam', p.n, [...arrays, p.n], [...rule, 1 / clock[CLOCK.correction2]]);
    return true;
  },
  launch: ({ n }) => elementwise(n),
});
