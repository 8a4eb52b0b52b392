/** The project `f16` is worth nothing on an adapter without f16: then this fails. */
import { expect, test } from 'vitest';

import { openDevice } from '../../src/tensor/open';

test('the adapter computes in f16', async () => {
  const device = await openDevice('webgpu');
  expect(device.f16Arithmetic, device.description).toBe(true);
  device.dispose();
});

test('the CPU does not', async () => {
  const device = await openDevice('cpu');
  expect(device.f16Arithmetic).toBe(false);
  device.dispose();
});
