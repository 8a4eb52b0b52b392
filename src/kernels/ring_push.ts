import { defineKernel, include, read, update } from '../backend/kernel';

/**
 * ring[counter] = value, and the counter goes on, and around. It is on the device, so that a recorded
 * step fills one place after the other.
 */
export const ringPush = defineKernel({
  name: 'ring_push',
  source: include('ring_push'),
  bindings: { value: read, counter: { access: 'inout', element: 'u32' }, ring: update },
  params: { capacity: 'u32' },
  cpu({ value, counter, ring }, { capacity }) {
    ring[counter[0]] = value[0];
    counter[0] = (counter[0] + 1) % capacity;
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
