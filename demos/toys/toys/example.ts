/** A toy and a cell as an example that a page, or a script, trains. */
import { crossEntropy, mseLoss, mul, Random, reshape } from 'lethe';
import type { Device, Generator, Tensor } from 'lethe';
import type { HostArray } from 'lethe/data';
import type { CellName } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { BatchTensors, Metrics } from 'lethe/train';

import type { Example } from '../../tasks/example';
import { withoutMemory } from './memoryless';
import { ToyNetwork } from './network';
import type { ToySizes } from './network';
import { accuracyOf, drawTest, HELD_OUT } from './toy';
import type { Toy, ToySequence } from './toy';

export interface ToyData {
  readonly valid: readonly ToySequence[];
  readonly test: readonly ToySequence[];
}

export interface ToyMeta {
  readonly sizes: ToySizes;
}

/** Inputs [time, batch, features]; targets [time, batch] and, for numbers, how much each counts. */
type ToyBatch = Readonly<Record<'inputs' | 'targets' | 'weights', HostArray>>;

const BATCH = 32;
/** Seeds of what is held out; what is learnt from has others. */
const [VALID, TEST, TRAIN] = [1, 2, 1000];
/** Steps that count as an epoch: the data never repeat. */
const EPOCH = 100;
/** Target of a step at which no class is asked. */
const UNASKED = -100;

export function toyExample(toy: Toy, cell: CellName): Example<ToyData, ToyMeta, ToyNetwork> {
  const { steps, lr, hidden } = toy.training;
  const held = (seed: number): ToySequence[] => {
    const random = new Random(seed);
    return Array.from({ length: HELD_OUT }, () => drawTest(toy, random));
  };
  const time = toy.test?.time ?? toy.time;
  return {
    name: toy.name,
    title: toy.name,
    data: 'Drawn as it is learnt from: no sequence is seen twice, but by chance.',
    load: () => Promise.resolve({ valid: held(VALID), test: held(TEST) }),
    baseline: ({ test }) => ({
      name: 'without memory',
      metrics: { accuracy: withoutMemory(toy, test) },
    }),
    meta: () => ({
      sizes: {
        features: toy.features,
        cell,
        hidden,
        outputs: toy.answer === 'number' ? 1 : toy.answer.classes,
      },
    }),
    model: (
      device: Device,
      { sizes }: ToyMeta,
      { random }: { random: Random; generator: Generator },
    ) => new ToyNetwork(device, sizes, random),
    task: (model, { valid }, _meta, { seed }) => ({
      model,
      batches: {
        perEpoch: EPOCH,
        batch(epoch, index) {
          const random = new Random(TRAIN + seed, epoch * EPOCH + index);
          const rows = Array.from({ length: BATCH }, () => toy.draw(random));
          return collate(rows, toy, toy.time);
        },
      },
      loss: (batch: BatchTensors<ToyBatch>) => lossOf(model.forward(batch.inputs), batch, toy),
      evaluate: async () => ({
        accuracy: accuracyOf(toy, valid, await answers(model, valid, toy, time)),
      }),
    }),
    test: async (model, { test }): Promise<Metrics> => ({
      accuracy: accuracyOf(toy, test, await answers(model, test, toy, time)),
    }),
    training: {
      epochs: steps / EPOCH,
      monitor: 'accuracy',
      mode: 'max',
      clipNorm: 1,
      optimizer: (model) => new Adam(model, { lr }),
      schedule: (all) => cosine(all, 0.1),
    },
  };
}

/** Sequences side by side, padded to `time`. */
function collate(rows: readonly ToySequence[], toy: Toy, time: number): ToyBatch {
  const [batch, { features }] = [rows.length, toy];
  const number = toy.answer === 'number';
  const inputs = new Float32Array(time * batch * features);
  const targets = number
    ? new Float32Array(time * batch)
    : new Int32Array(time * batch).fill(UNASKED);
  const weights = new Float32Array(time * batch);
  const asked = rows.reduce((sum, row) => sum + row.targets.filter((t) => t !== null).length, 0);
  // So that the mean over all steps is that over the answers.
  const weight = Math.sqrt((time * batch) / asked);
  for (const [b, row] of rows.entries()) {
    for (const [t, input] of row.inputs.entries()) {
      const at = t * batch + b;
      inputs.set(input, at * features);
      const target = row.targets[t];
      if (target === null) continue;
      targets[at] = number ? weight * target : target;
      weights[at] = weight;
    }
  }
  return {
    inputs: { shape: [time, batch, features], data: inputs },
    targets: { shape: [time * batch], data: targets },
    weights: { shape: [time * batch], data: weights },
  };
}

function lossOf(said: Tensor, { targets, weights }: BatchTensors<ToyBatch>, toy: Toy): Tensor {
  const rows = targets.shape[0];
  return toy.answer === 'number'
    ? mseLoss(mul(reshape(said, [rows]), weights), targets)
    : crossEntropy(reshape(said, [rows, toy.answer.classes]), targets);
}

/** What the network says at each step: [sequences][time], classes or numbers. */
export async function answers(
  model: ToyNetwork,
  sequences: readonly ToySequence[],
  toy: Toy,
  time: number,
): Promise<number[][]> {
  const batch = collate(sequences, toy, time);
  const said = evalMode(model, () => model.forward(batchTensors(model.device, batch).inputs));
  const [, count, outputs] = said.shape;
  const values = await said.data();
  said.dispose();
  return sequences.map(({ inputs }, b) =>
    inputs.map((_, t) => {
      const row = values.slice((t * count + b) * outputs, (t * count + b + 1) * outputs);
      return toy.answer === 'number' ? row[0] : row.indexOf(Math.max(...row));
    }),
  );
}
