/** A step's batch on the device: memory that later batches of its shapes are written over. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import type { Batch } from '../../src/data/index';
import {
  backward,
  embedding,
  GraphError,
  IndexError,
  mul,
  openDevice,
  sum,
  tensor,
} from '../../src/index';
import type { Device } from '../../src/index';
import { StepBatch } from '../../src/train/step_batch';

let device: Device;

beforeAll(async () => {
  device = await openDevice('webgpu');
});

afterAll(() => device.dispose());

function batchOf(first: number, length = 3): Batch {
  const ids = Int32Array.from({ length }, (_, i) => first + i);
  return {
    ids: { shape: [length], data: ids },
    scale: { shape: [], data: Float32Array.of(first / 2) },
    none: { shape: [0, 2], data: new Int32Array() },
    labels: { shape: [2, 2], data: Int32Array.of(first, -1, 0, first) },
    more: { shape: [1, 2], data: Float32Array.of(-first, 1.5) },
  };
}

async function values(batch: StepBatch): Promise<unknown> {
  const read = Object.entries(batch.tensors).map(
    async ([name, value]) =>
      [name, { shape: value.shape, data: await value.data() }] as [string, Batch[string]],
  );
  return Object.fromEntries(await Promise.all(read));
}

test('holds what was written last, and takes one write for each dtype', async () => {
  const batch = new StepBatch(device, batchOf(4));
  expect(Object.keys(batch.tensors)).toEqual(['ids', 'scale', 'none', 'labels', 'more']);
  expect(await values(batch)).toEqual(batchOf(4));
  const write = vi.spyOn(device.backend, 'write');
  onTestFinished(() => write.mockRestore());
  batch.write(batchOf(7));
  expect(write).toHaveBeenCalledTimes(2);
  expect(await values(batch)).toEqual(batchOf(7));
  batch.dispose();
});

test('a large array keeps a buffer of its own', async () => {
  const large = (first: number): Batch => ({
    ...batchOf(first),
    long: { shape: [20_000], data: new Int32Array(20_000).fill(first) },
  });
  const { liveTensors, liveBytes } = device.memory();
  const batch = new StepBatch(device, large(4));
  const { ids, labels, long } = batch.tensors;
  expect(ids.shares(labels)).toBe(true);
  expect(long.shares(ids)).toBe(false);
  batch.write(large(7));
  expect(await values(batch)).toEqual(large(7));
  batch.dispose();
  expect(device.memory()).toMatchObject({ liveTensors, liveBytes });
});

test('fits the same names, dtypes and shapes alone', () => {
  const batch = new StepBatch(device, batchOf(4));
  const { more, ...fewer } = batchOf(1);
  expect(batch.fits(batchOf(9))).toBe(true);
  expect(batch.fits(batchOf(9, 4))).toBe(false);
  expect(batch.fits(fewer)).toBe(false);
  expect(batch.fits({ ...fewer, other: more })).toBe(false);
  expect(batch.fits({ ...fewer, more: { ...more, shape: [2, 1] } })).toBe(false);
  expect(batch.fits({ ...fewer, more: { shape: [1, 2], data: Int32Array.of(1, 2) } })).toBe(false);
  batch.dispose();
});

test('the host sees ids out of range, in a replay too, wherever they lie in the buffer', async () => {
  const batch = new StepBatch(device, batchOf(1));
  const table = tensor(device, [1, 2, 3, 4, 5, 6], [6, 1]);
  const { ids, more } = batch.tensors;
  const step = device.record(() => sum(embedding(ids, table)));
  expect(await step.result.item()).toBe(2 + 3 + 4);
  batch.write(batchOf(2));
  step.replay();
  expect(await step.result.item()).toBe(3 + 4 + 5);
  batch.write(batchOf(4));
  expect(() => step.replay()).toThrow(IndexError);
  const { labels } = batch.tensors;
  batch.write({ ...batchOf(1), labels: { shape: [2, 2], data: Int32Array.of(0, 1, 2, 6) } });
  expect(() => embedding(labels, table)).toThrow(/holds 6 at position 3 of shape \[2, 2\]/);
  step.dispose();
  batch.dispose();
  expect(more.disposed).toBe(true);
});

test('a graph hears that what it saved was written over', () => {
  const batch = new StepBatch(device, batchOf(1));
  const x = tensor(device, [1, 2], [1, 2], { requiresGrad: true });
  const loss = sum(mul(x, batch.tensors.more));
  batch.write(batchOf(2));
  expect(() => backward(loss)).toThrow(GraphError);
  batch.dispose();
});
