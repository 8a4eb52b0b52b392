/**
 * Optimisers, clipping of gradients, penalties and schedules of the learning rate.
 *
 * @module
 */
export { clipGradNorm, clipGradValue, findNonFinite } from './clip';
export { Optimizer } from './optimizer';
export type { StepOptions } from './optimizer';
export type { Flat, OptimizerState, Range, StateData } from './state';
export type { NamedParameters, ParameterOwner, Parameters } from './parameters';
export { penalty } from './penalty';
export type { PenaltyOptions } from './penalty';
export { Adagrad, Adam, AdamW, RMSprop, SGD } from './rules';
export type { AdagradOptions, AdamOptions, RMSpropOptions, SGDOptions } from './rules';
export { constant, cosine, exponentialDecay, linearRamp, stepDecay, warmup } from './schedule';
export type { Schedule } from './schedule';
