/** A GPU beside the CPU for the tests of a file, none of which may leave a tensor on the GPU. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';

export let gpu: Device;
export let cpu: Device;
beforeAll(async () => {
  gpu = await openDevice('webgpu');
  cpu = await openDevice('cpu');
});
let before = 0;
beforeEach(() => {
  before = gpu.memory().liveTensors;
});
afterEach(async () => {
  // Throws what the GPU refused.
  await gpu.finish();
  expect(gpu.memory().liveTensors).toBe(before);
});
afterAll(() => gpu.dispose());
