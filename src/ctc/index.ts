/**
 * What the outputs of a network that is trained by CTC say: decoding, alignment, language models.
 *
 * @module
 */
export { ctcAlign, type CtcAlignedSpan, type CtcAlignment } from './align';
export type { CtcHypothesis } from './beam';
export {
  ctcBatchBeamSearch,
  ctcBeamSearch,
  type CtcBatchBeamSearchOptions,
  type CtcBeamSearchOptions,
} from './beam_search';
export type { CtcFrames, CtcLengths } from './frames';
export {
  ctcGreedy,
  CtcGreedyStream,
  type CtcGreedyOptions,
  type CtcOnset,
  type CtcReading,
  type CtcSpan,
} from './greedy';
export {
  ngramLanguageModel,
  type CtcBatchLanguageModel,
  type CtcLanguageModel,
  type CtcNextLabels,
  type NgramLanguageModelOptions,
} from './language_model';
export { ctcPosteriors, type CtcAlignOptions, type CtcPosteriors } from './lattice';
