import type { NumberArray } from '../backend/dtype';
import { philox, toUniform } from '../random';

/** Below this a weight counts as none, so that no GPU meets a denormal. */
const MIN_WEIGHT = 2e-35;

/**
 * The index drawn from softmax(logits / temperature), as `drawToken` does. `settings` holds
 * temperature, top k and top p.
 *
 * @param cursor [key, key, position, 0]; the position goes on.
 */
export function drawReference(
  logits: NumberArray,
  settings: NumberArray,
  cursor: NumberArray,
): number {
  const [temperature, topK, topP] = settings;
  let top = -Infinity;
  for (const value of logits) top = Math.max(top, value);
  const weights = Array.from(logits, (value) => {
    const weight = Math.exp(Math.max((value - top) / Math.max(temperature, 1e-30), -80));
    return temperature === 0 || weight < MIN_WEIGHT ? Number(value === top) : weight;
  });
  const stays = keptOf(weights, topK, topP);
  const block = new Uint32Array(4);
  philox([cursor[2], cursor[3], 0, 0], [cursor[0], cursor[1]], block);
  cursor[2]++;
  let rest =
    toUniform(block[0]) * weights.reduce((sum, weight, i) => sum + (stays[i] ? weight : 0), 0);
  let chosen = 0;
  for (const [i, weight] of weights.entries()) {
    if (!stays[i] || weight === 0) continue;
    chosen = i;
    rest -= weight;
    if (rest < 0) break;
  }
  return chosen;
}

/** Of each weight, whether it is among the top k, and among the fewest that hold top p. */
export function keptOf(weights: readonly number[], topK: number, topP: number): boolean[] {
  const kept = new Array<boolean>(weights.length).fill(true);
  if (topK === 0 && topP >= 1) return kept;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
  let mass = 0;
  for (const [rank, i] of order.entries()) {
    kept[i] = (topK === 0 || rank < topK) && (rank === 0 || topP >= 1 || mass < topP * total);
    mass += weights[i];
  }
  return kept;
}
