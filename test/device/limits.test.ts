/** What kernels are told that they may use of a device. */
import { afterEach, expect, test } from 'vitest';

import { WebGpuBackend } from '../../src/backend/webgpu/webgpu_backend';
import { lanesFollow } from '../../src/backend/webgpu/limits';
import { requestGpu } from '../setup/gpu';

let close = (): void => {};
afterEach(() => close());

async function newAdapter(): Promise<GPUAdapter> {
  const adapter = await (await requestGpu()).requestAdapter();
  return adapter!;
}

async function open(adapter: GPUAdapter, request?: GPUDeviceDescriptor): Promise<WebGpuBackend> {
  const backend = await WebGpuBackend.open(adapter, request);
  close = () => backend.destroy();
  return backend;
}

test('are those of the adapter', async () => {
  const adapter = await newAdapter();
  const { limits, features, info } = adapter;
  const { tunable } = await open(adapter);
  const { software } = tunable;
  expect(tunable.limits).toEqual({
    invocations: limits.maxComputeInvocationsPerWorkgroup,
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
    ...(features.has('subgroups') && {
      subgroups: { least: info.subgroupMinSize, most: info.subgroupMaxSize },
    }),
    ...(software && { software }),
  });
  expect(tunable.limits.invocations).toBeGreaterThanOrEqual(128);
});

test('are those of a device that was asked for less, and for no subgroups', async () => {
  const { tunable } = await open(await newAdapter(), {});
  const { software } = tunable;
  expect(tunable.limits).toEqual({
    ...{ invocations: 256, workgroupBytes: 16_384 },
    ...(software && { software }),
  });
});

const SHADER = /* wgsl */ `
override threads: u32;
override least: u32;
@group(0) @binding(0) var<storage, read_write> follows: array<u32>;
@compute @workgroup_size(threads)
fn main(@builtin(local_invocation_index) i: u32) { follows[i] = u32(i % least != 9u); }`;

test.each([
  ['all lanes follow', SHADER, 8, true],
  ['one does not', SHADER, 16, false],
  ['the shader is refused', SHADER.replace('follows[i]', 'leads[i]'), 8, false],
])('of lanes: %s', async (_, code, least, follow) => {
  const device = await (await newAdapter()).requestDevice();
  close = () => device.destroy();
  const errors: string[] = [];
  device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
  expect(await lanesFollow(device, code, 64, least)).toBe(follow);
  expect(errors).toEqual([]);
});
