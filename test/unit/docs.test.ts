import { expect, test } from 'vitest';

import { MGU, MGUCell } from '../../docs/examples/mgu_cell';
import { gradcheck, openDevice, Random, tensor } from '../../src/index';

test('the cell of docs/adding-a-cell.md works as it stands', async () => {
  const device = await openDevice('cpu');
  const random = new Random(3);
  const input = (...shape: number[]) => {
    const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
    return tensor(device, values, shape, { dtype: 'f64', requiresGrad: true });
  };
  const cell = new MGUCell(device, 3, 4, { dtype: 'f64' });
  const x = input(2, 3);
  const h = input(2, 4);
  await gradcheck(() => cell.step(cell.project(x), [h]), [x, h, ...cell.parameters()]);

  const layers = new MGU(device, 3, 4, { dtype: 'f64', numLayers: 2 });
  expect([...layers.stateDict().keys()]).toContain('weight_hh_l1');
  const { output, state } = layers.run(input(5, 2, 3));
  expect(output.shape).toEqual([5, 2, 4]);
  expect(state.map((part) => part.shape)).toEqual([[2, 2, 4]]);
});
