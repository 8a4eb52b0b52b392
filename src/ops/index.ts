export { crossEntropy, linearCrossEntropy } from './loss';
export type { CrossEntropyOptions } from './loss';
export { dropout } from './dropout';
export { embedding, gather, oneHot, scatterAdd } from './indexing';
export { linear, matmul } from './matmul';
export type { MatmulOptions } from './matmul';
export { expand, permute, transpose } from './axes';
export { cat, concat, reshape, slice, split, stack, unbind } from './movement';
export type { SliceOptions } from './movement';
// All of it is public: a new function needs no line here.
export * from './pointwise';
export type { Nonlinearity } from './common';
export { amax, argmax, mean, sum } from './reduce';
export type { ReduceOptions } from './reduce';
export { scan } from './scan';
export type { ScanOptions } from './scan';
export type { EmbeddingInput, LayerWeights, SequenceInput } from './scan_input';
export { logSoftmax, softmax } from './softmax';
