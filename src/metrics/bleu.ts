import { requirePairs } from './check';
import { referencesOf } from './sequences';
import { ArgumentError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `bleu` takes. */
export interface BleuOptions {
  /** N-grams of 1 to so many tokens; 4 when left out. */
  maxOrder?: number;
  /**
   * Adds one to the matches and the n-grams of each order above 1 (Lin and Och, 2004), so that few or short
   * sentences without a match of four tokens are not 0; false when left out.
   */
  smooth?: boolean;
}

const BLEU_OPTIONS: OptionNames<BleuOptions> = { maxOrder: true, smooth: 'boolean' };

/**
 * Corpus BLEU (Papineni et al., 2002), the n-gram precision of translations against references, in [0, 1]; it is
 * often printed times 100:
 *
 *     BP * exp(mean over n of ln p_n)        BP = min(1, exp(1 - r / c))
 *
 * p_n is the share of the predictions' n-grams that a reference has, each at most as often as in the
 * reference that has it most often; counts are summed over all sentences. c are the tokens of the predictions,
 * r those of the references nearest in length, the shorter of two as near. Without smoothing it is 0 where
 * an order has no match. How texts are split into tokens is the caller's: figures compare only between equal
 * tokens.
 *
 * @param predicted [n] The tokens of each sentence.
 * @param references [n] For each, the tokens of one reference or a list of several.
 * @throws ShapeError when the lists differ in length.
 *
 * @example
 * ```ts
 * import { bleu } from 'lethe/metrics';
 *
 * const words = (text: string): string[] => text.split(' ');
 * const predicted = ['the cat sat on a mat'].map(words);
 * const references = ['the cat sat on the mat'].map(words);
 * console.log(bleu(predicted, references).toFixed(3)); // 0.537
 * ```
 */
export function bleu(
  predicted: readonly (readonly string[])[],
  references: readonly (readonly string[] | readonly (readonly string[])[])[],
  options: BleuOptions = {},
): number {
  checkOptions('bleu', options, BLEU_OPTIONS);
  const { maxOrder = 4, smooth = false } = options;
  if (!Number.isSafeInteger(maxOrder) || maxOrder < 1) {
    throw new ArgumentError(`bleu: maxOrder = ${maxOrder}; an integer from 1 is needed`);
  }
  requirePairs('bleu', ['predicted', 'references'], predicted, references);
  const matches = new Array<number>(maxOrder).fill(0);
  const ngrams = new Array<number>(maxOrder).fill(0);
  let [given, wanted] = [0, 0];
  for (const [i, tokens] of predicted.entries()) {
    const list = referencesOf('bleu', i, tokens, references[i]);
    given += tokens.length;
    wanted += nearestLength(tokens.length, list);
    for (let n = 1; n <= maxOrder; n++) {
      const most = new Map<string, number>();
      for (const reference of list) {
        for (const [ngram, count] of countNgrams(reference, n)) {
          most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
        }
      }
      for (const [ngram, count] of countNgrams(tokens, n)) {
        matches[n - 1] += Math.min(count, most.get(ngram) ?? 0);
        ngrams[n - 1] += count;
      }
    }
  }
  let logs = 0;
  for (let n = 0; n < maxOrder; n++) {
    const more = Number(smooth && n > 0);
    if (matches[n] + more === 0) return 0;
    logs += Math.log((matches[n] + more) / (ngrams[n] + more));
  }
  return Math.min(1, Math.exp(1 - wanted / given)) * Math.exp(logs / maxOrder);
}

function countNgrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const ngram = JSON.stringify(tokens.slice(i, i + n));
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

function nearestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0];
}
