/**
 * Tokens, padded rows, batches by length, series, splits, and files in CSV and CoNLL.
 *
 * @module
 */
export { hostArray, type Batch, type Batches, type HostArray } from './batch';
export {
  bucketBatches,
  fixedBatches,
  type BatchOptions,
  type BatchShape,
  type BucketBatches,
  type BucketBatchesOptions,
  type ExampleBatches,
  type FixedBatchesOptions,
} from './batches';
export {
  padSequences,
  padTargets,
  padVectors,
  type PaddedSequences,
  type PaddedTargets,
  type PaddedVectors,
  type PadMask,
  type PadOptions,
  type PadSequencesOptions,
  type PadTargetsOptions,
  type PadVectorsOptions,
} from './pad';
export { BytePairEncoding, type BytePairData, type BytePairOptions } from './byte_pair_encoding';
export type { Merge } from './bpe_merges';
export { parseConll, type ConllOptions, type ConllSentence } from './conll';
export { csvColumn, csvNumbers, parseCsv } from './csv';
export type { CsvNumbersOptions, CsvOptions, CsvTable } from './csv';
export { checkLabels } from './labels';
export {
  MinMaxScaler,
  Scaler,
  StandardScaler,
  type MinMaxOptions,
  type ScalerData,
} from './scalers';
export { slidingWindows, type SeriesRow, type SeriesWindow } from './series';
export { decodeSpans, encodeSpans, type Span } from './spans';
export type { Special } from './specials';
export { kFold, splitExamples, type Fold } from './split';
export {
  TokenVocabulary,
  type DecodeTokensOptions,
  type EncodeTokensOptions,
  type TokenVocabularyData,
  type VocabularyOptions,
} from './token_vocabulary';
export { characterTokens, wordTokens, type WordTokensOptions } from './tokens';
export { readWordVectors, type WordVectors, type WordVectorsOptions } from './word_vectors';
