/** A character model that multiplies in f16 learns as in f32, and its runs go on elsewhere. */
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { DeviceError, openDevice } from '../../src/index';
import {
  CharTrainer,
  loadModel,
  markText,
  readCheckpoint,
  resumeTraining,
  sampleText,
  saveCheckpoint,
} from '../../src/train/index';
import type { TrainConfig } from '../../src/train/index';
import { thrown } from '../setup/nn_helpers';

const [gpu, cpu] = [await openDevice('webgpu'), await openDevice('cpu')];
afterEach(() => gpu.finish());
afterAll(() => gpu.dispose());

const TEXT = Array.from({ length: 3000 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join(
  '',
);
const TINY = { hidden: 24, embedding: 8, batch: 4, seq: 12, lr: 0.01, seed: 3 } as const;

async function learn(config: Partial<TrainConfig>, steps: number): Promise<CharTrainer> {
  const device = config.arithmetic === 'f16' ? gpu : cpu;
  const trainer = new CharTrainer(device, TEXT, { ...TINY, ...config });
  for (let i = 0; i < steps; i++) await trainer.trainStep();
  return trainer;
}

test.each([
  ['lstm', {}],
  ['gru', { embedding: 0, storage: 'f16' }],
  ['rnn', { layers: 2, dropout: 0.2 }],
] as const)(
  '%s, %j: the smoothed loss after 120 steps, most of them replayed, is within a hundredth of that in f32 on the CPU',
  async (cell, config) => {
    const losses: Record<string, number> = {};
    for (const arithmetic of ['f32', 'f16'] as const) {
      const trainer = await learn({ cell, ...config, arithmetic }, 120);
      const { smoothedLoss, skipped } = (await trainer.report())!;
      losses[arithmetic] = smoothedLoss;
      expect(skipped).toBe(0);
      trainer.dispose();
    }
    expect(Math.abs(losses.f16 - losses.f32) / losses.f32).toBeLessThan(0.01);
    expect(losses.f16).not.toBe(losses.f32);
    // Something was learned.
    expect(losses.f32).toBeLessThan(0.95 * Math.log(10));
  },
);

describe('a run of f16', () => {
  test('goes on where there is f16, and elsewhere once it is to compute in f32', async () => {
    const trainer = await learn({ arithmetic: 'f16' }, 4);
    const bytes = await saveCheckpoint(trainer, markText(TEXT, 'a text'));
    const resumed = resumeTraining(gpu, TEXT, readCheckpoint(bytes));
    expect(resumed.model.rnn.arithmetic).toBe('f16');
    await resumed.trainStep();

    const checkpoint = readCheckpoint(bytes);
    const live = cpu.memory().liveTensors;
    const refused = thrown(DeviceError, () => resumeTraining(cpu, TEXT, checkpoint));
    expect(refused).toMatch(/arithmetic = f16.*shader-f16.*arithmetic: 'f32'/);
    expect(cpu.memory().liveTensors).toBe(live);
    checkpoint.header.config.arithmetic = 'f32';
    const elsewhere = resumeTraining(cpu, TEXT, checkpoint);
    await elsewhere.trainStep();
    const [there, here] = [(await resumed.report())!.loss, (await elsewhere.report())!.loss];
    expect(Math.abs(there - here) / here).toBeLessThan(0.01);
    for (const one of [trainer, resumed, elsewhere]) one.dispose();
  });

  test('is sampled from and evaluated anywhere', async () => {
    const trainer = await learn({ arithmetic: 'f16' }, 20);
    const checkpoint = readCheckpoint(await saveCheckpoint(trainer, markText(TEXT, 'a text')));
    const there = loadModel(gpu, checkpoint);
    const here = loadModel(cpu, checkpoint);
    expect(there.model.rnn.arithmetic).toBe('f16');
    expect(here.model.rnn.arithmetic).toBe('f32');
    for (const { model, vocabulary } of [there, here]) {
      expect(await sampleText(model, vocabulary, { length: 10, seed: 1 })).toHaveLength(10);
      model.dispose();
    }
    trainer.dispose();
  });
});
