import { DataError } from '../errors';

/**
 * Refuses labels that a loss would refuse late, or learn nothing from.
 *
 * @param labels [n] Class ids.
 * @param classes ids run from 0 to `classes - 1`.
 * @param ignore a label that does not count, as -100; none when left out.
 * @throws DataError naming the row of a label out of range; when there are no labels, or all are the same.
 */
export function checkLabels(labels: ArrayLike<number>, classes: number, ignore?: number): void {
  const seen = new Set<number>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label === ignore) continue;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new DataError(
        `row ${i} has the label ${label}; with ${classes} classes they run from 0 to ${classes - 1}`,
      );
    }
    seen.add(label);
  }
  if (seen.size === 0) throw new DataError('there are no labels; give two classes at least');
  if (seen.size > 1) return;
  throw new DataError(`all labels are ${[...seen][0]}; two classes are needed to learn`);
}
