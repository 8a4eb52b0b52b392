/** A layer of real size on WebGPU against PyTorch; minutes on a software adapter. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { requestGpu } from '../setup/gpu';
import { largeDifferences } from '../setup/large_lstm';

let gpu: Device;
beforeAll(async () => {
  await requestGpu();
  gpu = await openDevice('webgpu');
});
afterAll(() => gpu.dispose());

test('a long, wide LSTM', async () => {
  const differences = await largeDifferences(gpu);
  expect(Math.max(...Object.values(differences))).toBeLessThan(1e-4);
});
