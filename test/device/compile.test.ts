/**
 * Pipelines are made in the background: until they are there, commands and all that depends on their
 * order wait for them.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Backend, DeviceBuffer } from '../../src/backend/backend';
import type { NumberArray } from '../../src/backend/dtype';
import { defineKernel, elementwise, update } from '../../src/backend/kernel';
import { DeviceLostError, ShaderError } from '../../src/errors';
import { axpy } from '../../src/kernels/axpy';
import type { Device } from '../../src/tensor/device';
import { openDevice } from '../../src/tensor/open';
import { requestGpu } from '../setup/gpu';

let device: Device;
let backend: Backend;

beforeEach(async () => {
  await requestGpu();
  device = await openDevice('webgpu');
  backend = device.backend;
});

afterEach(() => device.dispose());

/** y = y * factor + 1, with a pipeline for each factor. */
const grow = defineKernel({
  name: 'grow',
  source: /* wgsl */ `
    override factor: u32;
    struct Params { n: u32, }
    @group(0) @binding(0) var<storage, read_write> y: array<f32>;
    @group(0) @binding(8) var<uniform> params: Params;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) at: vec3<u32>) {
      if (at.x >= params.n) { return; }
      y[at.x] = y[at.x] * f32(factor) + 1.0;
    }`,
  bindings: { y: update },
  params: { factor: 'override', n: 'u32' },
  cpu() {},
  launch: ({ n }) => elementwise(n),
});
/** Not a u32, for which a pipeline is refused. */
const NO_FACTOR = -1;

function upload(...values: number[]): DeviceBuffer {
  const buffer = backend.alloc('f32', values.length);
  backend.write(buffer, Float32Array.from(values));
  return buffer;
}

function run(y: DeviceBuffer, factor: number): void {
  backend.run(grow, { y }, { factor, n: y.length });
}

test('all are asked for at once, and progress is told', async () => {
  const y = upload(0);
  for (let factor = 1; factor <= 5; factor++) run(y, factor);
  const heard: [number, number][] = [];
  await device.ready((done, total) => heard.push([done, total]));
  expect(heard).toEqual([0, 1, 2, 3, 4, 5].map((done) => [done, 5]));
  expect([...(await backend.read(y))]).toEqual([206]);
  // Known ones are not made again.
  run(y, 3);
  await device.ready((done, total) => heard.push([done, total]));
  expect(heard).toHaveLength(6);
  expect([...(await backend.read(y))]).toEqual([619]);
});

test('on the CPU there is nothing to wait for', async () => {
  const cpu = await openDevice('cpu');
  const progress = vi.fn();
  await cpu.ready(progress);
  expect(progress).not.toHaveBeenCalled();
});

describe('while they are being made', () => {
  test('writes, reads and reused buffers keep their order', async () => {
    const y = upload(1);
    const results: Promise<NumberArray>[] = [];
    for (let factor = 1; factor <= 4; factor++) {
      run(y, factor);
      results.push(backend.read(y));
      const values = Float32Array.of(10 * factor);
      const x = backend.alloc('f32', 1);
      backend.write(x, values);
      values[0] = -1;
      backend.run(axpy, { x, y }, { n: 1, alpha: 1 });
      backend.free(x);
      results.push(backend.read(y));
      backend.write(y, Float32Array.of(100));
    }
    const numbers = (await Promise.all(results)).map(([value]) => value);
    expect(numbers).toEqual([2, 12, 201, 221, 301, 331, 401, 441]);
  });

  test('more commands than a batch holds wait, and memory in use is not given up', async () => {
    const sum = upload(0);
    for (let i = 1; i <= 300; i++) {
      // Freed at once, and each of another size: in all, more than the pool keeps.
      const x = backend.alloc('f32', 512 * i);
      backend.write(x, new Float32Array(512 * i).fill(i));
      backend.run(axpy, { x, y: sum }, { n: 1, alpha: 1 });
      backend.free(x);
    }
    expect([...(await backend.read(sum))]).toEqual([45_150]);
  });

  test('a step can be recorded, replayed and freed', async () => {
    const y = upload(0);
    const recording = backend.record(() => {
      run(y, 2);
      run(y, 3);
    });
    recording.replay();
    recording.free();
    run(y, 1);
    // ((0 2 + 1) 3 + 1) = 4; ((4 2 + 1) 3 + 1) = 28; 28 + 1.
    expect([...(await backend.read(y))]).toEqual([29]);
  });

  test('the end of the device rejects what waits', async () => {
    const y = upload(0);
    run(y, 1);
    const waiting = [backend.read(y), device.finish(), device.ready()];
    device.dispose();
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: 'rejected' });
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(DeviceLostError);
    }
  });
});

describe('one that cannot be made', () => {
  test.each(['ready', 'finish', 'read'] as const)('is reported by %s', async (wait) => {
    const y = upload(0);
    run(y, 1);
    run(y, NO_FACTOR);
    const waiting = wait === 'read' ? backend.read(y) : device[wait]();
    const error: unknown = await waiting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ShaderError);
    expect((error as Error).message).toMatch(/^shader grow, main: /);
    expect(() => run(y, 1)).toThrow(ShaderError);
  });

  test.each(['read', 'finish'] as const)('by broken WGSL, is told of by %s', async (wait) => {
    const source = grow.source.replace('f32(factor)', 'no');
    const line = source.split('\n').findIndex((row) => row.includes('no +')) + 1;
    const y = upload(0);
    backend.run({ ...grow, source }, { y }, { factor: 2, n: 1 });
    const error = await (wait === 'read' ? backend.read(y) : device.finish()).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ShaderError);
    expect((error as Error).message).toMatch(
      new RegExp(
        `^shader grow, line ${line}: .*\\bno\\b.*\\n  y\\[at.x\\] = y\\[at.x\\] \\* no \\+ 1.0;$`,
      ),
    );
  });
});
