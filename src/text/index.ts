/**
 * Characters as ids, contiguous streams of them, statistics, and n-gram baselines.
 *
 * @module
 */
export { visibleCharacter } from './character';
export { decodeText, type DecodeOptions } from './decode';
export { EncodedText, encodeText, readTextStream, type ReadTextOptions } from './encoded';
export {
  ERROR_KINDS,
  errorKinds,
  type ErrorKind,
  type ErrorKinds,
  type ErrorKindsOptions,
  type ErrorSlice,
} from './error_kinds';
export type { Ids } from './ids';
export {
  MAX_ORDER,
  ngramEntropies,
  ngramScores,
  unigramEntropy,
  type NgramOptions,
  type NgramScore,
} from './ngram';
export { NgramModel, type NgramModelOptions, type NgramStep } from './ngram_model';
export { textStatistics, type CharacterCount, type TextStatistics } from './statistics';
export {
  Streams,
  evaluationWindows,
  splitText,
  type StreamCursor,
  type Window,
  type WindowSize,
} from './streams';
export { Vocabulary, type EncodeOptions, type Unknown } from './vocabulary';
