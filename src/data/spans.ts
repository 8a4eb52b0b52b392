import { DataError } from '../errors';

/** Neighbouring tokens that are one thing, as the name of a person. */
export interface Span {
  /** The kind: PER, LOC. */
  readonly type: string;
  /** The first token. */
  readonly start: number;
  /** One after the last token. */
  readonly end: number;
}

/**
 * Spans as a tag for each token: B-TYPE at the first of a span, I-TYPE inside, O elsewhere (IOB2).
 *
 * @param length tokens in the sequence.
 * @throws DataError for a span outside of it, an empty one, or two that overlap.
 *
 * @example
 * ```ts
 * import { decodeSpans, encodeSpans } from 'lethe/data';
 *
 * const tags = encodeSpans([{ type: 'PER', start: 0, end: 2 }], 4);
 * console.log(tags); // [ 'B-PER', 'I-PER', 'O', 'O' ]
 * console.log(decodeSpans(tags)); // [ { type: 'PER', start: 0, end: 2 } ]
 * ```
 */
export function encodeSpans(spans: readonly Span[], length: number): string[] {
  const tags = new Array<string>(length).fill('O');
  for (const [i, { type, start, end }] of spans.entries()) {
    if (!(start >= 0 && start < end && end <= length)) {
      throw new DataError(
        `span ${i} goes from ${start} to ${end}; of ${length} tokens it needs one at least`,
      );
    }
    for (let t = start; t < end; t++) {
      if (tags[t] !== 'O') throw new DataError(`span ${i} overlaps another at token ${t}`);
      tags[t] = `${t === start ? 'B' : 'I'}-${type}`;
    }
  }
  return tags;
}

/**
 * The spans of tags, as conlleval reads them (Tjong Kim Sang and Buchholz, 2000): one begins at B-TYPE, and
 * at I-TYPE after O or after another type; it ends before the next one, and before O. So tags of IOB1 are
 * read too, and a model's I-TYPE without B-TYPE counts.
 *
 * @param tags O, B-TYPE or I-TYPE.
 * @throws DataError naming the token whose tag is none of these.
 */
export function decodeSpans(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let open: { type: string; start: number } | undefined;
  for (const [t, tag] of tags.entries()) {
    const [, prefix, type] = /^(?:O|([BI])-(.+))$/.exec(tag) ?? failed(tag, t);
    if (open && (prefix !== 'I' || type !== open.type)) {
      spans.push({ ...open, end: t });
      open = undefined;
    }
    if (prefix !== undefined) open ??= { type, start: t };
  }
  if (open) spans.push({ ...open, end: tags.length });
  return spans;
}

function failed(tag: string, t: number): never {
  throw new DataError(`token ${t} has the tag ${tag}; O, B-TYPE or I-TYPE is needed`);
}
