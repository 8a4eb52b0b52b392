/** What is kept of freed memory. */
import { expect, test } from 'vitest';

import { Pool } from '../../src/backend/pool';

const MB = 2 ** 20;

/** Frees as much as was taken: items of 1 MB, each of a kind of its own. */
function use(pool: Pool<string>, megabytes: number): void {
  const names = Array.from({ length: megabytes }, (_, i) => String(i));
  for (const name of names) pool.take(name, MB);
  for (const name of names) pool.put(name, MB, name);
}

test('as much is kept as was in use at once', () => {
  const pool = new Pool<string>();
  use(pool, 300);
  expect(pool.evict()).toEqual([]);
  expect(pool.bytes).toBe(300 * MB);
  expect(pool.take('7', MB)).toBe('7');
});

test('once that is settled, no more than a little beside what is in use, the longest unused gone', () => {
  const pool = new Pool<string>();
  use(pool, 300);
  pool.take('299', MB);
  pool.settle();
  const gone = pool.evict();
  expect(gone[0]).toBe('0');
  expect(pool.bytes).toBe(65 * MB);
  expect(gone).toHaveLength(234);
});
