/** The pair of docs/embedding.md that trains in a worker, on the CPU, whose steps are synchronous. */
import { expect, test } from 'vitest';

import { trainInWorker } from '../../docs/examples/train_page';
import type { Progress } from '../../docs/examples/train_page';
import { Random } from '../../src/index';
import { decodeSafetensors } from '../../src/io/index';

/** The class is whether the first id is odd. */
function drawn(count: number) {
  const random = new Random(1);
  return Array.from({ length: count }, () => {
    const length = 4 + Math.floor(5 * random.uniform());
    const ids = Array.from({ length }, () => Math.floor(8 * random.uniform()));
    return { ids, label: ids[0] % 2 };
  });
}

test('it learns, tells how far it is, and gives the weights', async () => {
  const heard: Progress[] = [];
  const hear = (progress: Progress) => heard.push(progress);
  const { step, bytes } = await trainInWorker(drawn(320), { epochs: 20, hear });
  expect(step).toBe(200);
  expect(heard.map((progress) => progress.step)).toEqual(
    Array.from({ length: 20 }, (_, i) => 10 * (i + 1)),
  );
  expect(heard.at(-1)!.loss).toBeLessThan(0.2 * heard[0].loss);
  expect(decodeSafetensors(bytes).tensors.get('lstm.weight_ih_l0')!.shape).toEqual([128, 16]);
});

test('a message that comes while it trains stops it', async () => {
  const stopping = new AbortController();
  const { step, bytes } = await trainInWorker(drawn(320), {
    epochs: Infinity,
    hear: (progress) => progress.step >= 50 && stopping.abort(),
    signal: stopping.signal,
  });
  expect(step).toBeGreaterThanOrEqual(50);
  expect(decodeSafetensors(bytes).tensors.size).toBeGreaterThan(0);
});

test('what fails in it is an error here', async () => {
  const examples = [{ ids: [9], label: 0 }];
  await expect(trainInWorker(examples, { epochs: 1, hear: () => {} })).rejects.toThrow(/9/);
});
