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
  padVectors,
  type PaddedSequences,
  type PaddedVectors,
  type PadMask,
  type PadOptions,
  type PadSequencesOptions,
  type PadVectorsOptions,
} from './pad';
