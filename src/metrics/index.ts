/**
 * Figures of what a model gives beside what is right.
 *
 * @module
 */
export { accuracy, type AccuracyOptions, type Label } from './accuracy';
export { bleu, type BleuOptions } from './bleu';
export {
  classScores,
  confusionMatrix,
  formatConfusion,
  macroF1,
  type ClassScore,
  type ConfusionMatrix,
  type ConfusionOptions,
} from './confusion';
export { bitsPerCharacter, perplexity } from './language';
export { averageRelativeVariance, meanAbsoluteError, rmse } from './regression';
export {
  characterErrorRate,
  editDistance,
  exactMatch,
  wordErrorRate,
  type References,
  type TokenSequence,
} from './sequences';
export { spanF1, type SpanScore, type SpanScores } from './spans';
