import source from '../../shaders/draw_token.wgsl?raw';
import philoxSource from '../../shaders/lib/philox.wgsl?raw';
import row from '../../shaders/lib/row.wgsl?raw';
import { defineKernel, read, wgsl } from '../backend/kernel';
import { philox, toUniform } from '../random';

/** Below this a weight counts as none, so that no GPU meets a denormal. */
const MIN_WEIGHT = 2e-35;

/**
 * Draws an id from softmax(logits / temperature); the n logits begin at `offset`. `settings` holds
 * temperature (0: the likeliest), top k (0: all; Fan et al., 2018) and top p (1: all; the fewest ids
 * that hold p of the probability, Holtzman et al., 2020). Of equal logits the first comes first.
 *
 * `cursor` is [key, key, position, 0]: the random number is Philox's at the position. The id goes to
 * `id` and to drawn[position % capacity], and the position goes on.
 */
export const drawToken = defineKernel({
  name: 'draw_token',
  source: wgsl(source, philoxSource, row),
  bindings: {
    logits: read,
    settings: read,
    cursor: { access: 'inout', element: 'u32' },
    id: { access: 'inout', element: 'i32' },
    drawn: { access: 'inout', element: 'i32' },
  },
  params: { n: 'u32', offset: 'u32', capacity: 'u32' },
  cpu({ logits, settings, cursor, id, drawn }, { n, offset, capacity }) {
    const [temperature, topK, topP] = settings;
    const values = logits.subarray(offset, offset + n);
    let top = -Infinity;
    for (const value of values) top = Math.max(top, value);
    const weights = Array.from(values, (value) => {
      const weight = Math.exp(Math.max((value - top) / Math.max(temperature, 1e-30), -80));
      return temperature === 0 || weight < MIN_WEIGHT ? Number(value === top) : weight;
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);

    const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
    const stays = new Array<boolean>(n).fill(false);
    let mass = 0;
    for (const [rank, i] of order.entries()) {
      stays[i] = (topK === 0 || rank < topK) && (rank === 0 || mass < topP * total);
      if (topP < 1) mass += weights[i];
      else mass = 0;
    }

    const block = new Uint32Array(4);
    philox([cursor[2], cursor[3], 0, 0], [cursor[0], cursor[1]], block);
    let rest =
      toUniform(block[0]) * weights.reduce((sum, weight, i) => sum + (stays[i] ? weight : 0), 0);
    let chosen = 0;
    for (let i = 0; i < n; i++) {
      if (!stays[i] || weights[i] === 0) continue;
      chosen = i;
      rest -= weights[i];
      if (rest < 0) break;
    }
    id[0] = chosen;
    drawn[cursor[2] % capacity] = chosen;
    cursor[2]++;
  },
  scratch: ({ n }) => 2 * n,
  launch: () => [{ workgroups: [1, 1, 1] }],
});
