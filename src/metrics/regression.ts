import { requirePairs } from './check';
import { ArgumentError, DataError } from '../errors';

/**
 * The root of the mean squared error, in the unit of the targets.
 *
 * @param predicted [n]
 * @param targets [n]
 * @throws ShapeError when the lists differ in length.
 * @throws DataError naming the first row that is no finite number.
 */
export function rmse(predicted: ArrayLike<number>, targets: ArrayLike<number>): number {
  return Math.sqrt(meanError('rmse', predicted, targets, (error) => error ** 2));
}

/**
 * The mean of the errors' absolute values, in the unit of the targets.
 *
 * @param predicted [n]
 * @param targets [n]
 * @throws ShapeError when the lists differ in length.
 * @throws DataError naming the first row that is no finite number.
 */
export function meanAbsoluteError(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
): number {
  return meanError('meanAbsoluteError', predicted, targets, Math.abs);
}

/**
 * The mean squared error over a variance (Weigend, Huberman and Rumelhart, 1990): 1 is what the mean of the
 * targets reaches as a forecast.
 *
 * @param predicted [n]
 * @param targets [n]
 * @param variance that of the whole series, as in the literature (1535 for the sunspots); that of the targets,
 *   divided by n, when left out.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError naming the first row that is no finite number; when all targets are the same.
 * @throws ArgumentError for a variance that is no positive number.
 */
export function averageRelativeVariance(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
  variance?: number,
): number {
  const owner = 'averageRelativeVariance';
  const error = meanError(owner, predicted, targets, (e) => e ** 2);
  if (variance !== undefined && !(variance > 0 && variance < Infinity)) {
    throw new ArgumentError(`${owner}: variance = ${variance}; a positive number is needed`);
  }
  const divisor = variance ?? populationVariance(Array.from(targets));
  if (divisor > 0) return error / divisor;
  throw new DataError(
    `${owner}: all targets are ${targets[0]}, so that there is no variance; give one`,
  );
}

function populationVariance(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
}

function meanError(
  owner: string,
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
  of: (error: number) => number,
): number {
  requirePairs(owner, ['predicted', 'targets'], predicted, targets);
  let sum = 0;
  for (let i = 0; i < targets.length; i++) {
    const error = predicted[i] - targets[i];
    if (!Number.isFinite(error)) {
      throw new DataError(
        `${owner}: row ${i} has prediction ${predicted[i]} and target ${targets[i]}; finite numbers are needed`,
      );
    }
    sum += of(error);
  }
  return sum / targets.length;
}
