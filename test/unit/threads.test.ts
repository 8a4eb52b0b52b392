/** Threads of the CPU device: how many share the work by now, and how one begins. */
import { runInThisContext } from 'node:vm';

import { expect, test, vi } from 'vitest';

import { Heap } from '../../src/backend/cpu/heap';
import { RESERVED } from '../../src/backend/cpu/layout';
import { ThreadPool } from '../../src/backend/cpu/thread_pool';
import { platform } from '../../src/backend/platform';
import { matmul, ones, openDevice, scope } from '../../src/index';

test('one before the first large kernel, then as many as were asked for', async () => {
  const [two, one, reference] = await Promise.all([
    openDevice('cpu', { threads: 2 }),
    openDevice('cpu', { threads: 1 }),
    openDevice('cpu', { threads: 2, reference: true }),
  ]);
  expect(two.threads).toBe(1);
  const x = ones(two, [256, 256]);
  scope(() => {
    matmul(x, x);
  });
  await expect.poll(() => two.threads).toBe(2);
  // They are of the process: another device has them at once.
  const later = await openDevice('cpu', { threads: 2 });
  expect(later.threads).toBe(2);
  later.dispose();
  expect([one.threads, reference.threads]).toEqual([1, 1]);
  for (const device of [two, one, reference]) device.dispose();
});

/** A module with nothing in it. */
const EMPTY = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

test('a worker brings its memory up to date before it says that it is ready', () => {
  const { memory } = new Heap(RESERVED, [128]);
  const started = vi.spyOn(platform(), 'startWorker').mockReturnValue(true);
  new ThreadPool(EMPTY, memory, []).grow(2);
  const [[program, start]] = started.mock.calls;
  started.mockRestore();
  const grow = vi.spyOn(memory, 'grow');
  const ready = vi.spyOn(Atomics, 'store').mockImplementation(() => {
    throw new Error('ready');
  });
  const run = runInThisContext(program) as (data: unknown) => never;
  expect(() => run(start)).toThrow('ready');
  ready.mockRestore();
  expect(grow.mock.calls).toEqual([[0]]);
});
