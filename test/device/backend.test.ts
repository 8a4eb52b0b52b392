/**
 * How the WebGPU backend behaves: the order of commands, batches, the pool of buffers, refusals,
 * and the end of a device.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Backend, DeviceBuffer } from '../../src/backend/backend';
import type { Kernel } from '../../src/backend/kernel';
import { listAdapters } from '../../src/backend/webgpu/list_adapters';
import { DeviceError, DeviceLostError, DTypeError, OutOfMemoryError } from '../../src/errors';
import { axpy } from '../../src/kernels/axpy';
import { copy } from '../../src/kernels/copy';
import { fill } from '../../src/kernels/fill';
import type { Device } from '../../src/tensor/device';
import { openDevice } from '../../src/tensor/open';
import { words } from '../../src/tensor/shape';
import { requestGpu } from '../setup/gpu';

let device: Device;
let backend: Backend;

beforeEach(async () => {
  await requestGpu();
  device = await openDevice('webgpu');
  backend = device.backend;
});

// Throws what the GPU refused.
afterEach(async () => {
  await device.finish();
  device.dispose();
});

function upload(values: number[], on = backend): DeviceBuffer {
  const buffer = on.alloc('f32', values.length);
  on.write(buffer, Float32Array.from(values));
  return buffer;
}

async function download(buffer: DeviceBuffer, on = backend): Promise<number[]> {
  return [...(await on.read(buffer))];
}

/** y += alpha x. */
function add(x: DeviceBuffer, y: DeviceBuffer, alpha = 1, on = backend): void {
  on.run(axpy, { x, y }, { n: x.length, alpha });
}

describe('parts of a buffer', () => {
  const size = 3 * 64;

  test('are written, read and computed with where they lie', async () => {
    const whole = upload(Array.from({ length: size }, (_, i) => i));
    const unit = backend.partElements;
    expect(64 % unit).toBe(0);
    const second = backend.part(whole, 64, 3);
    expect(await download(second)).toEqual([64, 65, 66]);
    add(upload([1, 2, 3]), second);
    const last = backend.part(backend.part(whole, 64, 128), 64, 2);
    backend.write(last, Float32Array.of(-1, -2));
    const expected = Array.from({ length: size }, (_, i) => i);
    expected.splice(64, 3, 65, 67, 69);
    expected.splice(128, 2, -1, -2);
    expect(await download(whole)).toEqual(expected);
    expect(await download(second)).toEqual([65, 67, 69]);
  });

  test('two that a kernel reads, and one that it writes', async () => {
    const whole = upload(new Array<number>(size).fill(2));
    const y = upload(new Array<number>(64).fill(1));
    const other = backend.alloc('f32', size);
    backend.run(fill, { out: other }, { n: size, value: 7 });
    add(backend.part(whole, 128, 64), y);
    add(y, backend.part(other, 64, 64));
    const values = await download(other);
    expect(values).toEqual(Array.from({ length: size }, (_, i) => (i >> 6 === 1 ? 10 : 7)));
  });

  test('a recording that uses one is stale once the whole is freed', async () => {
    const whole = upload(new Array<number>(size).fill(1));
    const y = upload(new Array<number>(64).fill(0));
    const recording = backend.record(() => add(backend.part(whole, 64, 64), y));
    recording.replay();
    expect((await download(y))[63]).toBe(2);
    expect(recording.stale).toBe(false);
    backend.free(whole);
    expect(recording.stale).toBe(true);
    recording.free();
  });
});

describe('the order of commands', () => {
  test('a write after a use waits for it', async () => {
    const x = upload([1, 2]);
    const first = upload([0, 0]);
    const second = upload([0, 0]);
    add(x, first);
    backend.write(x, Float32Array.of(10, 20));
    add(x, second);
    backend.write(x, Float32Array.of(100, 200));
    expect(await download(first)).toEqual([1, 2]);
    expect(await download(second)).toEqual([10, 20]);
    expect(await download(x)).toEqual([100, 200]);
  });

  test('a read sees what came before it, and nothing that came after', async () => {
    const x = upload([1]);
    const y = upload([0]);
    const reads: Promise<number[]>[] = [];
    for (let i = 0; i < 5; i++) {
      add(x, y);
      reads.push(download(y));
    }
    expect(await Promise.all(reads)).toEqual([[1], [2], [3], [4], [5]]);
  });

  test('more commands than one batch of parameters holds', async () => {
    const x = upload([1, 1, 1]);
    const y = upload([0, 0, 0]);
    let sum = 0;
    for (let i = 1; i <= 1000; i++) {
      add(x, y, i);
      sum += i;
    }
    expect(await download(y)).toEqual([sum, sum, sum]);
  });

  test('a write covers the first elements alone', async () => {
    const x = upload([1, 2, 3]);
    backend.write(x, Float32Array.of(9));
    expect(await download(x)).toEqual([9, 2, 3]);
  });
});

