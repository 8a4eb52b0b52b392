/** The CPU's memory: the heap, who holds what of it, and what is done where there is none. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { CpuBackend } from '../../src/backend/cpu/cpu_backend';
import { findEngine, loadEngine } from '../../src/backend/cpu/load_engine';
import { FreeList } from '../../src/backend/cpu/free_list';
import { Heap, Lease } from '../../src/backend/cpu/heap';
import { ArgumentError, matmul, openDevice, tensor } from '../../src/index';
import { LIMIT_MS } from '../setup/limit.mjs';

await loadEngine();

test('a free list hands out no byte twice, and joins what comes back', () => {
  const commands = fc.array(
    fc.record({ take: fc.boolean(), bytes: fc.integer({ min: 1, max: 40 }), pick: fc.nat() }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(commands, (list) => {
      const free = new FreeList();
      const size = 300;
      free.give(0, size);
      const taken: [start: number, bytes: number][] = [];
      for (const { take, bytes, pick } of list) {
        if (take) {
          const start = free.take(bytes);
          const largest = Math.max(0, ...free.stretches.map(([from, to]) => to - from));
          if (start === undefined) expect(largest).toBeLessThan(bytes);
          else taken.push([start, bytes]);
        } else if (taken.length > 0) {
          const [[start, bytes]] = taken.splice(pick % taken.length, 1);
          free.give(start, bytes);
        }
        // Used and unused stretches tile the whole, and no two unused ones touch.
        const parts = [
          ...taken.map(([start, bytes]) => [start, start + bytes, 'used'] as const),
          ...free.stretches.map(([start, end]) => [start, end, 'free'] as const),
        ].sort(([a], [b]) => a - b);
        let at = 0;
        let before = 'used';
        for (const [start, end, kind] of parts) {
          expect(start).toBe(at);
          expect([before, kind]).not.toEqual(['free', 'free']);
          [at, before] = [end, kind];
        }
        expect(at).toBe(size);
      }
      for (const [start, bytes] of taken) free.give(start, bytes);
      expect(free.stretches).toEqual([[0, size]]);
    }),
  );
});

test('a heap grows to its maximum and no further; views last while it grows', () => {
  const heap = new Heap(65_536, [-1, 128]);
  const first = heap.take(100)!;
  const view = heap.view('f32', first, 25).fill(3);
  expect(first % 64).toBe(0);
  expect(heap.take(6 * 2 ** 20)).toBeDefined();
  expect([...view]).toEqual(new Array(25).fill(3));
  expect(heap.view('f32', first, 1)[0]).toBe(3);
  expect(heap.take(2 * 2 ** 20)).toBeUndefined();
  expect(heap.take(2 ** 20)).toBeDefined();
  expect(heap.bytes).toBeLessThanOrEqual(128 * 65_536);
  expect(() => new Heap(65_536, [-1])).toThrow();
});

test('a lease gives back what it holds, once', () => {
  const heap = new Heap(0, [128]);
  const [one, two] = [new Lease(heap), new Lease(heap)];
  const array = one.array('f64', 10)!;
  const empty = one.array('i32', 0)!;
  const other = two.array('f32', 4)!.fill(5);
  expect([array.length, empty.length]).toEqual([10, 0]);
  one.free(array);
  one.close();
  one.close();
  const all = heap.idleBytes;
  expect(all).toBe(heap.bytes - 64);
  expect([...other]).toEqual([5, 5, 5, 5]);
  two.close();
  expect(heap.idleBytes).toBe(heap.bytes);
});

test('a disposed device gives its memory back, also of tensors still alive', async () => {
  const { heap } = findEngine()!;
  const make = async (): Promise<number> => {
    const device = await openDevice('cpu', { threads: 1 });
    for (let i = 0; i < 10; i++) tensor(device, new Float32Array(2 ** 20)).dispose();
    tensor(device, new Float32Array(2 ** 21));
    device.dispose();
    return heap.bytes - heap.idleBytes;
  };
  const used = await make();
  const { bytes } = heap;
  for (let i = 0; i < 20; i++) expect(await make()).toBe(used);
  expect(heap.bytes).toBe(bytes);
});

test('past the heap, arrays are plain, and kernels run on them', async () => {
  const backend = new CpuBackend({ threads: 1 });
  const take = vi.spyOn(Heap.prototype, 'take').mockReturnValue(undefined);
  const buffer = backend.alloc('f32', 3);
  expect(buffer.onHeap).toBe(false);
  const device = await openDevice('cpu');
  const x = tensor(device, [1, 2, 3, 4], [2, 2]);
  expect([...(await matmul(x, x).data())]).toEqual([7, 10, 15, 22]);
  take.mockRestore();
  // One operand here, one there.
  const y = tensor(device, [1, 0, 0, 1], [2, 2]);
  expect([...(await matmul(x, y).data())]).toEqual([1, 2, 3, 4]);
  backend.free(buffer);
  backend.destroy();
  device.dispose();
});

test.each([0, -1, 1.5, NaN])('threads = %d is refused', async (threads) => {
  await expect(openDevice('cpu', { threads })).rejects.toThrow(ArgumentError);
});

test('a process ends while its workers wait', () => {
  const script = `
    import { createServer } from 'vite';
    const server = await createServer({ configFile: false, appType: 'custom', logLevel: 'error',
      optimizeDeps: { noDiscovery: true }, server: { middlewareMode: true, hmr: false, ws: false, watch: null } });
    const { nodePlatform } = await server.ssrLoadModule('/src/backend/node_platform.ts');
    (await server.ssrLoadModule('/src/backend/platform.ts')).usePlatform(nodePlatform);
    const { findEngine, loadEngine } = await server.ssrLoadModule('/src/backend/cpu/load_engine.ts');
    await loadEngine();
    const { threadPool } = findEngine();
    threadPool.grow(3);
    while (threadPool.size < 3) await new Promise((done) => setTimeout(done, 5));
    await server.close();
    console.log('ready');`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  expect([stdout.trim(), status]).toEqual(['ready', 0]);
});
