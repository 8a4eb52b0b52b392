/** Layers that multiply in f16, beside the same in f32 on the CPU. */
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { backward, mean, mul, openDevice, Random, tensor } from '../../src/index';
import type { Arithmetic, Device, Tensor } from '../../src/index';
import { GRU, LSTM, RNN } from '../../src/nn/index';
import type { RecurrentOptions } from '../../src/nn/index';
import { gruSequence, lstmSequence, rnnSequence } from '../../src/ops/index';

const devices = { f32: await openDevice('cpu'), f16: await openDevice('webgpu') };
afterEach(() => devices.f16.finish());
afterAll(() => devices.f16.dispose());

/**
 * Of a tensor's largest element. A factor is off by 2^-12 of itself at most, and a sum of 16 products
 * by as many roundings of 2^-12 of what it is then; they seldom point the same way. So a product is off
 * by about 2^-10 of the largest one, and a few steps, each from the one before, leave it at 2^-7.
 */
const TOLERANCE = 2 ** -7;

const LAYERS = { LSTM, GRU, RNN };

function drawn(on: Device, shape: readonly number[], seed: number, deviation = 1): Tensor {
  const random = new Random(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => deviation * random.normal());
  return tensor(on, values, [...shape], { requiresGrad: true });
}

type Values = Record<string, ArrayLike<number>>;

/** Outputs, and the gradients of `factor` times their weighted mean, by name. */
async function pass(
  name: keyof typeof LAYERS,
  [time, batch, input, hidden, numLayers]: readonly number[],
  arithmetic: Arithmetic,
  { factor = 1, ...options }: RecurrentOptions & { factor?: number } = {},
): Promise<Values> {
  const device = devices[arithmetic];
  const layer: LSTM | GRU | RNN = new LAYERS[name](device, input, hidden, {
    ...options,
    arithmetic,
    numLayers,
    random: new Random(5),
  });
  const x = drawn(device, [time, batch, input], 1);
  const state = layer.stateNames.map((_, i) => drawn(device, [numLayers, batch, hidden], i + 2));
  const { output, state: last } = layer.run(x, state);
  const values: Values = { output: await output.data() };
  for (const [i, part] of last.entries()) values[`${layer.stateNames[i]}n`] = await part.data();
  backward(mul(mean(mul(output, drawn(device, output.shape, 9))), factor));
  const leaves = { x, ...Object.fromEntries(state.map((part, i) => [`state ${i}`, part])) };
  for (const [leaf, { grad }] of [...Object.entries<Tensor>(leaves), ...layer.namedParameters()]) {
    values[`gradient of ${leaf}`] = await grad!.data();
  }
  layer.dispose();
  return values;
}

function expectNear(actual: Values, expected: Values): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, wanted] of Object.entries(expected)) {
    const values = Array.from(wanted);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest, name).toBeGreaterThan(0);
    const errors = values.map((value, i) => Math.abs(actual[name][i] - value) / largest);
    expect(Math.max(...errors), name).toBeLessThan(TOLERANCE);
  }
}

describe.each(['LSTM', 'GRU', 'RNN'] as const)('%s', (name) => {
  test.each([
    ['one unit, one step, one sequence', [1, 1, 1, 1, 1]],
    ['a sequence of odd sizes', [6, 1, 3, 7, 1]],
    ['one step', [1, 5, 3, 7, 1]],
    ['more than 16 units', [5, 3, 18, 37, 1]],
    ['two layers', [4, 6, 5, 7, 2]],
  ])('%s: outputs and gradients are near those of f32', async (_, sizes) => {
    const expected = await pass(name, sizes, 'f32');
    const actual = await pass(name, sizes, 'f16');
    expectNear(actual, expected);
  });

  test('with f16 storage too', async () => {
    const sizes = [4, 6, 5, 7, 2];
    const expected = await pass(name, sizes, 'f32');
    expectNear(await pass(name, sizes, 'f16', { storage: 'f16' }), expected);
  });

  test('gradients smaller than a half can be are not lost', async () => {
    // A mean over 2^11 steps and sequences, and 2^-10 of that: as halves most would be nothing.
    const sizes = [64, 32, 2, 7, 1];
    const expected = await pass(name, sizes, 'f32', { factor: 2 ** -10 });
    const through = Array.from(expected['gradient of x'], Math.abs);
    expect(through.filter((value) => value < 2 ** -25).length).toBeGreaterThan(through.length / 2);
    expectNear(await pass(name, sizes, 'f16', { factor: 2 ** -10 }), expected);
  });
});

test('a stack as a wavefront is near f32 too', async () => {
  const [time, batch, hidden] = [5, 3, 7];
  const sweeps = { lstm: lstmSequence, gru: gruSequence, rnn: rnnSequence };
  for (const [name, gates] of [
    ['lstm', 4],
    ['gru', 3],
    ['rnn', 1],
  ] as const) {
    const both = await Promise.all(
      (['f32', 'f16'] as const).map(async (arithmetic) => {
        const device = devices[arithmetic];
        const weights = [0, 1].map((layer) => ({
          weight_ih: drawn(device, [gates * hidden, layer === 0 ? 4 : hidden], 10 + layer, 0.3),
          weight_hh: drawn(device, [gates * hidden, hidden], 20 + layer, 0.3),
        }));
        const x = drawn(device, [time, batch, 4], 1);
        const [h0, c0] = [2, 3].map((seed) => drawn(device, [2, batch, hidden], seed));
        const [y] =
          name === 'lstm'
            ? lstmSequence(x, weights, h0, c0, { arithmetic })
            : sweeps[name](x, weights, h0, { arithmetic });
        const values: Values = { y: await y.data() };
        backward(mean(mul(y, drawn(device, y.shape, 9))));
        for (const [layer, { weight_ih, weight_hh }] of weights.entries()) {
          values[`weight_ih_l${layer}`] = await weight_ih.grad!.data();
          values[`weight_hh_l${layer}`] = await weight_hh.grad!.data();
        }
        return { ...values, x: await x.grad!.data() };
      }),
    );
    expectNear(both[1], both[0]);
  }
});
