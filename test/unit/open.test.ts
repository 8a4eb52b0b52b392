/** A device whose part of Lethe, which is imported when it is needed, does not arrive. */
import { expect, test, vi } from 'vitest';

import { DeviceError } from '../../src/errors';
import { openDevice } from '../../src/tensor/open';

vi.mock('../../src/backend/webgpu/webgpu_backend', () => {
  throw new TypeError('Failed to fetch');
});
vi.mock('../../src/backend/webgpu/adapter', () => ({
  findGpu: () => Promise.resolve({ gpu: {}, implementation: 'Dawn' }),
  requestAdapter: () => Promise.resolve({}),
  describeAdapter: () => ({ name: 'a GPU', software: false }),
}));

test('auto then takes the CPU, and webgpu says what is missing', async () => {
  const device = await openDevice();
  expect(device.kind).toBe('cpu');
  expect(device.reason).toMatch(/^the part of Lethe that computes with WebGPU was not loaded \(/);
  device.dispose();
  const refused = await openDevice('webgpu').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DeviceError);
  expect(String(refused)).toMatch(/was not loaded \(.*\); or use the device cpu$/s);
});
