/**
 * Multinomial naive Bayes over features that are counted, words or n-grams: the baseline of the
 * classification tasks. A feature that training did not see counts nothing.
 *
 * Source: Manning, Raghavan and Schuetze, Introduction to Information Retrieval (2008), chapter 13.
 */
export class NaiveBayes {
  readonly classes: number;
  /** Log-probability of each class before anything is read. */
  readonly #prior: Float64Array;
  /** Feature to log-probability under each class. */
  readonly #likelihood = new Map<string, Float64Array>();

  /**
   * @param rows features of each example, repeated as often as they occur.
   * @param labels class of each example, from 0 to `classes` - 1.
   * @param smoothing added to every count.
   */
  constructor(
    rows: readonly (readonly string[])[],
    labels: readonly number[],
    classes: number,
    smoothing = 1,
  ) {
    this.classes = classes;
    const examples = new Float64Array(classes);
    const total = new Float64Array(classes);
    for (const [i, features] of rows.entries()) {
      const label = labels[i];
      examples[label]++;
      total[label] += features.length;
      for (const feature of features) {
        let counts = this.#likelihood.get(feature);
        if (!counts) this.#likelihood.set(feature, (counts = new Float64Array(classes)));
        counts[label]++;
      }
    }
    const distinct = this.#likelihood.size;
    for (const counts of this.#likelihood.values()) {
      for (let c = 0; c < classes; c++) {
        counts[c] = Math.log((counts[c] + smoothing) / (total[c] + smoothing * distinct));
      }
    }
    this.#prior = examples.map((count) => Math.log(count / rows.length));
  }

  /** The most probable class, the first of equals. */
  predict(features: readonly string[]): number {
    const scores = this.scores(features);
    return scores.indexOf(Math.max(...scores));
  }

  /** Of each class the log-probability of the class and these features together. */
  scores(features: readonly string[]): Float64Array {
    const scores = this.#prior.slice();
    for (const feature of features) {
      const likelihood = this.#likelihood.get(feature);
      if (likelihood) for (let c = 0; c < this.classes; c++) scores[c] += likelihood[c];
    }
    return scores;
  }
}

/** Runs of 1 to `most` tokens, joined by spaces: `['not', 'good', 'not good']`. */
export function tokenNgrams(tokens: readonly string[], most: number): string[] {
  return ngrams(tokens, most, ' ');
}

/** Runs of 1 to `most` characters of a word, whose ends are marked by `^` and `$`. */
export function characterNgrams(word: string, most: number): string[] {
  return ngrams(['^', ...word, '$'], most, '');
}

function ngrams(units: readonly string[], most: number, separator: string): string[] {
  const runs: string[] = [];
  for (let n = 1; n <= most; n++) {
    for (let i = 0; i + n <= units.length; i++) runs.push(units.slice(i, i + n).join(separator));
  }
  return runs;
}

/** The class with the most examples, the first of equals. */
export function majority(labels: readonly number[], classes: number): number {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return counts.indexOf(Math.max(...counts));
}
