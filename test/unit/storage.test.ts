/** f16 storage: the rounding, layers that store so, and training with them. */
import { describe, expect, test } from 'vitest';

import { halfBits, halfValue, roundToHalves } from '../../src/backend/half';
import {
  ArgumentError,
  backward,
  mul,
  noGrad,
  ones,
  openDevice,
  Random,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { StorageFormat, Tensor } from '../../src/index';
import { GRU, LSTM, LSTMCell, Recurrent, RNN } from '../../src/nn/index';
import {
  CharTrainer,
  loadModel,
  markText,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from '../../src/train/index';
import type { TrainConfig } from '../../src/train/index';
import { thrown } from '../setup/nn_helpers';

const FINITE = [...Array(0x1_0000).keys()].filter((bits) => (bits & 0x7c00) !== 0x7c00);

describe('halves', () => {
  test.each([
    ['zero', 0, 0x0000],
    ['negative zero', -0, 0x8000],
    ['one', 1, 0x3c00],
    ['minus two', -2, 0xc000],
    ['a third', 1 / 3, 0x3555],
    ['a tie to even, down', 1 + 2 ** -11, 0x3c00],
    ['a tie to even, up', 1 + 3 * 2 ** -11, 0x3c02],
    ['above a tie', 1 + 2 ** -11 + 2 ** -20, 0x3c01],
    ['into the next exponent', 2 - 2 ** -12, 0x4000],
    ['the largest', 65_504, 0x7bff],
    ['beyond it', 65_519, 0x7bff],
    ['what would be infinite', 65_520, 0x7bff],
    ['far beyond', -1e30, 0xfbff],
    ['infinity', Infinity, 0x7bff],
    ['the smallest normal', 2 ** -14, 0x0400],
    ['the largest below it', 2 ** -14 - 2 ** -24, 0x03ff],
    ['between those two, to even', 2 ** -14 - 2 ** -25, 0x0400],
    ['the smallest of all', -(2 ** -24), 0x8001],
    ['half of it, to even', 2 ** -25, 0x0000],
    ['more than half of it', 2 ** -25 + 2 ** -40, 0x0001],
    ['one and a half of it, to even', 3 * 2 ** -25, 0x0002],
    ['nearly nothing', -1e-30, 0x8000],
  ])('%s', (_, value, bits) => {
    expect(halfBits(value)).toBe(bits);
    const rounded = Float32Array.of(value);
    roundToHalves(rounded);
    expect(rounded[0]).toBe(halfValue(bits));
  });

  test('every finite half is itself', () => {
    for (const bits of FINITE) {
      if (halfBits(halfValue(bits)) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  test('floats become the nearest half', () => {
    const random = new Random(5);
    const values = Float32Array.from(
      { length: 20_000 },
      (_, i) => (random.uniform() - 0.5) * 2 ** ((i % 44) - 26),
    );
    const rounded = values.slice();
    roundToHalves(rounded);
    for (const [i, value] of values.entries()) {
      const bits = halfBits(value);
      const error = Math.abs(halfValue(bits) - value);
      if (rounded[i] !== halfValue(bits)) expect.fail(`${value} in place`);
      for (const near of [bits - 1, bits + 1]) {
        if ((near & 0x7fff) >= 0x7c00) continue;
        if (Math.abs(halfValue(near & 0xffff) - value) < error) expect.fail(`${value}`);
      }
    }
  });
});

const LAYERS = [
  ['LSTM', LSTM, 6, 3.5],
  ['GRU', GRU, 5, 3],
  ['RNN', RNN, 1, 1],
] as const;

describe.each(LAYERS)('%s', (_, Layer, full, halved) => {
  async function make(storage: StorageFormat, options = {}) {
    const device = await openDevice('cpu');
    const layer = new Layer(device, 3, 7, { storage, random: new Random(4), ...options });
    const random = new Random(8);
    const x = tensor(
      device,
      Float32Array.from({ length: 6 * 5 * 3 }, () => random.normal()),
      [6, 5, 3],
      { requiresGrad: true },
    );
    return { device, layer, x };
  }

  async function gradients(layer: LSTM | GRU | RNN, x: Tensor, passes = 1): Promise<number[][]> {
    const { output } = layer.run(x);
    const weights = Float32Array.from({ length: output.size }, (_, i) => Math.sin(i));
    const loss = sum(mul(output, tensor(x.device, weights, output.shape)));
    const all: number[][] = [];
    for (let pass = 1; pass <= passes; pass++) {
      backward(loss, { retainGraph: pass < passes });
      for (const leaf of [x, ...layer.parameters()]) {
        all.push(Array.from(await leaf.grad!.data()));
        leaf.grad!.dispose();
        leaf.grad = undefined;
      }
    }
    return all;
  }

  test(`saves ${full} hidden floats a step in f32, ${halved} in f16`, async () => {
    const saved = { f32: full, f16: halved };
    for (const storage of ['f32', 'f16'] as const) {
      const { device, layer } = await make(storage);
      const x = zeros(device, [6, 4, 3]);
      const state = layer.zeroState(4);
      const before = device.memory().liveBytes;
      const { output, state: after } = layer.run(x, state);
      const copies = after.length * 4 * 7;
      const floats = (device.memory().liveBytes - before) / 4 - copies;
      expect(floats).toBe(saved[storage] * 6 * 4 * 7);
      backward(sum(output));
    }
  });

  test('packs nothing where nothing is recorded', async () => {
    const dispatches: number[] = [];
    for (const storage of ['f32', 'f16'] as const) {
      const { device, layer, x } = await make(storage);
      const before = device.backend.dispatches;
      noGrad(() => layer.run(x));
      dispatches.push(device.backend.dispatches - before);
    }
    expect(dispatches[1]).toBe(dispatches[0]);
  });

  test('its gradients are close to those of f32', async () => {
    const [plain, halves] = await Promise.all(
      (['f32', 'f16'] as const).map(async (storage) => {
        const { layer, x } = await make(storage, { numLayers: 2 });
        return gradients(layer, x);
      }),
    );
    for (const [i, values] of plain.entries()) {
      const error = Math.hypot(...values.map((value, k) => value - halves[i][k]));
      expect(error / Math.hypot(...values)).toBeLessThan(1e-2);
      expect(error).toBeGreaterThan(0);
    }
  });

  test('the memory may grow while its weights are rounded', async () => {
    const device = await openDevice('cpu');
    // More than the heap grows by at once.
    const layer = new Layer(device, 1, 1200, { storage: 'f16', random: new Random(4) });
    const x = ones(device, [2, 1, 1]);
    backward(sum(layer.run(x).output));
    expect(Number.isFinite((await layer.parameters()[0].grad!.data())[0])).toBe(true);
    layer.dispose();
  });

  test('a second backward over a kept graph gives the same gradients', async () => {
    const { layer, x } = await make('f16', { numLayers: 2 });
    const all = await gradients(layer, x, 2);
    expect(all.slice(all.length / 2)).toEqual(all.slice(0, all.length / 2));
  });

  test('the reference kernels give the same numbers', async () => {
    const { layer, x } = await make('f16');
    const reference = await openDevice('cpu', { reference: true });
    const other = new Layer(reference, 3, 7, { storage: 'f16', random: new Random(4) });
    const same = tensor(reference, await x.data(), x.shape);
    const y = await layer.run(x).output.data();
    const wanted = await other.run(same).output.data();
    wanted.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
  });

  test('a format that there is not, and layers that are unrolled, are refused', async () => {
    const wrong = { storage: 'f8' as StorageFormat };
    const { device, layer } = await make('f32');
    const live = device.memory().liveTensors;
    expect(thrown(ArgumentError, () => new Layer(device, 3, 7, wrong))).toContain('storage = f8');
    const unrolled = { storage: 'f16', fused: false } as const;
    thrown(ArgumentError, () => new Layer(device, 3, 7, unrolled));
    expect(device.memory().liveTensors).toBe(live);
    expect(layer.storage).toBe('f32');
  });
});

test('a cell without a sweep of its own cannot store in f16', async () => {
  class Leaky extends LSTMCell {
    override step(gx: Tensor, state: readonly Tensor[]): Tensor[] {
      const [h, c] = super.step(gx, state);
      return [mul(h, 0.5), c];
    }
  }
  const device = await openDevice('cpu');
  const make = () =>
    new Recurrent(device, 3, (size) => new Leaky(device, size, 5), { storage: 'f16' });
  expect(thrown(ArgumentError, make)).toContain('storage = f16');
  expect(device.memory().liveTensors).toBe(0);
});

describe('training', () => {
  const TEXT = Array.from({ length: 3000 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join(
    '',
  );
  const TINY = { hidden: 24, embedding: 8, batch: 4, seq: 12, lr: 0.01, seed: 3 } as const;

  async function learn(config: Partial<TrainConfig>, steps: number): Promise<CharTrainer> {
    const trainer = new CharTrainer(await openDevice('cpu'), TEXT, { ...TINY, ...config });
    for (let i = 0; i < steps; i++) await trainer.trainStep();
    return trainer;
  }

  test.each(['lstm', 'gru', 'rnn'] as const)(
    '%s: the smoothed loss is within 1 %% of that in f32',
    async (cell) => {
      const [plain, halves] = await Promise.all(
        (['f32', 'f16'] as const).map(async (storage) => {
          const trainer = await learn({ cell, storage }, 120);
          return (await trainer.report())!.smoothedLoss;
        }),
      );
      expect(Math.abs(halves - plain) / plain).toBeLessThan(0.01);
      expect(halves).not.toBe(plain);
      // Something was learned.
      expect(plain).toBeLessThan(0.9 * Math.log(10));
    },
  );

  test('a resumed run and a loaded model keep the setting, and go on bit for bit', async () => {
    const trainer = await learn({ storage: 'f16', layers: 2 }, 4);
    const bytes = await saveCheckpoint(trainer, markText(TEXT, 'a text'));
    const resumed = resumeTraining(await openDevice('cpu'), TEXT, readCheckpoint(bytes));
    expect(resumed.config.storage).toBe('f16');
    expect(resumed.model.rnn.storage).toBe('f16');
    expect(loadModel(trainer.device, readCheckpoint(bytes)).model.rnn.storage).toBe('f16');
    for (const one of [trainer, resumed]) for (let i = 0; i < 4; i++) await one.trainStep();
    for (const [i, parameter] of resumed.model.parameters().entries()) {
      expect(await parameter.data()).toEqual(await trainer.model.parameters()[i].data());
    }
  });

  test('a checkpoint that is older than the setting is one of f32', async () => {
    const trainer = await learn({}, 1);
    const bytes = await saveCheckpoint(trainer, markText(TEXT, 'a text'));
    const setting = new TextEncoder().encode(',\\"storage\\":\\"f32\\"');
    const at = Buffer.from(bytes).indexOf(setting);
    expect(at).toBeGreaterThan(0);
    // The header is JSON: blanks are nothing.
    const older = bytes.slice().fill(0x20, at, at + setting.length);
    expect(readCheckpoint(older).header.config.storage).toBe('f32');
  });
});
