/** Sequence to sequence on WebGPU, as on the CPU: training by a recorded step, and decoding. */
import { afterAll, describe, expect, test } from 'vitest';

import { backward, detach, dispose, openDevice, Random, scope, tensor } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { Decoder, Encoder, EncoderDecoder } from '../../src/nn/index';
import type { DecoderOptions } from '../../src/nn/index';
import { SGD } from '../../src/optim/index';
import { distance } from '../setup/nn_helpers';

const [SOURCE, TARGET, BATCH, WORDS] = [5, 4, 3, 6];

const cpu = await openDevice('cpu');
const gpu = await openDevice('webgpu');
afterAll(() => dispose([cpu, gpu]));

/** Losses, gradients' work on the weights, and what is decoded then. */
async function train(device: Device, ofDecoder: DecoderOptions, recorded: boolean) {
  const random = new Random(9);
  const encoder = new Encoder(device, WORDS, 4, 5, { bidirectional: true, random });
  const decoder = new Decoder(device, WORDS, 4, 6, {
    keySize: encoder.outputSize,
    random,
    ...ofDecoder,
  });
  const model = new EncoderDecoder(encoder, decoder, random);
  const optimizer = new SGD(model, { lr: 0.5 });
  const ids = (time: number, seed: number): number[] => {
    const of = new Random(seed, 3);
    return Array.from({ length: time * BATCH }, () => Math.floor(of.uniform() * WORDS));
  };
  const batch = (step: number): number[][] => [
    ids(SOURCE, 4 * step),
    ids(TARGET, 4 * step + 1),
    ids(TARGET, 4 * step + 2),
    // 1 where the target is given: less and less.
    ids(TARGET, 4 * step + 3).map((id) => Number(id > step)),
    [SOURCE, SOURCE - 1, SOURCE - 2].map((length, b) => (b === step % BATCH ? 2 : length)),
  ];
  const shapes = [[SOURCE, BATCH], [TARGET, BATCH], [TARGET, BATCH], [TARGET, BATCH], [BATCH]];
  const tensors = batch(0).map((values, i) =>
    tensor(device, values, shapes[i], { dtype: i === 3 ? 'f32' : 'i32' }),
  );
  const [source, target, labels, teacher, lengths] = tensors;
  const step = (): Tensor => {
    const loss = model.loss(source, target, labels, { lengths, teacher });
    const value = detach(loss);
    backward(loss);
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  };
  const losses: number[] = [];
  const plain = async (): Promise<void> => {
    const loss = scope(step);
    losses.push(await loss.item());
  };
  await plain();
  const replayed = recorded ? device.record(step, tensors) : undefined;
  for (let i = 1; i < 5; i++) {
    if (replayed && i > 1) replayed.replay(...batch(i));
    else if (!replayed) {
      if (i > 1) batch(i).forEach((values, k) => tensors[k].write(values));
      await plain();
    }
    if (replayed) losses.push(await replayed.result.item());
  }
  const weights = [...(await decoder.out.weight.data())];
  const of = { begin: 0, end: 1, maxLength: 6, lengths };
  const found = [
    ...(await model.generate(source, of)),
    ...(await model.generate(source, { ...of, width: 3 })),
  ];
  return { losses, weights, found };
}

const KINDS: readonly [string, DecoderOptions][] = [
  ['Luong', { attention: 'general' }],
  ['Bahdanau', { attention: 'additive' }],
];

describe.each(KINDS)('%s', (_, options) => {
  test('the GPU does what the CPU does, recorded or not', async () => {
    const expected = await train(cpu, options, false);
    expect(new Set(expected.losses.map((loss) => loss.toFixed(3))).size).toBe(5);
    for (const [device, recorded] of [
      [cpu, true],
      [gpu, false],
      [gpu, true],
    ] as const) {
      const { losses, weights, found } = await train(device, options, recorded);
      expect(distance(losses, expected.losses)).toBeLessThan(2e-5);
      expect(distance(weights, expected.weights)).toBeLessThan(2e-5);
      expect(found.map(({ ids }) => ids)).toEqual(expected.found.map(({ ids }) => ids));
      found.forEach(({ weights: own, logProbability }, i) => {
        const other = expected.found[i];
        expect(logProbability).toBeCloseTo(other.logProbability, 3);
        own!.forEach((row, t) => expect(distance(row, other.weights![t])).toBeLessThan(1e-4));
      });
    }
  });
});