describe('buffers', () => {
  test('are reused without harm to commands still waiting', async () => {
    const sums = upload(new Array<number>(8).fill(0));
    for (let i = 0; i < 300; i++) {
      const x = upload(new Array<number>(8).fill(i));
      add(x, sums);
      backend.free(x);
    }
    expect(backend.pooledBytes()).toBe(256);
    expect(await download(sums)).toEqual(new Array(8).fill((299 * 300) / 2));
  });

  test('are reused for other types and lengths of about the same size', async () => {
    const x = upload([1.5, 2.5, 3.5]);
    backend.free(x);
    const ids = backend.alloc('i32', 50);
    expect(backend.pooledBytes()).toBe(0);
    backend.write(
      ids,
      Int32Array.from({ length: 50 }, (_, i) => -i),
    );
    expect(await backend.read(ids)).toEqual(Int32Array.from({ length: 50 }, (_, i) => -i));
    backend.free(ids);
    expect(backend.pooledBytes()).toBe(256);
  });

  test('that are both in use are not the same', async () => {
    const [a, b] = [upload([1]), upload([2])];
    backend.free(a);
    backend.free(b);
    const [c, d] = [upload([3]), upload([4])];
    expect([await download(c), await download(d)]).toEqual([[3], [4]]);
  });

  test.each([
    ['f32', Float32Array.of(-0, NaN, Infinity, -Infinity, 1e-45, 3.4e38)],
    ['i32', Int32Array.of(-1, 0, 0x7fffffff, -0x80000000)],
    ['u32', Uint32Array.of(0, 1, 0xffffffff)],
  ] as const)('bring %s back bit by bit, by themselves and through a copy', async (dtype, data) => {
    const source = backend.alloc(dtype, data.length);
    const target_ = backend.alloc(dtype, data.length);
    backend.write(source, data);
    const common = { rank: 1, offset_from: 0, offset_to: 0, n: data.length };
    const strides = { stride_from: words([1], 0), stride_to: words([1], 0) };
    const shape = words([data.length], 1);
    backend.run(copy, { source, target_ }, { ...common, ...strides, shape });
    for (const buffer of [source, target_]) {
      expect(new Uint32Array((await backend.read(buffer)).buffer)).toEqual(
        new Uint32Array(data.buffer),
      );
    }
  });

  test('are read in part', async () => {
    const x = upload([1, 2, 3, 4, 5]);
    expect(await backend.read(x, 2)).toEqual(Float32Array.of(1, 2));
    expect(await backend.read(x, 0)).toEqual(new Float32Array(0));
    expect(await download(x)).toEqual([1, 2, 3, 4, 5]);
  });

  test('may be empty', async () => {
    const [x, y] = [upload([]), upload([])];
    add(x, y);
    expect(await download(y)).toEqual([]);
    const { buffer } = device.allocate('i32', 0);
    expect(await backend.read(buffer)).toEqual(new Int32Array(0));
  });

  test('that are too large are refused, with sizes', async () => {
    const { maxBufferBytes } = backend;
    const length = maxBufferBytes / 4 + 1;
    const refused = (): unknown => device.allocate('f32', length);
    expect(refused).toThrow(OutOfMemoryError);
    expect(refused).toThrow(`${length} x f32 needs ${4 * length} bytes`);
    expect(refused).toThrow(`${maxBufferBytes} in one buffer`);
    expect(() => backend.alloc('f32', length)).toThrow(OutOfMemoryError);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0, pooledBytes: 0 });
    await device.finish();
  });

  test('hold no f64', () => {
    expect(() => device.allocate('f64', 1)).toThrow(DTypeError);
  });
});

