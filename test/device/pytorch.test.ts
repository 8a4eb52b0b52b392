/** Recurrent layers on WebGPU against PyTorch, values and gradients. */
import { afterAll, beforeAll, test } from 'vitest';

import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import { requestGpu } from '../setup/gpu';
import { expectPyTorch, RECURRENT_CASES } from '../setup/recurrent_fixtures';

let gpu: Device;
beforeAll(async () => {
  await requestGpu();
  gpu = await openDevice('webgpu');
});
afterAll(() => gpu.dispose());

test.each(RECURRENT_CASES)('$title', async (fixture) => {
  await expectPyTorch(gpu, fixture, { dtype: 'f32', atol: 1e-5, rtol: 1e-4 });
});
