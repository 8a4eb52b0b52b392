import type { Device, Generator, Random, Tensor } from 'lethe';
import { bucketBatches, padSequences, padTargets, TokenVocabulary } from 'lethe/data';
import type { BucketBatches, HostArray, TokenVocabularyData } from 'lethe/data';
import { Decoder, Encoder, EncoderDecoder } from 'lethe/nn';
import type { AttentionKind, CellName } from 'lethe/nn';
import type { BatchTensors, Task } from 'lethe/train';

import type { Example } from '../example';
import type { Pair, PairSets } from './pairs';

/** Tokens of both sides, and the sizes of the network. */
export interface PairMeta {
  readonly source: TokenVocabularyData;
  readonly target: TokenVocabularyData;
  readonly sizes: PairSizes;
  /** Tokens at which a target that finds no end is cut off. */
  readonly maxLength: number;
}

export interface PairSizes {
  readonly cell: CellName;
  readonly embedding: number;
  readonly hidden: number;
  /** The state alone is handed over where it is left out. */
  readonly attention?: AttentionKind;
  /** Whether the encoder reads in both directions; it does when left out. */
  readonly bidirectional?: boolean;
  readonly dropout: number;
}

/** Enough for the sentences that come with Lethe. */
export const SMALL: PairSizes = {
  cell: 'gru',
  embedding: 32,
  hidden: 64,
  attention: 'general',
  dropout: 0.1,
};

/** @param minCount tokens that occur less often in the training set become `<unk>`. */
export function pairMeta(data: PairSets, sizes: PairSizes, minCount = 1): PairMeta {
  const { train } = data;
  const vocabulary = (side: keyof Pair, specials: ('pad' | 'unk' | 'bos' | 'eos')[]) =>
    TokenVocabulary.fromSequences(
      train.map((pair) => pair[side]),
      { minCount, specials },
    ).toJSON();
  return {
    source: vocabulary('source', ['pad', 'unk']),
    target: vocabulary('target', ['pad', 'unk', 'bos', 'eos']),
    sizes,
    maxLength: 5 + train.reduce((most, { target }) => Math.max(most, target.length), 0),
  };
}

export function vocabularies(meta: PairMeta): { source: TokenVocabulary; target: TokenVocabulary } {
  const { source, target } = meta;
  return { source: TokenVocabulary.fromJSON(source), target: TokenVocabulary.fromJSON(target) };
}

/** An encoder of two directions, and a decoder that looks at all of what it read. */
export function pairModel(
  device: Device,
  meta: PairMeta,
  { random, generator }: { random: Random; generator: Generator },
): EncoderDecoder {
  const { cell, embedding, hidden, attention, bidirectional = true, dropout } = meta.sizes;
  const { source, target } = vocabularies(meta);
  const common = { cell, dropout, generator, random };
  const encoder = new Encoder(device, source.size, embedding, hidden, {
    ...common,
    bidirectional,
  });
  const decoder = new Decoder(device, target.size, embedding, hidden, {
    ...common,
    ...(attention && { attention, keySize: encoder.outputSize }),
  });
  return new EncoderDecoder(encoder, decoder, random);
}

/** An example that learns pairs. */
export interface PairExample<Data extends PairSets = PairSets> extends Example<
  Data,
  PairMeta,
  EncoderDecoder
> {
  /** Pairs that are learnt from at once. */
  batchSize(data: Data): number;
}

/** Sources and targets of a batch, padded. */
export type PairBatch = Readonly<
  Record<'source' | 'lengths' | 'mask' | 'target' | 'labels', HostArray>
>;

export interface PairBatchOptions {
  batchSize: number;
  seed?: number;
  shuffle?: boolean;
  maxShapes?: number;
}

/** Batches of pairs whose sources, and whose targets, are of similar lengths. */
export function pairBatches(
  pairs: readonly Pair[],
  meta: PairMeta,
  options: PairBatchOptions,
): BucketBatches<Pair, PairBatch> {
  const { source, target } = vocabularies(meta);
  return bucketBatches(pairs, {
    ...options,
    // The target's end counts as a step.
    lengthOf: (pair) => [pair.source.length, pair.target.length + 1],
    collate: (batch, [sourceTime, time]) => {
      const read = padSequences(
        batch.map((pair) => source.encode(pair.source)),
        { padding: source.pad, time: sourceTime },
      );
      const said = padTargets(
        batch.map((pair) => target.encode(pair.target)),
        { begin: target.bos, end: target.eos, padding: target.pad, time },
      );
      return { source: read.ids, lengths: read.lengths, mask: read.mask, ...said };
    },
  });
}

/** The mean cross-entropy of the target's tokens, each given the source and the tokens before it. */
export function pairLoss(model: EncoderDecoder, batch: BatchTensors<PairBatch>): Tensor {
  const { source, lengths, mask, target, labels } = batch;
  return model.loss(source, target, labels, { lengths, mask });
}

/** Teacher forcing on batches of similar lengths. */
export function pairTask(
  model: EncoderDecoder,
  data: PairSets,
  meta: PairMeta,
  options: PairBatchOptions & Pick<Task, 'evaluate'>,
): Task<PairBatch> {
  const { evaluate, ...batching } = options;
  return {
    model,
    batches: pairBatches(data.train, meta, batching),
    loss: (batch) => pairLoss(model, batch),
    evaluate,
  };
}
