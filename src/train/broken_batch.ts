import type { Batches } from '../data/batch';
import { NonFiniteError } from '../errors';
import { formatShape } from '../tensor/shape';
import type { Position } from './task';

/**
 * Looks for NaN in the batch of the first step whose loss is NaN. Costs nothing until there is one.
 *
 * @param losses of the last steps.
 * @param next where the step after them stands.
 * @throws NonFiniteError naming the step, the array and the place.
 */
export function checkBatches(batches: Batches, losses: readonly number[], next: Position): void {
  const broken = losses.findIndex(Number.isNaN);
  if (broken < 0) return;
  const back = losses.length - broken;
  const place = next.epoch * batches.perEpoch + next.index - back;
  const [epoch, index] = [Math.floor(place / batches.perEpoch), place % batches.perEpoch];
  for (const [name, { shape, data }] of Object.entries(batches.batch(epoch, index))) {
    const at = data.findIndex(Number.isNaN);
    if (at < 0) continue;
    throw new NonFiniteError(
      `the loss of step ${next.step - back} is NaN, and its batch (${index} of epoch ${epoch}) holds NaN in ` +
        `${name}${formatShape(placeOf(at, shape))}, of shape ${formatShape(shape)}`,
    );
  }
}

/** The indices of an element. */
function placeOf(at: number, shape: readonly number[]): number[] {
  let size = shape.reduce((product, n) => product * n, 1);
  return shape.map((n) => {
    size /= n;
    return Math.floor(at / size) % n;
  });
}
