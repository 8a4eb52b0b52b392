/** N-grams of a sequence, in whatever order they stand: what they tell of its class. */
import { hostArray } from 'lethe/data';
import type { HostArray } from 'lethe/data';

import { NaiveBayes, characterNgrams, tokenNgrams } from '../baselines/naive_bayes';

export interface Ngrams {
  /** Runs of tokens, or of the characters of a word with its ends marked. */
  readonly of: 'tokens' | 'characters';
  /** Units of the longest. */
  readonly most: number;
  /** What naive Bayes adds to every count. */
  readonly smoothing: number;
}

/** With the examples of training, which are counted anew where a model is used. */
export interface CountedNgrams extends Ngrams {
  readonly examples: readonly { readonly tokens: readonly string[]; readonly label: number }[];
}

/** @param least units of the shortest. */
export function ngramsOf(tokens: readonly string[], { of, most }: Ngrams, least = 1): string[] {
  return of === 'tokens'
    ? tokenNgrams(tokens, most, least)
    : characterNgrams(tokens.join(''), most, least);
}

const counted = new WeakMap<CountedNgrams, NaiveBayes>();

/** Counts once for all that the same examples are asked of. */
export function countNgrams(ngrams: CountedNgrams, classes: number): NaiveBayes {
  const known = counted.get(ngrams);
  if (known?.classes === classes) return known;
  const { examples, smoothing } = ngrams;
  const rows = examples.map(({ tokens }) => ngramsOf(tokens, ngrams));
  const labels = examples.map(({ label }) => label);
  const bayes = new NaiveBayes(rows, labels, classes, smoothing);
  counted.set(ngrams, bayes);
  return bayes;
}

/** Log-likelihoods are several times as large as what layers give. */
const SCALE = 0.2;

/**
 * For each length of n-grams the log-likelihood of those of a sequence under each class, less the mean over the
 * classes: [sequences, lengths * classes].
 *
 * @param labels of sequences that were counted. What each itself added is left out: else n-grams would know the
 *   training data by heart, and a network beside them would have nothing to learn.
 */
export function ngramScores(
  bayes: NaiveBayes,
  ngrams: Ngrams,
  sequences: readonly (readonly string[])[],
  labels?: readonly number[],
): HostArray {
  const { most } = ngrams;
  const width = most * bayes.classes;
  const values = new Float32Array(sequences.length * width);
  for (const [row, tokens] of sequences.entries()) {
    const own = labels && { label: labels[row], features: ngramsOf(tokens, ngrams) };
    for (let n = 1; n <= most; n++) {
      const scores = bayes.logLikelihood(ngramsOf(tokens, { ...ngrams, most: n }, n), own);
      const mean = scores.reduce((sum, score) => sum + score, 0) / bayes.classes;
      const at = row * width + (n - 1) * bayes.classes;
      values.set(
        scores.map((score) => SCALE * (score - mean)),
        at,
      );
    }
  }
  return hostArray(values, 'f32', [sequences.length, width]);
}
