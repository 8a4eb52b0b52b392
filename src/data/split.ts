import { requireCount, requireSome } from './check';
import { permutation } from './epochs';
import { ArgumentError, DataError } from '../errors';
import { Random } from '../random';

/** Apart from the order of batches with the same seed. */
const STREAM = 0x73706c74;

/**
 * Divides examples by chance, as into training, validation and test. Parts keep the order of the examples.
 *
 * @param fractions the share of each part, above 0; their sum is 1.
 * @param seed its low 32 bits count.
 * @throws DataError when a part would be empty.
 * @throws ArgumentError for fractions that do not add up to 1.
 *
 * @example
 * ```ts
 * import { splitExamples } from 'lethe/data';
 *
 * const examples = Array.from({ length: 100 }, (_, i) => i);
 * const [train, valid, test] = splitExamples(examples, [0.8, 0.1, 0.1], 1);
 * console.log(train.length, valid.length, test.length); // 80 10 10
 * ```
 */
export function splitExamples<E>(
  examples: readonly E[],
  fractions: readonly number[],
  seed: number,
): E[][] {
  const owner = 'splitExamples';
  requireSome(owner, 'examples', examples);
  requireSome(owner, 'fractions', fractions);
  requireCount(owner, 'seed', seed, 0);
  const total = fractions.reduce((sum, fraction) => sum + fraction, 0);
  if (!(Math.abs(total - 1) < 1e-9) || !fractions.every((fraction) => fraction > 0)) {
    throw new ArgumentError(
      `${owner}: fractions = [${fractions.join(', ')}]; numbers above 0 that add up to 1 are needed`,
    );
  }
  const ends = [0];
  for (const fraction of fractions) ends.push(ends[ends.length - 1] + fraction);
  const cuts = ends.map((end) => Math.round(end * examples.length));
  const order = permutation(examples.length, new Random(seed, STREAM));
  return fractions.map((fraction, i) => {
    const part = order.slice(cuts[i], cuts[i + 1]).sort();
    if (part.length > 0) return Array.from(part, (n) => examples[n]);
    throw new DataError(
      `${owner}: of ${examples.length} examples the fraction ${fraction} is none; give more examples`,
    );
  });
}

/** One way of a cross-validation to divide the examples. */
export interface Fold<E> {
  /** The examples to learn from. */
  readonly train: E[];
  /** The examples to measure by. */
  readonly test: E[];
}

/**
 * k-fold cross-validation: every example is in the test part of one fold, and in the training part of the
 * others. Parts keep the order of the examples.
 *
 * @param folds from 2 to the number of examples.
 * @param seed its low 32 bits count.
 * @throws DataError when there are fewer examples than folds.
 */
export function kFold<E>(examples: readonly E[], folds: number, seed: number): Fold<E>[] {
  requireSome('kFold', 'examples', examples);
  requireCount('kFold', 'folds', folds, 2);
  requireCount('kFold', 'seed', seed, 0);
  if (examples.length < folds) {
    throw new DataError(`kFold: ${examples.length} examples for ${folds} folds; use fewer folds`);
  }
  const places = permutation(examples.length, new Random(seed, STREAM));
  return Array.from({ length: folds }, (_, fold) => ({
    train: examples.filter((_, i) => places[i] % folds !== fold),
    test: examples.filter((_, i) => places[i] % folds === fold),
  }));
}
