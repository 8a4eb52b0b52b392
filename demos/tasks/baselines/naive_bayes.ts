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
  /** How often a feature was seen in examples of each class. */
  readonly #counts = new Map<string, Float64Array>();
  /** Features of all examples of each class. */
  readonly #total: Float64Array;
  readonly #smoothing: number;

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
    this.#smoothing = smoothing;
    this.#total = new Float64Array(classes);
    const examples = new Float64Array(classes);
    for (const [i, features] of rows.entries()) {
      const label = labels[i];
      examples[label]++;
      this.#total[label] += features.length;
      for (const feature of features) {
        let counts = this.#counts.get(feature);
        if (!counts) this.#counts.set(feature, (counts = new Float64Array(classes)));
        counts[label]++;
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
    const given = this.logLikelihood(features);
    return this.#prior.map((prior, c) => prior + given[c]);
  }

  /**
   * The log-probability of features under each class.
   *
   * @param own an example that was counted, as if it had not been.
   */
  logLikelihood(
    features: readonly string[],
    own?: { readonly features: readonly string[]; readonly label: number },
  ): Float64Array {
    const sums = new Float64Array(this.classes);
    const added = new Map<string, number>();
    for (const feature of own?.features ?? []) added.set(feature, (added.get(feature) ?? 0) + 1);
    const total = this.#total.map((all, c) => (c === own?.label ? all - own.features.length : all));
    for (const feature of features) {
      const counts = this.#counts.get(feature)?.slice();
      if (!counts) continue;
      if (own) counts[own.label] -= added.get(feature) ?? 0;
      if (counts.every((count) => count === 0)) continue;
      for (let c = 0; c < this.classes; c++) {
        const count = counts[c] + this.#smoothing;
        sums[c] += Math.log(count / (total[c] + this.#smoothing * this.#counts.size));
      }
    }
    return sums;
  }
}

/** Runs of `least` to `most` tokens, joined by spaces: `['not', 'good', 'not good']`. */
export function tokenNgrams(tokens: readonly string[], most: number, least = 1): string[] {
  return ngrams(tokens, least, most, ' ');
}

/** Runs of `least` to `most` characters of a word, whose ends are marked by `^` and `$`. */
export function characterNgrams(word: string, most: number, least = 1): string[] {
  return ngrams(['^', ...word, '$'], least, most, '');
}

function ngrams(
  units: readonly string[],
  least: number,
  most: number,
  separator: string,
): string[] {
  const runs: string[] = [];
  for (let n = least; n <= most; n++) {
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
