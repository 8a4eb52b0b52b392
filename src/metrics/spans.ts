import { requirePairs } from './check';
import { scoreCounts } from './confusion';
import { decodeSpans } from '../data/spans';
import { ShapeError } from '../errors';

/** How well spans were found, of all types or of one. */
export interface SpanScore {
  /** The share of right ones among the spans that were predicted; 0 where none was. */
  readonly precision: number;
  /** The share of the spans of the targets that were found; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of precision and recall; 0 where both are. */
  readonly f1: number;
  /** Spans of the targets. */
  readonly support: number;
}

/** What `spanF1` gives: the figures of all spans, and those of each type. */
export interface SpanScores extends SpanScore {
  /** The same for each type of span, by name. */
  readonly types: Readonly<Record<string, SpanScore>>;
}

/**
 * F1 of spans as conlleval counts it, the program of the CoNLL shared tasks (Tjong Kim Sang and Buchholz,
 * 2000): a span is right when its type, first and last token are. It begins at B-TYPE, or at I-TYPE after O
 * or another type. conlleval prints these as percentages.
 *
 * @param predicted [n] The tags of each sequence: O, B-TYPE or I-TYPE.
 * @param targets [n] The same, of the same lengths.
 * @throws ShapeError when there are other numbers of sequences or tags.
 * @throws DataError for a tag that is none of these.
 *
 * @example
 * ```ts
 * import { spanF1 } from 'lethe/metrics';
 *
 * const targets = [['B-PER', 'I-PER', 'O', 'B-LOC']];
 * const predicted = [['B-PER', 'O', 'O', 'B-LOC']];
 * const { f1, types } = spanF1(predicted, targets);
 * console.log(f1, types.LOC.f1, types.PER.f1); // 0.5 1 0
 * ```
 */
export function spanF1(
  predicted: readonly (readonly string[])[],
  targets: readonly (readonly string[])[],
): SpanScores {
  requirePairs('spanF1', ['predicted', 'targets'], predicted, targets);
  const counts = new Map<string, { right: number; found: number; wanted: number }>();
  const of = (type: string) => {
    const count = counts.get(type) ?? { right: 0, found: 0, wanted: 0 };
    counts.set(type, count);
    return count;
  };
  for (const [i, tags] of targets.entries()) {
    if (predicted[i].length !== tags.length) {
      throw new ShapeError(
        `spanF1: sequence ${i} has ${predicted[i].length} predicted tags and ${tags.length} targets`,
      );
    }
    const wanted = decodeSpans(tags);
    const places = new Set(wanted.map(({ type, start, end }) => `${start} ${end} ${type}`));
    for (const { type } of wanted) of(type).wanted++;
    for (const { type, start, end } of decodeSpans(predicted[i])) {
      of(type).found++;
      if (places.has(`${start} ${end} ${type}`)) of(type).right++;
    }
  }
  const all = [...counts.values()];
  const total = (name: 'right' | 'found' | 'wanted'): number =>
    all.reduce((sum, count) => sum + count[name], 0);
  const score = (right: number, found: number, wanted: number): SpanScore => ({
    ...scoreCounts(right, found, wanted),
    support: wanted,
  });
  const types = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...score(total('right'), total('found'), total('wanted')),
    types: Object.fromEntries(
      types.map(([type, { right, found, wanted }]) => [type, score(right, found, wanted)]),
    ),
  };
}
