import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import { CLOCK } from './optimizer_clock';

/** From `offset` on, with g = scale grad: g += decay p; s += g^2; p -= rate / (1 + (t - 1) rate_decay) g / (sqrt(s) + eps). */
export const adagrad = defineKernel({
  name: 'adagrad',
  source: include('adagrad', 'lib/clock', 'lib/index'),
  bindings: { clock: read, grad: read, param: update, sum: update },
  params: { offset: 'u32', n: 'u32', lr_decay: 'f32', weight_decay: 'f32', eps: 'f32' },
  cpu({ clock, grad, param, sum }, { offset, n, lr_decay, weight_decay, eps }) {
    if (!clock[CLOCK.enabled]) return;
    const scale = clock[CLOCK.scale];
    const rate = clock[CLOCK.learningRate] / (1 + (clock[CLOCK.steps] - 1) * lr_decay);
    for (let i = offset; i < offset + n; i++) {
      const g = scale * grad[i] + weight_decay * param[i];
      sum[i] += g * g;
      param[i] -= (rate * g) / (Math.sqrt(sum[i]) + eps);
    }
  },
  launch: ({ n }) => elementwise(n),
});
