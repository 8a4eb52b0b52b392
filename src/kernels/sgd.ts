import { defineKernel, elementwise, include, read, update } from '../backend/kernel';
import { CLOCK } from './optimizer_clock';

/** From `offset` on, with g = scale grad: g += decay p; v = momentum v + g; p -= rate (nesterov ? g + momentum v : v). */
export const sgd = defineKernel({
  name: 'sgd',
  source: include('sgd', 'lib/clock', 'lib/index'),
  bindings: { clock: read, grad: read, param: update, velocity: update },
  params: { nesterov: 'override', offset: 'u32', n: 'u32', momentum: 'f32', weight_decay: 'f32' },
  cpu({ clock, grad, param, velocity }, { nesterov, offset, n, momentum, weight_decay }) {
    if (!clock[CLOCK.enabled]) return;
    const scale = clock[CLOCK.scale];
    const rate = clock[CLOCK.learningRate];
    for (let i = offset; i < offset + n; i++) {
      const g = scale * grad[i] + weight_decay * param[i];
      const v = momentum * velocity[i] + g;
      velocity[i] = v;
      param[i] -= rate * (nesterov ? g + momentum * v : v);
    }
  },
  launch: ({ n }) => elementwise(n),
});
