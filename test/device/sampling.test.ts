/** What a model writes on WebGPU is what it writes on the CPU, by one kernel or step by step. */
import { expect, test } from 'vitest';

import { DisposedError, Generator } from '../../src/index';
import type { Device } from '../../src/index';
import { SGD } from '../../src/optim/index';
import { Vocabulary } from '../../src/text/index';
import { CharModel, completeConfig, sample, sampleText, sampleTexts } from '../../src/train/index';
import type { ModelConfig, SampleTextsOptions } from '../../src/train/index';
import { cpu, gpu } from '../setup/devices';

const VOCABULARY = Vocabulary.fromText('abcdefgh 😀\n');

async function written(
  device: Device,
  config: Partial<ModelConfig>,
  options: SampleTextsOptions,
  fused = true,
): Promise<{ texts: string[]; dispatches: number }> {
  const { size } = VOCABULARY;
  const generator = new Generator(device, 1);
  const all = completeConfig({ hidden: 13, embedding: 6, ...config });
  const model = new CharModel(device, size, all, 3, generator, { fused });
  // The decoder's weights by ten, for draws that are not even.
  const { weight } = model.decoder;
  weight.write((await weight.data()).map((value) => 10 * value));
  const begin = device.backend.dispatches;
  const texts = await sampleTexts(model, VOCABULARY, options);
  const dispatches = device.backend.dispatches - begin;
  model.dispose();
  generator.dispose();
  return { texts, dispatches };
}

/** With a gate apart and without, with vectors, without a recurrent product, and written by hand. */
const CELLS = ['rnn', 'lstm', 'gru', 'peephole', 'indrnn', 'gru-reset-before'] as const;

test.each(CELLS)('%s', async (cell) => {
  const options = { prime: 'abc', length: 40, seed: 5 };
  const [there, here] = [
    await written(gpu, { cell, layers: 2 }, options),
    await written(cpu, { cell, layers: 2 }, options),
  ];
  expect(there.texts).toEqual(here.texts);
});

test.each([
  ['one layer', {}, {}],
  ['one-hot input', { embedding: 0 }, { batch: 3 }],
  ['the likeliest', { layers: 3 }, { temperature: 0, batch: 2 }],
  ['the top 3', {}, { topK: 3, temperature: 2, batch: 2 }],
  ['the top half', { dropout: 0.5 }, { topP: 0.5, temperature: 2, batch: 2 }],
] as const)('%s, by one kernel and step by step', async (_, config, draws) => {
  const options = { length: 45, seed: 2 ** 32 - 1, ...draws };
  const wanted = await written(cpu, config, options);
  const kernel = await written(gpu, config, options);
  const steps = await written(gpu, config, options, false);
  expect(kernel.texts).toEqual(wanted.texts);
  expect(steps.texts).toEqual(wanted.texts);
  // Two chunks, with the weights laid out for each.
  expect(kernel.dispatches).toBeLessThan(60);
  expect(steps.dispatches).toBeGreaterThan(45 * 5);
});

test.each([
  ['lstm', { hidden: 260, layers: 2 }],
  ['gru', { hidden: 420, embedding: 0 }],
  ['indrnn', { hidden: 528, layers: 3 }],
] as const)('%s of many weights, a dispatch for each layer', async (cell, config) => {
  const options = { length: 21, seed: 3, batch: 2, prime: 'ab' };
  const wanted = await written(cpu, { cell, ...config }, options);
  const { texts, dispatches } = await written(gpu, { cell, ...config }, options);
  expect(texts).toEqual(wanted.texts);
  // 24 characters, the last three for nothing; the logits may take two. And the prime, and laying out.
  expect(dispatches).toBeGreaterThan(24 * 3);
  expect(dispatches).toBeLessThan(24 * 6 + 60);
});

/** 32 characters, so many as are drawn ahead, then 32 by other weights, in the memory of an optimiser. */
async function changedBetween(device: Device, config: Partial<ModelConfig>, fused: boolean) {
  const generator = new Generator(device, 1);
  const all = completeConfig({ hidden: 13, embedding: 6, ...config });
  const model = new CharModel(device, VOCABULARY.size, all, 3, generator, { fused });
  const texts = sample(model, VOCABULARY, { length: 64, seed: 4 });
  const some = async () => {
    let text = '';
    for (let i = 0; i < 32; i++) text += (await texts.next()).value;
    return text;
  };
  const first = await some();
  using optimizer = new SGD(model, { lr: 0.1 });
  const scaled = [];
  for (const [, weight] of model.namedParameters()) {
    scaled.push(weight.data().then((data) => weight.write(data.map((value) => -5 * value))));
  }
  await Promise.all(scaled);
  const second = await some();
  expect(optimizer.lr).toBe(0.1);
  await texts.return();
  model.dispose();
  generator.dispose();
  return [first, second];
}

test.each([
  ['one kernel', {}, true],
  ['a dispatch for each layer', { cell: 'gru', hidden: 260, layers: 2 }, true],
  ["the model's own step", {}, false],
] as const)('weights that change meanwhile count for what is drawn next: %s', async (...args) => {
  const [, config, fused] = args;
  expect(await changedBetween(gpu, config, fused)).toEqual(
    await changedBetween(cpu, config, fused),
  );
});

test('a model whose weights were freed is refused, and leaves nothing behind', async () => {
  const generator = new Generator(gpu, 1);
  const config = completeConfig({ hidden: 8, embedding: 4 });
  const model = new CharModel(gpu, VOCABULARY.size, config, 3, generator);
  model.decoder.weight.dispose();
  const live = gpu.memory().liveTensors;
  await expect(sampleText(model, VOCABULARY, { prime: 'ab' })).rejects.toThrow(DisposedError);
  expect(gpu.memory().liveTensors).toBe(live);
  model.dispose();
  generator.dispose();
});

test('a reader that stops leaves nothing behind', async () => {
  const generator = new Generator(gpu, 1);
  const config = completeConfig({ hidden: 8, embedding: 4 });
  const model = new CharModel(gpu, VOCABULARY.size, config, 3, generator);
  const live = gpu.memory().liveTensors;
  let text = '';
  for await (const character of sample(model, VOCABULARY, { length: 5000, seed: 2 })) {
    text += character;
    if ([...text].length === 300) break;
  }
  expect(gpu.memory().liveTensors).toBe(live);
  const whole = await sampleText(model, VOCABULARY, { length: 300, seed: 2 });
  expect(whole).toBe(text);
  model.dispose();
  generator.dispose();
});
