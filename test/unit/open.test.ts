/** The part of Lethe that computes with WebGPU, which is imported when it is needed, and does not arrive. */
import { expect, test, vi } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import { DeviceError } from '../../src/errors';
import { matmul } from '../../src/kernels/matmul';
import { matmulParams } from '../../src/kernels/matmul_params';
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

test('a kernel that is given a WebGPU device which this copy of Lethe did not open says so', () => {
  const p = matmulParams({ m: 2, n: 2, k: 2 });
  const refused = (): unknown => matmul.candidates(p, LEAST_LIMITS);
  expect(refused).toThrow(DeviceError);
  expect(refused).toThrow('open the device with openDevice of the same copy of lethe');
});
