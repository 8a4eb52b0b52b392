import type { Label } from './accuracy';
import { requirePairs } from './check';
import { ArgumentError, DataError } from '../errors';

/** A text, or a list of tokens. */
export type TokenSequence = string | readonly Label[];

/** What would be right: one sequence, or a list of several, of which any counts. */
export type References = TokenSequence | readonly TokenSequence[];

/**
 * The fewest tokens to insert, delete or replace that make b of a (Levenshtein, 1966), in time a times b.
 *
 * @param a tokens; a string counts by UTF-16 units.
 */
export function editDistance(a: ArrayLike<Label>, b: ArrayLike<Label>): number {
  let row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  let next = new Int32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    next[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j] + Number(a[i] !== b[j]);
      next[j + 1] = Math.min(replaced, row[j + 1] + 1, next[j] + 1);
    }
    [row, next] = [next, row];
  }
  return row[b.length];
}

/**
 * The share of predictions that equal a reference, in [0, 1].
 *
 * @param predicted [n] Texts or lists of tokens.
 * @param references [n] For each, one of the same kind or a list of several.
 * @throws ShapeError when the lists differ in length.
 */
export function exactMatch(
  predicted: readonly TokenSequence[],
  references: readonly References[],
): number {
  requirePairs('exactMatch', ['predicted', 'references'], predicted, references);
  const right = predicted.filter((sequence, i) =>
    referencesOf('exactMatch', i, sequence, references[i]).some((reference) =>
      sameTokens(sequence, reference),
    ),
  );
  return right.length / predicted.length;
}

/**
 * Edits over the tokens of the references, both summed over all of them: 0 is perfect, and it can be above 1.
 * Texts are split at spaces; lists are taken as they are, so that this is the phone error rate on phones, and
 * the label error rate on what the decoders of `lethe/ctc` read.
 * Of several references the one that takes the fewest edits counts, and of these the longest.
 *
 * @param predicted [n] Texts or lists of tokens.
 * @param references [n] For each, one of the same kind or a list of several.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when all references are empty.
 */
export function wordErrorRate(
  predicted: readonly TokenSequence[],
  references: readonly References[],
): number {
  return errorRate('wordErrorRate', predicted, references, (text) =>
    text.split(/\s+/).filter((word) => word !== ''),
  );
}

/**
 * As {@link wordErrorRate}, by the characters (code points) of texts, spaces among them.
 *
 * @param predicted [n] Texts.
 * @param references [n] For each, a text or a list of several.
 * @throws ShapeError when the lists differ in length.
 * @throws DataError when all references are empty.
 *
 * @example
 * ```ts
 * import { characterErrorRate, wordErrorRate } from 'lethe/metrics';
 *
 * const [predicted, references] = [['the cat sat'], ['the cats sat']];
 * console.log(characterErrorRate(predicted, references).toFixed(3)); // 0.083
 * console.log(wordErrorRate(predicted, references).toFixed(3)); // 0.333
 * ```
 */
export function characterErrorRate(
  predicted: readonly string[],
  references: readonly (string | readonly string[])[],
): number {
  return errorRate('characterErrorRate', predicted, references, (text) => [...text]);
}

function errorRate(
  owner: string,
  predicted: readonly TokenSequence[],
  references: readonly References[],
  split: (text: string) => readonly string[],
): number {
  requirePairs(owner, ['predicted', 'references'], predicted, references);
  const tokensOf = (sequence: TokenSequence): readonly Label[] =>
    typeof sequence === 'string' ? split(sequence) : sequence;
  let [edits, tokens] = [0, 0];
  for (const [i, sequence] of predicted.entries()) {
    const given = tokensOf(sequence);
    const [best] = referencesOf(owner, i, sequence, references[i])
      .map((reference) => {
        const wanted = tokensOf(reference);
        return { edits: editDistance(given, wanted), tokens: wanted.length };
      })
      .sort((a, b) => a.edits - b.edits || b.tokens - a.tokens);
    edits += best.edits;
    tokens += best.tokens;
  }
  if (tokens === 0) throw new DataError(`${owner}: all references are empty`);
  return edits / tokens;
}

/** The references of a prediction as a list: sequences of its kind. */
export function referencesOf<S extends TokenSequence>(
  owner: string,
  i: number,
  sequence: S,
  references: References,
): readonly S[] {
  const text = typeof sequence === 'string';
  const several =
    Array.isArray(references) && (text || (references.length > 0 && Array.isArray(references[0])));
  const list = (several ? references : [references]) as readonly S[];
  if (list.length === 0) throw new DataError(`${owner}: prediction ${i} has no reference`);
  if (list.every((reference) => (typeof reference === 'string') === text)) return list;
  throw new ArgumentError(
    `${owner}: prediction ${i} is a ${text ? 'text' : 'list'}, and its reference is not; split both alike`,
  );
}

function sameTokens(a: TokenSequence, b: TokenSequence): boolean {
  if (typeof a === 'string') return a === b;
  return a.length === b.length && a.every((token, i) => token === b[i]);
}
