/** Random programs on WebGPU; `npm run fuzz` runs as many as are wanted. */
import { expect, test } from 'vitest';

import { openDevice } from '../../src/index';
import { fuzzPrograms } from '../fuzz/main';
import { gpu } from '../setup/devices';

test('25 random programs compute on WebGPU, directly and replayed, what the CPU does in f64', async () => {
  const reference = await openDevice('cpu', { reference: true });
  const target = { name: 'WebGPU', device: gpu, dtype: 'f32' } as const;
  const { problems, calls } = await fuzzPrograms({ seed: 2, count: 25 }, reference, [target]);
  expect(problems).toEqual([]);
  expect(calls).toBeGreaterThan(80);
});
