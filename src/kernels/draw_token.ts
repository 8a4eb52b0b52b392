import { defineKernel, grid, include, read, wgsl } from '../backend/kernel';
import { drawReference } from './draw_reference';

/** What shaders draw with. */
export const DRAW_SOURCE = include('lib/draw', 'lib/philox', 'lib/row', 'lib/index');

/**
 * Draws an id for each row of logits, [rows, n], from softmax(logits / temperature). `settings` holds
 * temperature (0: the likeliest), top k (0: all; Fan et al., 2018) and top p (1: all; the fewest ids
 * that hold p of the probability, Holtzman et al., 2020). Of equal logits the first comes first.
 *
 * A row of `cursor` is [key, key, position, 0]: the random number is Philox's at the position. The id goes
 * to id[row] and to drawn[row, position % capacity], and the position goes on.
 */
export const drawToken = defineKernel({
  name: 'draw_token',
  source: wgsl(include('draw_token'), DRAW_SOURCE),
  bindings: {
    logits: read,
    settings: read,
    cursor: { access: 'inout', element: 'u32' },
    id: { access: 'inout', element: 'i32' },
    drawn: { access: 'inout', element: 'i32' },
  },
  params: { rows: 'u32', n: 'u32', capacity: 'u32' },
  cpu({ logits, settings, cursor, id, drawn }, { rows, n, capacity }) {
    for (let r = 0; r < rows; r++) {
      const own = cursor.subarray(4 * r, 4 * r + 4);
      const place = r * capacity + (own[2] % capacity);
      id[r] = drawn[place] = drawReference(logits.subarray(r * n, (r + 1) * n), settings, own);
    }
  },
  scratch: ({ rows, n }) => 2 * rows * n,
  launch: ({ rows }) => grid(rows),
});
