/** Rung 2 for the step of a layer: of cells of every kind, on WebGPU against its CPU reference. */
import { test } from 'vitest';

import { layerStep } from '../../src/kernels/layer_step';
import { CELLS } from '../setup/cells';
import { CURVED, numbers, row } from './kernels/harness';

const SIZES = [
  { rows: 0, hidden: 4 },
  { rows: 1, hidden: 4 },
  { rows: 3, hidden: 20 },
  { rows: 1, hidden: 64 },
  { rows: 2, hidden: 268 },
];
const CASES = SIZES.flatMap((sizes) => [0, 1].map((by_id) => ({ by_id, ...sizes })));
const IDS = [4, 0, 2];

test.each(Object.entries(CELLS))('%s', async (_, cell) => {
  const [G, S, V] = [cell.gates.length, cell.state.length, cell.vectors.length];
  await row(layerStep(cell), CURVED, CASES, ({ rows, hidden: H, by_id }) => {
    const matrix = (high: number) =>
      numbers(G * H * H, -1, high).map((value) => value / Math.sqrt(H));
    return {
      weight_hh: matrix(1),
      weight_ih: matrix(0.9),
      input: by_id ? 5 * G * H : rows * H,
      id: Int32Array.from({ length: rows }, (_, i) => IDS[i]),
      vectors: ((cell.biased ? 2 * G : G) + V) * H,
      h: rows * H,
      next: rows * H,
      rest: Math.max(S - 1, 1) * rows * H,
    };
  }).run();
});
