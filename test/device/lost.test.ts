/** A GPU that goes, or whose memory ends, in the middle of a training. */
import { expect, onTestFinished, test } from 'vitest';

import { DeviceLostError, OutOfMemoryError } from '../../src/index';
import type { Device } from '../../src/tensor/device';
import { openWebGpu } from '../../src/tensor/open_webgpu';
import { CharTrainer, readCheckpoint, resumeTraining, saveCheckpoint } from '../../src/train/index';
import { requestGpu } from '../setup/gpu';

const TEXT = 'she sells sea shells by the sea shore. '.repeat(12);
const TINY = { hidden: 8, embedding: 4, batch: 2, seq: 6, dropout: 0.2 } as const;

/** A device of Lethe, and WebGPU's below it, for what happens to that from outside. */
async function opened(): Promise<{ device: Device; raw: GPUDevice }> {
  const adapter = await (await requestGpu()).requestAdapter();
  let raw: GPUDevice | undefined;
  const within = {
    ...{ features: adapter!.features, limits: adapter!.limits, info: adapter!.info },
    requestDevice: async (request?: GPUDeviceDescriptor) =>
      (raw = await adapter!.requestDevice(request)),
  } as GPUAdapter;
  const device = await openWebGpu(within, 'a test');
  onTestFinished(() => device.dispose());
  return { device, raw: raw! };
}

async function losses(trainer: CharTrainer, steps: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < steps; i++) {
    await trainer.trainStep();
    found.push((await trainer.report())!.loss);
  }
  return found;
}

test('a device that is lost in the middle of a step: all that waits is rejected, and the run goes on elsewhere with the same losses', async () => {
  const { device, raw } = await opened();
  const trainer = new CharTrainer(device, TEXT, TINY);
  await losses(trainer, 3);
  const kept = await saveCheckpoint(trainer);
  const expected = await losses(trainer, 3);
  const again = resumeTraining(device, TEXT, readCheckpoint(kept));
  const step = again.trainStep();
  const waiting = Promise.allSettled([step.then(() => again.report()), device.finish()]);
  raw.destroy();
  for (const result of await waiting) {
    expect(result.status).toBe('rejected');
    expect((result as PromiseRejectedResult).reason).toBeInstanceOf(DeviceLostError);
  }
  expect(await device.lost).toContain('destroyed');
  await expect(again.trainStep()).rejects.toThrow(/the GPU device is gone .*open another one/);
  await expect(saveCheckpoint(again)).rejects.toThrow(DeviceLostError);
  // What is left of it can be put away.
  again.dispose();
  trainer.dispose();
  expect(device.memory().liveTensors).toBe(0);

  const other = await opened();
  const resumed = resumeTraining(other.device, TEXT, readCheckpoint(kept));
  expect(await losses(resumed, 3)).toEqual(expected);
  resumed.dispose();
});

test('memory that ends in the middle: an error that says what to do, nothing kept, and a smaller batch trains', async () => {
  const { device, raw } = await opened();
  const create = raw.createBuffer.bind(raw);
  let left = 200_000;
  // As an implementation tells it: the call gives a buffer, and the error comes later.
  raw.createBuffer = (descriptor) => {
    left -= descriptor.size;
    if (left >= 0) return create(descriptor);
    const error = new GPUOutOfMemoryError(`no room for ${descriptor.size} bytes`);
    queueMicrotask(() => {
      raw.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
    });
    return create(descriptor);
  };
  const trainer = new CharTrainer(device, TEXT, { ...TINY, batch: 16, hidden: 64 });
  const error: unknown = await losses(trainer, 3).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect((error as Error).message).toMatch(
    /no room for \d+ bytes; use a smaller batch, sequence or layer/,
  );
  await expect(saveCheckpoint(trainer)).rejects.toThrow(OutOfMemoryError);
  trainer.dispose();
  expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0, recordedBytes: 0 });

  const { device: other } = await opened();
  const smaller = new CharTrainer(other, TEXT, TINY);
  expect((await losses(smaller, 2)).every(Number.isFinite)).toBe(true);
  smaller.dispose();
});
