import { defineKernel, elementwise, include, readIds, write } from '../backend/kernel';

/** out[t, b] = 1 where t < lengths[b], else 0; out of [time, batch]. */
export const sequenceMask = defineKernel({
  name: 'sequence_mask',
  source: include('sequence_mask', 'lib/index'),
  bindings: { lengths: readIds, out: write },
  params: { time: 'u32', batch: 'u32' },
  cpu({ lengths, out }, { time, batch }) {
    for (let t = 0; t < time; t++) {
      for (let b = 0; b < batch; b++) out[t * batch + b] = t < lengths[b] ? 1 : 0;
    }
  },
  launch: ({ time, batch }) => elementwise(time * batch),
});
