/**
 * How likely each class is to spell a word as it is spelt: a language model of characters for each, counted from the
 * words of training.
 */
import { hostArray } from 'lethe/data';
import type { HostArray } from 'lethe/data';

export interface Spelling {
  /** Characters of the longest n-grams; the shortest are pairs. */
  readonly most: number;
  /** The examples of training, which are counted anew where a model is used. */
  readonly examples: readonly { readonly tokens: readonly string[]; readonly label: number }[];
}

/** A word is read as it stands, backwards, and without capitals and accents. */
const READINGS: readonly ((word: string) => string[])[] = [
  (word) => [...word],
  (word) => [...word].reverse(),
  (word) => [...word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')],
];

/** Numbers that a word is told by. */
export function spellingWidth({ most }: Spelling, classes: number): number {
  return READINGS.length * (most - 1) * classes;
}

/** What followed a context: of each class how many characters, and how many different ones. */
interface Followed {
  readonly count: Float64Array;
  readonly kinds: Float64Array;
}

/**
 * The models of all classes, of one reading. Each interpolates by Witten and Bell's method: the more different
 * characters followed a context, the more it leaves to the shorter one.
 *
 * Source: Chen and Goodman, An Empirical Study of Smoothing Techniques for Language Modeling (1999), section 2.
 */
export class CharacterModels {
  readonly #classes: number;
  readonly #most: number;
  readonly #followed = new Map<string, Followed>();
  readonly #ngrams = new Map<string, Float64Array>();
  readonly #alphabet = new Set<string>();

  constructor(classes: number, most: number) {
    this.#classes = classes;
    this.#most = most;
  }

  /** @param by -1 takes back a word that was counted. */
  count(word: readonly string[], label: number, by: 1 | -1 = 1): void {
    const zeros = () => new Float64Array(this.#classes);
    for (const { next, contexts } of this.#steps(word)) {
      this.#alphabet.add(next);
      for (const context of contexts) {
        let followed = this.#followed.get(context);
        if (!followed) this.#followed.set(context, (followed = { count: zeros(), kinds: zeros() }));
        let seen = this.#ngrams.get(context + next);
        if (!seen) this.#ngrams.set(context + next, (seen = zeros()));
        const before = seen[label];
        seen[label] += by;
        followed.count[label] += by;
        if (before === 0 || seen[label] === 0) followed.kinds[label] += by;
      }
    }
  }

  /** The log-probability of a word under each class, by n-grams of 2 to `most` characters: [lengths * classes]. */
  logLikelihood(word: readonly string[]): Float64Array {
    const sums = new Float64Array((this.#most - 1) * this.#classes);
    for (const { next, contexts } of this.#steps(word)) {
      // Any character at first, one that training did not have too.
      const p = new Float64Array(this.#classes).fill(1 / (this.#alphabet.size + 1));
      for (let units = 0; units < this.#most; units++) {
        // At the beginning of a word there is no longer context, and the probability stays.
        const followed = units < contexts.length && this.#followed.get(contexts[units]);
        const seen = followed && this.#ngrams.get(contexts[units] + next);
        for (let c = 0; c < this.#classes; c++) {
          if (followed && followed.count[c] > 0) {
            const [count, kinds] = [followed.count[c], followed.kinds[c]];
            p[c] = ((seen ? seen[c] : 0) + kinds * p[c]) / (count + kinds);
          }
          if (units > 0) sums[(units - 1) * this.#classes + c] += Math.log(p[c]);
        }
      }
    }
    return sums;
  }

  /** Each character, and the end, with what stands before it: the last 0, 1, ... `most` - 1 characters. */
  #steps(word: readonly string[]): { next: string; contexts: string[] }[] {
    const marked = ['^', ...word, '$'];
    return marked.slice(1).map((next, i) => {
      const contexts = [''];
      for (let n = 0; n <= i && n < this.#most - 1; n++) contexts.push(marked[i - n] + contexts[n]);
      return { next, contexts };
    });
  }
}

const counted = new WeakMap<Spelling, CharacterModels[]>();

/** The models of each reading, counted once for all that the same examples are asked of. */
function countSpelling(spelling: Spelling, classes: number): CharacterModels[] {
  const known = counted.get(spelling);
  if (known) return known;
  const models = READINGS.map((read) => {
    const ofReading = new CharacterModels(classes, spelling.most);
    for (const { tokens, label } of spelling.examples)
      ofReading.count(read(tokens.join('')), label);
    return ofReading;
  });
  counted.set(spelling, models);
  return models;
}

/** Log-likelihoods are several times as large as what layers give. */
const SCALE = 0.2;

/** Each less the mean over the classes. */
function centred(scores: Float64Array, classes: number): Float64Array {
  for (let at = 0; at < scores.length; at += classes) {
    const row = scores.subarray(at, at + classes);
    const mean = row.reduce((sum, score) => sum + score, 0) / classes;
    row.forEach((score, c) => (row[c] = SCALE * (score - mean)));
  }
  return scores;
}

/**
 * The log-likelihoods of words by each reading and length of n-grams: [words, spellingWidth].
 *
 * @param labels of words that were counted. What each itself added is left out: else the counts would know the
 *   training data by heart, and a network beside them would have nothing to learn.
 */
export function spellingScores(
  spelling: Spelling,
  classes: number,
  words: readonly (readonly string[])[],
  labels?: readonly number[],
): HostArray {
  const width = spellingWidth(spelling, classes);
  const values = new Float32Array(words.length * width);
  const models = countSpelling(spelling, classes);
  for (const [row, tokens] of words.entries()) {
    for (const [reading, model] of models.entries()) {
      const word = READINGS[reading](tokens.join(''));
      if (labels) model.count(word, labels[row], -1);
      const scores = centred(model.logLikelihood(word), classes);
      if (labels) model.count(word, labels[row]);
      values.set(scores, row * width + reading * scores.length);
    }
  }
  return hostArray(values, 'f32', [words.length, width]);
}
