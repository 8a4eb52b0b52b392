/** A device of compatibility mode: 128 threads a workgroup, 16 KB, no subgroups. */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import type { Device } from '../../src/tensor/device';
import { openDevice } from '../../src/tensor/open';
import { openWebGpu } from '../../src/tensor/open_webgpu';
import { CharTrainer, sampleText } from '../../src/train/index';
import type { CellName } from '../../src/nn/index';
import { requestGpu } from '../setup/gpu';

const TEXT = 'the quick brown fox jumps over the lazy dog. '.repeat(20);

/** Losses of three steps, and what is written then. */
async function learn(device: Device, cell: CellName, hidden: number, batch: number) {
  const trainer = new CharTrainer(device, TEXT, {
    ...{ cell, hidden, layers: 1, embedding: hidden, batch, seq: 5, seed: 1, validFraction: 0 },
  });
  const all: number[] = [];
  for (let i = 0; i < 3; i++) {
    await trainer.trainStep();
    all.push((await trainer.report())!.loss);
  }
  const { model, vocabulary } = trainer;
  const text = await sampleText(model, vocabulary, { length: 40, seed: 5 });
  trainer.dispose();
  return { losses: all, text };
}

// Texts are written by one workgroup, by a dispatch for each layer, and by the model's own step.
test.each([
  ['rnn', 1, 1],
  ['lstm', 7, 3],
  ['gru', 129, 1],
  ['lstm', 512, 2],
  ['gru', 1023, 1],
] as const)(
  'trains and writes as the CPU does: %s, %i units, a batch of %i',
  async (cell, hidden, batch) => {
    const adapter = await (await requestGpu()).requestAdapter({ featureLevel: 'compatibility' });
    using device = await openWebGpu(adapter!, 'asked for', {});
    const { limits } = device.backend.tunable!;
    expect(limits).toMatchObject(LEAST_LIMITS);
    expect(limits.subgroups).toBeUndefined();
    const found = await learn(device, cell, hidden, batch);
    using cpu = await openDevice('cpu', { reference: true });
    const expected = await learn(cpu, cell, hidden, batch);
    found.losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i], 4));
    expect(found.text).toBe(expected.text);
  },
);
