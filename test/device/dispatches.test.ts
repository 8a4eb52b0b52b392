/** How many dispatches a training step takes: on a GPU that is what a small model's step costs. */
import { expect, test, vi } from 'vitest';

import { openDevice } from '../../src/index';
import { CharTrainer } from '../../src/train/index';
import type { TrainConfig } from '../../src/train/index';

const TEXT = Array.from({ length: 900 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join('');

/**
 * Of a replayed step, at most, once what stays is made. Products large enough to be split, and scans whose weights are
 * laid out first, take one more each.
 */
test.each([
  ['a model as the reference workload', {}, 28],
  ['layers on top', { layers: 3 }, 58],
] as const)('%s', async (_, config: Partial<TrainConfig>, dispatches) => {
  const device = await openDevice('webgpu');
  // Without trials, which would count too, and which end as the adapter likes.
  device.tune = () => Promise.resolve([]);
  const sizes = { hidden: 16, embedding: 16, batch: 4, seq: 8, seed: 3 };
  const trainer = new CharTrainer(device, TEXT, { cell: 'lstm', ...sizes, ...config });
  const counts: number[] = [];
  for (let step = 0; step < 4; step++) {
    const before = device.backend.dispatches;
    await trainer.trainStep();
    counts.push(device.backend.dispatches - before);
  }
  expect(counts[3]).toBe(counts[2]);
  expect(counts[3]).toBeLessThanOrEqual(dispatches);
  expect(counts[3]).toBeLessThan(counts[0]);
  const write = vi.spyOn(device.backend, 'write');
  await trainer.trainStep();
  // Ids and labels together; nothing draws, so that no generator moves on.
  expect(write).toHaveBeenCalledTimes(1);
  trainer.dispose();
  device.dispose();
});
