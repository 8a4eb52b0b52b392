/** Broadcast operations and their gradients on the fast CPU, against the reference. */
import { expect, test } from 'vitest';

import { add, backward, div, gt, mul, openDevice, sub, sum } from '../../src/index';
import { normalTensors } from '../setup/nn_helpers';

test.each([
  ['a row and a column', [4, 1], [1, 5]],
  ['pairs', [2, 3, 1, 4], [2, 1, 5, 4]],
  ['a bias', [3, 2, 4], [4]],
  ['a number for each row', [3, 4], [3, 1]],
  ['one number', [6], [1]],
  ['one number first', [], [2, 3]],
  ['nothing', [0, 3], [3]],
])('%s', async (_, shapeA, shapeB) => {
  const results = await Promise.all(
    [false, true].map(async (reference) => {
      const device = await openDevice('cpu', { reference });
      const normal = normalTensors(device, 'f32');
      const values: number[][] = [];
      for (const operation of [add, sub, mul, div, gt]) {
        const [a, b, weight] = [normal(shapeA, true), normal(shapeB, true), normal(shapeB)];
        const out = operation(a, b);
        values.push([...(await out.data())]);
        if (!out.requiresGrad) continue;
        backward(sum(mul(out, weight)));
        values.push([...(await a.grad!.data())], [...(await b.grad!.data())]);
      }
      return values;
    }),
  );
  expect(results[0].length).toBe(13);
  results[0].forEach((values, i) => {
    values.forEach((value, k) => expect(value).toBeCloseTo(results[1][i][k], 4));
  });
});
