/** Sentences to numbers, for `tags` and `entities`: several features of each word, and its tag. */
import { bucketBatches, padSequences, TokenVocabulary } from 'lethe/data';
import type { Batch, BucketBatches, TokenVocabularyData } from 'lethe/data';

import type { Parts } from '../parts';
import type { TaggedSentence } from './grammar';

export type TaggedParts = Parts<TaggedSentence>;

/** What a network is told of a word, by name. */
export type Features = Readonly<Record<string, (word: string) => string>>;

/** The vocabulary of each feature, and `tags`. */
export type TaggerMeta = Readonly<Record<string, TokenVocabularyData>>;

/**
 * The vocabularies of the training part. What occurs once is left to `<unk>`, so that training has unknown
 * words too; tags are those of all parts.
 */
export function taggerMeta({ train, valid, test }: TaggedParts, features: Features): TaggerMeta {
  const tags = [train, valid, test].flat().flatMap((sentence) => sentence.tags);
  const meta = Object.entries(features).map(([name, feature]) => {
    const values = train.map(({ words }) => words.map(feature));
    return [name, TokenVocabulary.fromSequences(values, { minCount: 2 }).toJSON()] as const;
  });
  return { ...Object.fromEntries(meta), tags: TokenVocabulary.fromLabels(tags).toJSON() };
}

/** A sentence as ids: a row for each feature, and `tags`. */
type Encoded = Readonly<Record<string, readonly number[]>>;

/**
 * Batches of sentences of similar length: each feature, and `tags`, of [time, batch], with the tag -100 for
 * padding, and `lengths` of [batch]. A sentence is encoded once.
 */
export function taggedBatches(
  sentences: readonly TaggedSentence[],
  features: Features,
  meta: TaggerMeta,
  options: { batchSize: number; seed?: number; shuffle?: boolean },
): BucketBatches<Encoded, Batch> {
  const vocabularies = Object.fromEntries(
    Object.entries(meta).map(([name, data]) => [name, TokenVocabulary.fromJSON(data)]),
  );
  const examples = sentences.map(({ words, tags }): Encoded => {
    const rows = Object.entries(features).map(([name, feature]) => {
      const values = words.map(feature);
      return [name, vocabularies[name].encode(values)] as const;
    });
    return { ...Object.fromEntries(rows), tags: vocabularies.tags.encode(tags) };
  });
  return bucketBatches(examples, {
    ...options,
    lengthOf: (example) => example.tags.length,
    collate(some, [time]) {
      const columns = Object.keys(some[0]).map((name) => {
        const padding = name === 'tags' ? -100 : vocabularies[name].pad;
        return [
          name,
          padSequences(
            some.map((example) => example[name]),
            { padding, time },
          ),
        ] as const;
      });
      const [[, { lengths }]] = columns;
      return { ...Object.fromEntries(columns.map(([name, { ids }]) => [name, ids])), lengths };
    },
  });
}
