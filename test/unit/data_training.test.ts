/** Data of different lengths in training: few recordings, and none after the first epoch. */
import { expect, test } from 'vitest';

import { bucketBatches, hostArray, padSequences } from '../../src/data/index';
import type { HostArray } from '../../src/data/index';
import { crossEntropy, maskedMean, openDevice, Random } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { accuracy } from '../../src/metrics/index';
import { Embedding, Linear, Module } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { batchTensors, evalMode, Trainer } from '../../src/train/index';
import type { BatchTensors, Task } from '../../src/train/index';

interface Example {
  readonly ids: readonly number[];
  readonly label: number;
}

type Ids = { ids: HostArray; mask: HostArray; labels: HostArray };

const WORDS = 9;

class MeanOfWords extends Module {
  readonly embedding: Embedding;
  readonly decoder: Linear;

  constructor(device: Device) {
    super();
    const random = new Random(1);
    this.embedding = new Embedding(device, WORDS, 4, { random });
    this.decoder = new Linear(device, 4, 2, { random });
  }

  forward({ ids, mask }: { ids: Tensor; mask: Tensor }): Tensor {
    return this.decoder.forward(maskedMean(this.embedding.forward(ids), mask));
  }
}

/** Of 1 to 12 words, and the class is 1 where words 5 to 8 are the more. */
function examples(count: number, random: Random): Example[] {
  return Array.from({ length: count }, () => {
    const length = 1 + Math.floor(12 * random.uniform());
    const ids = Array.from({ length }, () => 1 + Math.floor(8 * random.uniform()));
    return { ids, label: Number(2 * ids.filter((id) => id > 4).length > length) };
  });
}

function batchesOf(all: readonly Example[], shuffle: boolean) {
  return bucketBatches(all, {
    batchSize: 16,
    seed: 2,
    shuffle,
    maxShapes: 5,
    lengthOf: ({ ids }) => ids.length,
    collate: (some, [time]): Ids => {
      const { ids, mask } = padSequences(
        some.map((example) => example.ids),
        { padding: 0, time },
      );
      const labels = some.map(({ label }) => label);
      return { ids, mask, labels: hostArray(labels, 'i32') };
    },
  });
}

test('sentences in buckets: one recording a shape, all in the first epoch, and it learns', async () => {
  const device = await openDevice('cpu');
  const random = new Random(5);
  const batches = batchesOf(examples(200, random), true);
  const held = batchesOf(examples(100, random), false);
  const model = new MeanOfWords(device);
  const task: Task<Ids> = {
    model,
    batches,
    loss: (batch: BatchTensors<Ids>) => crossEntropy(model.forward(batch), batch.labels),
    async evaluate() {
      const predicted: number[] = [];
      const targets: number[] = [];
      for (let i = 0; i < held.perEpoch; i++) {
        const output = evalMode(model, () => model.forward(batchTensors(device, held.batch(0, i))));
        const logits = await output.data();
        output.dispose();
        for (const [b, { label }] of held.examples(0, i).entries()) {
          predicted.push(Number(logits[2 * b + 1] > logits[2 * b]));
          targets.push(label);
        }
      }
      return { accuracy: accuracy(predicted, targets) };
    },
  };
  const trainer = new Trainer(device, task, { optimizer: new Adam(model, { lr: 0.05 }) });
  const first: number[] = [];
  let reached = 0;
  for await (const event of trainer.fit({ epochs: 10, monitor: 'accuracy', mode: 'max' })) {
    if (event.kind !== 'report') continue;
    first.push(trainer.recordings);
    reached = event.metrics?.accuracy ?? NaN;
  }
  expect(batches.shapes.length).toBeLessThanOrEqual(5);
  expect(batches.waste).toBeLessThan(0.15);
  expect(first).toEqual(first.map(() => batches.shapes.length));
  expect(reached).toBeGreaterThan(0.9);
  device.dispose();
});
