/**
 * The dispatches of the reference workload at its own size, as an adapter of WebGPU's default limits gets them. Dawn's null
 * backend runs nothing, so that only what is asked of it is seen.
 */
import { beforeAll, expect, test } from 'vitest';

import { makeJob } from '../../bench/workloads.mjs';
import { openWebGpu } from '../../src/tensor/open_webgpu';
import { CharTrainer } from '../../src/train/index';
import { DEFAULT_LIMITS } from '../setup/pipelines';

// Held for as long as the devices: Dawn ends the process when one outlives its `GPU`.
let gpu: GPU;
beforeAll(async () => {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  gpu = create(['backend=null']);
});

const { text, layers, hidden, batch, seq, lr, clip } = makeJob('w1');
const W1 = { layers, hidden, embedding: hidden, batch, seq, lr, clip, validFraction: 0 };

test.each([
  ['lstm', 30],
  ['rnn', 30],
  // Its recurrent weights and their biases in two parts, as one of the gates has a product of its own.
  ['gru', 31],
] as const)('%s: at most %i a step', async (cell, most) => {
  const adapter = await gpu.requestAdapter();
  using device = await openWebGpu(adapter!, 'asked for', {});
  const { backend } = device;
  expect(backend.tunable!.limits).toEqual(DEFAULT_LIMITS);
  device.tune = () => Promise.resolve([]);
  const trainer = new CharTrainer(device, text, { ...W1, cell });
  const counts: number[] = [];
  for (let step = 0; step < 4; step++) {
    const before = backend.dispatches;
    await trainer.trainStep();
    counts.push(backend.dispatches - before);
  }
  expect(counts[3]).toBeLessThanOrEqual(most);
  expect(counts[3]).toBe(counts[2]);
  expect(counts[3]).toBeGreaterThan(20);
  trainer.dispose();
});
