/** N-grams of a sequence, in whatever order they stand. */
import { characterNgrams, tokenNgrams } from '../baselines/naive_bayes';

export interface Ngrams {
  /** Runs of tokens, or of the characters of a word with its ends marked. */
  readonly of: 'tokens' | 'characters';
  /** Units of the longest. */
  readonly most: number;
  /** What naive Bayes adds to every count. */
  readonly smoothing: number;
}

export function ngramsOf(tokens: readonly string[], { of, most }: Ngrams): string[] {
  return of === 'tokens' ? tokenNgrams(tokens, most) : characterNgrams(tokens.join(''), most);
}
