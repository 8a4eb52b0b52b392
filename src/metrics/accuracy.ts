import { requirePairs } from './check';
import { DataError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** A class, by id or by name. */
export type Label = number | string;

/** What `accuracy` takes. */
export interface AccuracyOptions {
  /** Targets that do not count, as -100 for padding; none when left out. */
  ignore?: Label;
}

export const ACCURACY_OPTIONS: OptionNames<AccuracyOptions> = { ignore: true };

/**
 * The share of predictions that equal their target, in [0, 1].
 *
 * @param predicted [n] Classes.
 * @param targets [n] Classes.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when no target counts.
 * @example
 * ```ts
 * import { accuracy } from 'lethe/metrics';
 *
 * console.log(accuracy([1, 2, 0, 1], [1, 2, 2, -100], { ignore: -100 }).toFixed(2)); // 0.67
 * ```
 */
export function accuracy(
  predicted: ArrayLike<Label>,
  targets: ArrayLike<Label>,
  options: AccuracyOptions = {},
): number {
  checkOptions('accuracy', options, ACCURACY_OPTIONS);
  requirePairs('accuracy', ['predicted', 'targets'], predicted, targets);
  let [right, counted] = [0, 0];
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] === options.ignore) continue;
    counted++;
    if (predicted[i] === targets[i]) right++;
  }
  if (counted === 0) throw new DataError(`accuracy: all targets are ${options.ignore}, to ignore`);
  return right / counted;
}
