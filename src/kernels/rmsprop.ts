import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import { CLOCK } from './optimizer_clock';

/**
 * From `offset` on, with g = scale grad: g += decay p; v = alpha v + (1 - alpha) g^2; centred, a = alpha a + (1 - alpha) g and
 * d = sqrt(v - a^2) + eps, else d = sqrt(v) + eps; b = momentum b + g / d; p -= rate b.
 */
export const rmsprop = defineKernel({
  name: 'rmsprop',
  source: include('rmsprop', 'lib/clock', 'lib/index'),
  bindings: {
    clock: read,
    grad: read,
    param: update,
    square: update,
    average: update,
    buffer: update,
  },
  params: {
    centered: 'override',
    offset: 'u32',
    n: 'u32',
    alpha: 'f32',
    momentum: 'f32',
    weight_decay: 'f32',
    eps: 'f32',
  },
  cpu({ clock, grad, param, square, average, buffer }, p) {
    if (!clock[CLOCK.enabled]) return;
    const scale = clock[CLOCK.scale];
    const rate = clock[CLOCK.learningRate];
    for (let i = p.offset; i < p.offset + p.n; i++) {
      const g = scale * grad[i] + p.weight_decay * param[i];
      square[i] = p.alpha * square[i] + (1 - p.alpha) * g * g;
      let variance = square[i];
      if (p.centered) {
        average[i] = p.alpha * average[i] + (1 - p.alpha) * g;
        variance = Math.max(variance - average[i] * average[i], 0);
      }
      buffer[i] = p.momentum * buffer[i] + g / (Math.sqrt(variance) + p.eps);
      param[i] -= rate * buffer[i];
    }
  },
  launch: ({ n }) => elementwise(n),
});
