/** Which characters mattered to a prediction: the gradient by the inputs before it. */
import { describe, expect, test } from 'vitest';

import {
  ArgumentError,
  crossEntropy,
  Generator,
  IndexError,
  openDevice,
  tensor,
} from '../../src/index';
import { characterInfluence } from '../../src/inspect/index';
import { CELL_NAMES, CharModel, completeConfig } from '../../src/train/index';
import type { ModelConfig } from '../../src/train/index';
import { rejected } from '../setup/nn_helpers';

const device = await openDevice('cpu', { reference: true });
const IDS = [1, 4, 2, 2, 0, 3, 1, 4, 3, 0];

function makeModel(config: Partial<ModelConfig>, vocabulary = 5): CharModel {
  const complete = completeConfig({ hidden: 6, embedding: 3, ...config });
  return new CharModel(device, vocabulary, complete, 5, new Generator(device, 1));
}

/** ln p of the last id, with `nudge` added to one element of the input at a time step. */
async function logProbability(
  model: CharModel,
  ids: readonly number[],
  nudge?: { t: number; k: number; by: number },
): Promise<number> {
  const read = tensor(device, ids.slice(0, -1), [ids.length - 1, 1], { dtype: 'i32' });
  const x = model.embedding.forward(read);
  const values = await x.data();
  if (nudge) values[nudge.t * x.shape[2] + nudge.k] += nudge.by;
  const { output } = model.rnn.run(tensor(device, values, x.shape));
  const last = (await output.data()).slice(-output.shape[2]);
  const logits = model.decoder.forward(tensor(device, last, [1, last.length]));
  return -(await crossEntropy(logits, tensor(device, ids.slice(-1), [1], { dtype: 'i32' })).item());
}

describe.each(CELL_NAMES)('influence in %s', (cell) => {
  test.each([
    ['an embedding', 3],
    ['one-hot vectors', 0],
  ])('%s: the derivative that small changes of the input give', async (_, embedding) => {
    const model = makeModel({ cell, embedding, layers: 2, dropout: 0.5 });
    const found = await characterInfluence(model, IDS, 7);
    const ids = IDS.slice(0, 8);
    model.eval();
    expect(found.from).toBe(0);
    expect(found.logProbability).toBeCloseTo(await logProbability(model, ids), 5);
    const by = 0.01;
    for (const t of [0, 3, 6]) {
      let squares = 0;
      for (let k = 0; k < (embedding || 5); k++) {
        const up = await logProbability(model, ids, { t, k, by });
        const down = await logProbability(model, ids, { t, k, by: -by });
        squares += ((up - down) / (2 * by)) ** 2;
      }
      expect(found.norms[t]).toBeCloseTo(Math.sqrt(squares), 3);
    }
  });
});

test('what stands before the reach is read, and is no part of it', async () => {
  const model = makeModel({});
  const whole = await characterInfluence(model, IDS, 9);
  const near = await characterInfluence(model, IDS, 9, { reach: 4 });
  expect(near.from).toBe(5);
  expect(near.logProbability).toBeCloseTo(whole.logProbability, 6);
  expect(Array.from(near.norms)).toHaveLength(4);
  near.norms.forEach((norm, i) => expect(norm).toBeCloseTo(whole.norms[5 + i], 6));
});

test('leaves nothing behind, no gradient and no mode', async () => {
  const model = makeModel({ layers: 2, dropout: 0.5 });
  await characterInfluence(model, IDS, 9, { reach: 3 });
  const { liveTensors } = device.memory();
  const first = await characterInfluence(model, IDS, 9, { reach: 3 });
  expect(device.memory().liveTensors).toBe(liveTensors);
  expect(await characterInfluence(model, IDS, 9, { reach: 3 })).toEqual(first);
  expect(model.training).toBe(true);
  expect(model.parameters().every(({ grad, requiresGrad }) => !grad && requiresGrad)).toBe(true);
});

test('what it refuses', async () => {
  const model = makeModel({});
  expect(await rejected(ArgumentError, characterInfluence(model, IDS, 0))).toBe(
    'characterInfluence: position = 0; an integer from 1 to 9 is needed',
  );
  expect(await rejected(ArgumentError, characterInfluence(model, [1], 1))).toMatch(/position = 1/);
  expect(await rejected(ArgumentError, characterInfluence(model, IDS, 3, { reach: 0 }))).toMatch(
    /reach = 0; an integer from 1 is needed/,
  );
  expect(await rejected(IndexError, characterInfluence(model, [1, 9, 2], 2))).toMatch(
    /id 9 at position 1/,
  );
});
