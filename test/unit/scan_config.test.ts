/** What the autotuner is told of a scan. */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import { CELLS } from '../setup/cells';

test.each([
  ['forward', 5],
  ['backward', 6],
] as const)('a ragged batch is tuned as an even one of its mean size, %s', (direction, end) => {
  const kernel = scanKernels(CELLS.gru)[direction];
  const of = (given: Parameters<typeof scanParams>[0]) =>
    kernel.candidates!(scanParams({ ...given, end }), LEAST_LIMITS);
  const even = of({ time: 5, batch: 4, hidden: 16 });
  // A trial's buffers hold anything: no table tells it where rows begin.
  const ragged = of({ time: 5, batch: 9, rows: 24, ragged: 1, hidden: 16 });
  expect(ragged.sizeClass).toBe(even.sizeClass);
  expect(ragged.trial).toEqual(even.trial);
  expect(even.trial).toMatchObject({ ragged: 0, batch: 4, rows: 20, end });
});
