import { TokenVocabulary } from 'lethe/data';
import { ngramEntropies } from 'lethe/text';

import type { PairMeta } from './model';
import type { Pair, PairSets } from './pairs';

/**
 * The perplexity of the targets under a trigram model of them, which never sees a source (interpolated
 * Kneser-Ney): of the same tokens as a network's, unknown ones and ends included.
 */
export function trigramPerplexity(
  { train, test }: PairSets,
  meta: Pick<PairMeta, 'target'>,
): number {
  const vocabulary = TokenVocabulary.fromJSON(meta.target);
  const ids = (pairs: readonly Pair[]): Int32Array =>
    Int32Array.from(pairs.flatMap(({ target }) => vocabulary.encode(target, { eos: true })));
  const options = { vocabularySize: vocabulary.size, maxOrder: 3 };
  return Math.exp(ngramEntropies(ids(train), ids(test), options)[2]);
}
