/** `device.threads` tells how many threads share the work by now. */
import { expect, test } from 'vitest';

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
