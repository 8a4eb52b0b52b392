/** f16 arithmetic where there is none: on the CPU. test/f16 has what it computes where there is. */
import { describe, expect, test } from 'vitest';

import type { Kernel } from '../../src/backend/kernel';
import { ArgumentError, DeviceError, openDevice, zeros } from '../../src/index';
import type { Arithmetic } from '../../src/index';
import { gruSequence as gruKernel, gruSequenceGradient } from '../../src/kernels/gru_sequence';
import { lstmSequence as lstmKernel, lstmSequenceGradient } from '../../src/kernels/lstm_sequence';
import { matmul, matmulParams } from '../../src/kernels/matmul';
import { rnnSequence as rnnKernel, rnnSequenceGradient } from '../../src/kernels/rnn_sequence';
import { HALF } from '../../src/backend/half';
import { sweepParams } from '../../src/kernels/sweep';
import { GRU, LSTM, RNN } from '../../src/nn/index';
import { gradientFactorsOf } from '../../src/ops/arithmetic';
import { gruSequence, lstmSequence, rnnSequence } from '../../src/ops/index';
import {
  CharTrainer,
  loadModel,
  markText,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from '../../src/train/index';
import { thrown } from '../setup/nn_helpers';

const device = await openDevice('cpu');
const F16 = { arithmetic: 'f16' } as const;
const F8 = { arithmetic: 'f8' as Arithmetic };
const TEXT = 'the quick brown fox jumps over the lazy dog. '.repeat(8);
const TINY = { hidden: 6, embedding: 4, batch: 2, seq: 8 } as const;

describe('is refused, with nothing left behind', () => {
  const operations = {
    lstmSequence: (options: object) => {
      const [x, h] = [zeros(device, [2, 1, 3]), zeros(device, [1, 2])];
      const weights = { weight_ih: zeros(device, [8, 3]), weight_hh: zeros(device, [8, 2]) };
      return () => lstmSequence(x, weights, h, h, options);
    },
    gruSequence: (options: object) => {
      const [x, h] = [zeros(device, [2, 1, 3]), zeros(device, [1, 2])];
      const weights = { weight_ih: zeros(device, [6, 3]), weight_hh: zeros(device, [6, 2]) };
      return () => gruSequence(x, weights, h, options);
    },
    rnnSequence: (options: object) => {
      const [x, h] = [zeros(device, [2, 1, 3]), zeros(device, [1, 2])];
      const weights = { weight_ih: zeros(device, [2, 3]), weight_hh: zeros(device, [2, 2]) };
      return () => rnnSequence(x, weights, h, options);
    },
    LSTM: (options: object) => () => new LSTM(device, 3, 2, options),
    GRU: (options: object) => () => new GRU(device, 3, 2, options),
    RNN: (options: object) => () => new RNN(device, 3, 2, options),
    CharTrainer: (options: object) => () => new CharTrainer(device, TEXT, { ...TINY, ...options }),
  };

  test.each(Object.entries(operations))('%s', (name, make) => {
    const [inF16, inF8] = [make(F16), make(F8)];
    const [live, ran] = [device.memory().liveTensors, device.backend.dispatches];
    const message = thrown(DeviceError, inF16);
    expect(message).toContain(`${name}: arithmetic = f16`);
    expect(message).toContain(device.description);
    expect(message).toMatch(/shader-f16.*arithmetic: 'f32'.*storage: 'f16'/);
    expect(thrown(ArgumentError, inF8)).toContain('arithmetic = f8; choose one of f32, f16');
    expect(device.memory().liveTensors).toBe(live);
    expect(device.backend.dispatches).toBe(ran);
  });
});

test('the scale of gradients is a power of two near the steps of all sequences', () => {
  expect(gradientFactorsOf('f16', 50, 32)).toEqual({ half: 1, scale: 2048 });
  expect(gradientFactorsOf('f16', 1, 1)).toEqual({ half: 1, scale: 1 });
  expect(gradientFactorsOf('f16', 3, 0)).toEqual({ half: 1, scale: 1 });
  expect(gradientFactorsOf('f32', 50, 32)).toEqual({ half: 0, scale: 1 });
});

describe('the configurations of f16 are chosen apart from those of f32', () => {
  const sizes = { time: 3, batch: 2, hidden: 5 };
  const sweeps = [
    ...[lstmKernel, lstmSequenceGradient, gruKernel, gruSequenceGradient],
    ...[rnnKernel, rnnSequenceGradient],
  ].map((kernel) => ({
    kernel: kernel as unknown as Kernel,
    calls: Object.values(HALF).map((half) => ({
      ...sweepParams({ ...sizes, half }),
      nonlinearity: 0,
    })),
  }));
  const products = {
    kernel: matmul as unknown as Kernel,
    calls: [0, 1].map((half) => matmulParams({ m: 4, n: 4, k: 4, half })),
  };

  test.each([...sweeps, products])('$kernel.name', ({ kernel, calls }) => {
    const candidates = calls.map((params) => kernel.candidates!(params));
    expect(new Set(candidates.map(({ sizeClass }) => sizeClass)).size).toBe(calls.length);
    const names = candidates.flatMap(({ configs }) => configs.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    // WGSL wants its directives first.
    const [source] = [
      candidates
        .at(-1)
        .configs[0].source.replace(/\/\/.*$/gm, '')
        .trim(),
    ];
    expect(source.startsWith('enable f16;')).toBe(true);
    expect(candidates[0].configs[0].source).not.toContain('enable f16');
  });
});

describe('a checkpoint', () => {
  async function save() {
    const trainer = new CharTrainer(device, TEXT, TINY);
    await trainer.trainStep();
    return saveCheckpoint(trainer, markText(TEXT, 'a text'));
  }

  test('of f16 is a model of f32 where there is no f16, and goes on as one when told so', async () => {
    const checkpoint = readCheckpoint(await save());
    checkpoint.header.config.arithmetic = 'f16';
    expect(loadModel(device, checkpoint).model.rnn.arithmetic).toBe('f32');
    thrown(DeviceError, () => resumeTraining(device, TEXT, checkpoint));
    checkpoint.header.config.arithmetic = 'f32';
    expect(resumeTraining(device, TEXT, checkpoint).step).toBe(1);
  });

  test('that is older than the setting is one of f32', async () => {
    const bytes = await save();
    const setting = new TextEncoder().encode(',\\"arithmetic\\":\\"f32\\"');
    const at = Buffer.from(bytes).indexOf(setting);
    expect(at).toBeGreaterThan(0);
    // The header is JSON: blanks are nothing.
    const older = bytes.slice().fill(0x20, at, at + setting.length);
    expect(readCheckpoint(older).header.config.arithmetic).toBe('f32');
  });
});
