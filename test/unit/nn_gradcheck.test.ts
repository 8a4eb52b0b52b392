/** Rung 3: the gradients of modules against central differences, in f64. */
import { beforeEach, describe, expect, test } from 'vitest';
import { dispose, Generator, openDevice, Random, tensor } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { Embedding, Linear, MLP } from '../../src/nn/index';
import type { Module } from '../../src/nn/index';
import { ARCHITECTURES, normalTensors } from '../setup/nn_helpers';
import type { Options } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const [TIME, BATCH, INPUT, HIDDEN] = [4, 2, 3, 4];

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});
const f64 = { dtype: 'f64', random: new Random(3) } as const;

/** Checks all inputs and parameters, and that nothing is left behind. */
async function check(
  module: Module,
  inputs: Tensor[],
  body: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
): Promise<void> {
  await expectGradients(
    (...all) => body(...all.slice(0, inputs.length)),
    [...inputs, ...module.parameters()],
  );
  dispose([inputs, module]);
  expect(device.memory().liveTensors).toBe(0);
}

/** Each architecture; a plain RNN with each nonlinearity. */
const rows = Object.keys(ARCHITECTURES).flatMap((name): [title: string, Options][] =>
  name === 'RNN'
    ? ['tanh', 'relu', 'sigmoid'].map((nonlinearity) => [
        `${name} ${nonlinearity}`,
        { nonlinearity },
      ])
    : [[name, {}]],
);
const architecture = (title: string) => ARCHITECTURES[title.split(' ')[0]];

describe.each(rows)('%s', (title, options) => {
  const { cell, layer, parts } = architecture(title);

  test.each([true, false])('a step, bias %s', async (bias) => {
    const { module, forward } = cell(device, INPUT, HIDDEN, { ...f64, ...options, bias });
    const normal = normalTensors(device);
    const x = normal([BATCH, INPUT], true);
    const state = Array.from({ length: parts }, () => normal([BATCH, HIDDEN], true));
    await check(module, [x, ...state], (value, ...rest) => forward(value, rest));
  });

  test.each([
    ['one layer', { numLayers: 1 }],
    ['two layers, batch first', { numLayers: 2, batchFirst: true }],
    ['two layers with dropout', { numLayers: 2, dropout: 0.4 }],
  ])('a sequence, %s', async (_, more) => {
    const generator = new Generator(device, 5);
    const { module, forward } = layer(device, INPUT, HIDDEN, {
      ...f64,
      ...options,
      ...more,
      generator,
    });
    const normal = normalTensors(device);
    const batchFirst = 'batchFirst' in more;
    const x = normal(batchFirst ? [BATCH, TIME, INPUT] : [TIME, BATCH, INPUT], true);
    const state = Array.from({ length: parts }, () =>
      normal([more.numLayers, BATCH, HIDDEN], true),
    );
    // Last, so that it is freed with the inputs.
    const inputs = [x, ...state];
    await expectGradients(
      (value, ...rest) => {
        generator.position = { step: 1, call: 0 };
        return forward(value, rest.slice(0, parts));
      },
      [...inputs, ...module.parameters()],
    );
    expect(generator.position.call).toBe('dropout' in more ? 1 : 0);
    dispose([inputs, module, generator.state]);
    expect(device.memory().liveTensors).toBe(0);
  });
});

test.each([true, false])('Linear, bias %s', async (bias) => {
  const module = new Linear(device, INPUT, 5, { ...f64, bias });
  const x = normalTensors(device)([2, BATCH, INPUT], true);
  await check(module, [x], (value) => module.forward(value));
});

test('Embedding, with a repeated id and one that never occurs', async () => {
  const module = new Embedding(device, 5, 3, f64);
  const ids = tensor(device, [4, 1, 1, 0, 2, 1], [3, 2], { dtype: 'i32' });
  await check(module, [ids], (value) => module.forward(value));
});

test.each(['tanh', 'relu', 'sigmoid'] as const)('MLP, %s', async (nonlinearity) => {
  const module = new MLP(device, [3, 5, 4, 2], { ...f64, nonlinearity });
  const x = normalTensors(device)([4, 3], true);
  await check(module, [x], (value) => module.forward(value));
});
