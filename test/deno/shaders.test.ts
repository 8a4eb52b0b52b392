/**
 * Every shader is compiled by naga, wgpu's compiler, as by Dawn's: each pipeline that its kernel can
 * ask for is made by the driver.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { requestAdapter, requestOf } from '../../src/backend/webgpu/adapter';
import { requestGpu } from '../setup/gpu';
import {
  bySource,
  complaints,
  DEFAULT_LIMITS,
  edited,
  good,
  kernels,
  SPOILT,
} from '../setup/pipelines';

/** Drivers in software take seconds for what is written out for others, which is compiled as it is run. */
const SOFTWARE = { ...DEFAULT_LIMITS, software: true } as const;

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await requestAdapter(await requestGpu());
  device = await adapter!.requestDevice(requestOf(adapter!));
});

afterAll(() => device.destroy());

test.each(
  kernels
    .flatMap((kernel) => bySource(kernel, SOFTWARE))
    .map((kernel) => [kernel.name, kernel] as const),
)('%s', async (_, kernel) => {
  expect(await complaints(device, kernel)).toEqual([]);
});

test('what is written out for hardware is valid, without a driver', async () => {
  for (const { name, source } of kernels.flatMap((kernel) => bySource(kernel))) {
    const { messages } = await device.createShaderModule({ code: source }).getCompilationInfo();
    expect(
      messages.filter(({ type }) => type === 'error').map(({ message }) => message),
      name,
    ).toEqual([]);
  }
});

test('what is right passes', async () => {
  expect(await complaints(device, good)).toEqual([]);
});

test.each(SPOILT)('what is wrong is caught: %s', async (_, from, to) => {
  expect(await complaints(device, edited(good, from, to))).not.toEqual([]);
});