describe('what the GPU refuses', () => {
  const torn = { ...fill, launch: () => [{ workgroups: [65_536, 1, 1] }] } as typeof fill & Kernel;
  let spoiled: Device;
  let x: DeviceBuffer;

  beforeEach(async () => {
    spoiled = await openDevice('webgpu');
    x = upload([1], spoiled.backend);
    spoiled.backend.run(torn, { out: x }, { n: 1, value: 1 });
  });

  afterEach(() => spoiled.dispose());

  test('is thrown by finish and by every call from then on: nothing since can be trusted', async () => {
    await expect(spoiled.finish()).rejects.toThrow(DeviceError);
    await expect(spoiled.finish()).rejects.toThrow(DeviceError);
    expect(() => upload([1], spoiled.backend)).toThrow(DeviceError);
  });

  test('is thrown by read, also when a finish that nobody awaits heard of it first', async () => {
    const unheard = spoiled.finish();
    unheard.catch(() => {});
    await expect(spoiled.backend.read(x)).rejects.toThrow(DeviceError);
    await expect(unheard).rejects.toThrow(DeviceError);
  });
});

describe('the end of a device', () => {
  let doomed: Device;
  let x: DeviceBuffer;

  beforeEach(async () => {
    doomed = await openDevice('webgpu');
    x = upload([1, 2], doomed.backend);
    const y = upload([1, 1], doomed.backend);
    add(x, y, 1, doomed.backend);
  });

  test('rejects what waits', async () => {
    const waiting = Promise.allSettled([doomed.backend.read(x), doomed.finish()]);
    doomed.dispose();
    for (const result of await waiting) {
      expect(result).toMatchObject({ status: 'rejected' });
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(DeviceLostError);
    }
  });

  test('refuses what comes after', async () => {
    const { backend: gone } = doomed;
    doomed.dispose();
    expect(() => gone.alloc('f32', 1)).toThrow(DeviceLostError);
    expect(() => gone.write(x, new Float32Array(2))).toThrow(DeviceLostError);
    expect(() => gone.run(fill, { out: x }, { n: 2, value: 0 })).toThrow(DeviceLostError);
    await expect(gone.read(x)).rejects.toThrow(/destroyed.*open another/);
    await expect(gone.finish()).rejects.toThrow(DeviceLostError);
    gone.free(x);
    expect(gone.pooledBytes()).toBe(0);
  });

  test('settles `lost`, may be repeated, and leaves other devices alone', async () => {
    doomed.dispose();
    doomed.dispose();
    expect(await doomed.lost).toContain('destroyed');
    const y = upload([5]);
    add(upload([1]), y);
    expect(await download(y)).toEqual([6]);
  });
});

test('two devices work at once', async () => {
  using other = await openDevice('webgpu');
  const here = upload([1]);
  const there = upload([10], other.backend);
  for (let i = 0; i < 3; i++) {
    add(upload([1]), here);
    add(upload([10], other.backend), there, 1, other.backend);
  }
  expect(await Promise.all([download(here), download(there, other.backend)])).toEqual([[4], [40]]);
  await other.finish();
});

describe('openDevice', () => {
  test('webgpu names its adapter', async () => {
    expect(device.kind).toBe('webgpu');
    expect(device.reason).toBe('asked for');
    const { implementation, adapters } = await listAdapters();
    expect(implementation).toMatch(/^(Dawn|wgpu|WebKit) \(\w+ \d[\d.]+\)$/);
    expect(adapters.map(({ name }) => name)).toContain(device.description);
    expect(device.description.length).toBeGreaterThan(3);
  });

  test('auto takes a hardware adapter, else the CPU, and says why', async () => {
    const { adapters } = await listAdapters();
    using chosen = await openDevice('auto');
    if (adapters[0].software) {
      expect(chosen.kind).toBe('cpu');
      expect(chosen.reason).toContain(adapters[0].name);
      expect(chosen.reason).toContain('software');
    } else {
      expect([chosen.kind, chosen.reason]).toEqual(['webgpu', 'it is a hardware adapter']);
    }
  });
});
