export { ctcAlign, type CtcAlignedSpan, type CtcAlignment } from './align';
export { ctcBeamSearch, type CtcBeamSearchOptions, type CtcHypothesis } from './beam_search';
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
  type CtcLanguageModel,
  type NgramLanguageModelOptions,
} from './language_model';
export { ctcPosteriors, type CtcAlignOptions, type CtcPosteriors } from './lattice';
