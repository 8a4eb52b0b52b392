import { describe, expect, test } from 'vitest';

import { openDevice } from '../../src';
import { ArgumentError } from '../../src/errors';
import { bundledText } from '../../src/text/bundled';
import { CELL_NAMES, CharTrainer, countParameters, estimateMemory } from '../../src/train';
import type { TrainConfig } from '../../src/train';

const SMALL: Partial<TrainConfig> = { hidden: 48, embedding: 24, batch: 16, seq: 20 };

const CONFIGS: [string, Partial<TrainConfig>][] = [
  ['the defaults', {}],
  ...CELL_NAMES.flatMap((cell): [string, Partial<TrainConfig>][] => [
    [cell, { ...SMALL, cell }],
    [`${cell}, layers`, { ...SMALL, cell, layers: 3 }],
  ]),
  ['one-hot', { ...SMALL, embedding: 0 }],
  ['dropout', { ...SMALL, layers: 2, dropout: 0.2 }],
  ['SGD', { ...SMALL, optimizer: 'sgd' }],
  ['Adagrad', { ...SMALL, optimizer: 'adagrad' }],
  ['RMSprop', { ...SMALL, optimizer: 'rmsprop' }],
  ['AdamW', { ...SMALL, optimizer: 'adamw' }],
  ['many steps', { ...SMALL, hidden: 16, seq: 100, batch: 32 }],
  ['many weights', { ...SMALL, hidden: 256, seq: 8, batch: 4 }],
  ['one stream', { ...SMALL, batch: 1, seq: 10 }],
];

describe('memory of training', () => {
  test.each(CONFIGS)('%s: as the device counts it', async (_, config) => {
    const device = await openDevice('cpu');
    const trainer = new CharTrainer(device, bundledText, config);
    for (let i = 0; i < 3; i++) await trainer.trainStep();
    const { size } = trainer.vocabulary;
    const estimate = estimateMemory(config, size);
    const { liveBytes, recordedBytes } = device.memory();
    expect(estimate.total / (liveBytes + recordedBytes)).toBeGreaterThan(0.85);
    expect(estimate.total / (liveBytes + recordedBytes)).toBeLessThan(1.15);
    expect(estimate.parameters).toBe(trainer.model.parameterCount());
    expect(estimate.weights + estimate.optimizer + estimate.activations).toBe(estimate.total);
    trainer.dispose();
    expect(device.memory()).toMatchObject({ liveBytes: 0, recordedBytes: 0 });
    device.dispose();
  });

  test('a setting out of range is refused', () => {
    expect(() => estimateMemory({ hidden: 0 }, 10)).toThrow(ArgumentError);
    expect(() => countParameters({ layers: 0.5 }, 10)).toThrow('layers = 0.5');
  });
});

test('a report tells the norm of the gradients', async () => {
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, bundledText, { ...SMALL, lr: 0, clip: 1e-3 });
  await trainer.trainStep();
  const before = await trainer.report();
  expect(before!.gradNorm).toBeGreaterThan(0.01);
  // The same weights and window again, but for the clip, which comes after the norm.
  const other = new CharTrainer(device, bundledText, { ...SMALL, lr: 0, clip: 0 });
  await other.trainStep();
  expect((await other.report())!.gradNorm).toBeCloseTo(before!.gradNorm, 6);
  device.dispose();
});
