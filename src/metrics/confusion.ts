import { ACCURACY_OPTIONS } from './accuracy';
import type { AccuracyOptions, Label } from './accuracy';
import { requirePairs } from './check';
import { ArgumentError, DataError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';

/** What `confusionMatrix`, `classScores` and `macroF1` take. */
export interface ConfusionOptions extends AccuracyOptions {
  /** The classes in the order of rows and columns; those that occur, sorted, when left out. */
  classes?: readonly Label[];
}

const CONFUSION_OPTIONS: OptionNames<ConfusionOptions> = { ...ACCURACY_OPTIONS, classes: true };

/** A confusion matrix: how often each class was predicted as each. */
export interface ConfusionMatrix {
  /** The classes, in the order of rows and columns. */
  readonly classes: readonly Label[];
  /** [target][predicted]. */
  readonly counts: readonly (readonly number[])[];
}

/** How well one class was found. */
export interface ClassScore {
  /** The class. */
  readonly label: Label;
  /** The share of right ones among what was predicted as this class; 0 where nothing was. */
  readonly precision: number;
  /** The share of the class that was found; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of precision and recall; 0 where both are. */
  readonly f1: number;
  /** Targets of this class. */
  readonly support: number;
}

/**
 * The confusion matrix of a classifier: how often each class (row) was predicted as each class (column).
 *
 * @param predicted [n] Classes.
 * @param targets [n] Classes.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when no target counts; for a class that is not in `classes`, with its row.
 *
 * @example
 * ```ts
 * import { confusionMatrix, formatConfusion, macroF1 } from 'lethe/metrics';
 *
 * const targets = ['cat', 'cat', 'dog', 'dog'];
 * const predicted = ['cat', 'dog', 'dog', 'dog'];
 * console.log(confusionMatrix(predicted, targets).counts); // [ [ 1, 1 ], [ 0, 2 ] ]
 * console.log(macroF1(predicted, targets).toFixed(2)); // 0.73
 * console.log(formatConfusion(confusionMatrix(predicted, targets)));
 * ```
 */
export function confusionMatrix(
  predicted: ArrayLike<Label>,
  targets: ArrayLike<Label>,
  options: ConfusionOptions = {},
): ConfusionMatrix {
  checkOptions('confusionMatrix', options, CONFUSION_OPTIONS);
  requirePairs('confusionMatrix', ['predicted', 'targets'], predicted, targets);
  const rows = Array.from(targets, (_, i) => i).filter((i) => targets[i] !== options.ignore);
  if (rows.length === 0) {
    throw new DataError(`confusionMatrix: all targets are ${options.ignore}, to ignore`);
  }
  const classes = options.classes ?? sortedClasses(rows.flatMap((i) => [predicted[i], targets[i]]));
  const places = new Map(classes.map((label, place) => [label, place]));
  if (places.size < classes.length) {
    throw new ArgumentError('confusionMatrix: classes names one twice');
  }
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const i of rows) {
    const [target, given] = [targets[i], predicted[i]].map((label) => {
      const place = places.get(label);
      if (place !== undefined) return place;
      throw new DataError(`confusionMatrix: row ${i} has ${describeValue(label)}, none of classes`);
    });
    counts[target][given]++;
  }
  return { classes, counts };
}

/** The matrix as plain text: a row for each target, a column for each prediction, and the recall at the end. */
export function formatConfusion(matrix: ConfusionMatrix): string {
  const recall = scoresOf(matrix).map((score) => `${(100 * score.recall).toFixed(1)} %`);
  const rows = [
    ['', ...matrix.classes.map(String), 'recall'],
    ...matrix.classes.map((label, i) => [
      String(label),
      ...matrix.counts[i].map((count) => (count === 0 ? '.' : String(count))),
      recall[i],
    ]),
  ];
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => [...row[column]].length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column] - [...cell].length);
        return column === 0 ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/**
 * Precision, recall and F1 of each class.
 *
 * @param predicted [n] Classes.
 * @param targets [n] Classes.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when no target counts; for a class that is not in `classes`, with its row.
 */
export function classScores(
  predicted: ArrayLike<Label>,
  targets: ArrayLike<Label>,
  options: ConfusionOptions = {},
): ClassScore[] {
  checkOptions('classScores', options, CONFUSION_OPTIONS);
  return scoresOf(confusionMatrix(predicted, targets, options));
}

/**
 * The mean of the F1 of all classes, each counting the same: of those that occur among targets or
 * predictions, as scikit-learn has it, or of `classes`.
 *
 * @param predicted [n] Classes.
 * @param targets [n] Classes.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when no target counts; for a class that is not in `classes`, with its row.
 */
export function macroF1(
  predicted: ArrayLike<Label>,
  targets: ArrayLike<Label>,
  options: ConfusionOptions = {},
): number {
  checkOptions('macroF1', options, CONFUSION_OPTIONS);
  const scores = classScores(predicted, targets, options);
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length;
}

/** `f1 = 2 right / (found + wanted)`, which is the harmonic mean of precision and recall. */
export function scoreCounts(
  right: number,
  found: number,
  wanted: number,
): { precision: number; recall: number; f1: number } {
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    precision: share(right, found),
    recall: share(right, wanted),
    f1: share(2 * right, found + wanted),
  };
}

function scoresOf({ classes, counts }: ConfusionMatrix): ClassScore[] {
  return classes.map((label, i) => {
    const support = counts[i].reduce((sum, count) => sum + count, 0);
    const found = counts.reduce((sum, row) => sum + row[i], 0);
    return { label, ...scoreCounts(counts[i][i], found, support), support };
  });
}

/** Numbers by size, then names by their code units. */
function sortedClasses(labels: readonly Label[]): Label[] {
  const numbers = labels.filter((label) => typeof label === 'number');
  const names = labels.filter((label) => typeof label === 'string');
  return [...[...new Set(numbers)].sort((a, b) => a - b), ...[...new Set(names)].sort()];
}
