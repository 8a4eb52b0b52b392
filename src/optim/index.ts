export { clipGradNorm, clipGradValue, findNonFinite } from './clip';
export { Optimizer } from './optimizer';
export type { Flat, Range, StepOptions } from './optimizer';
export type { OptimizerState, StateData } from './state';
export type { NamedParameters, ParameterOwner, Parameters } from './parameters';
export { Adagrad, Adam, AdamW, RMSprop, SGD } from './rules';
export type { AdagradOptions, AdamOptions, RMSpropOptions, SGDOptions } from './rules';
export { constant, cosine, exponentialDecay, linearRamp, stepDecay, warmup } from './schedule';
export type { Schedule } from './schedule';
