/**
 * Devices, tensors, operations with their gradients, random numbers, and errors.
 *
 * @module
 */
export { backward } from './autograd/backward';
export type { BackwardOptions } from './autograd/backward';
export { gradcheck } from './autograd/gradcheck';
export type { GradcheckOptions } from './autograd/gradcheck';
export { detach, noGrad } from './autograd/graph';
export type { DType, NumberArray } from './backend/dtype';
export * from './errors';
export { assign } from './ops/assign';
export * from './ops/index';
export { RaggedBatch } from './ops/ragged';
export { SequenceOrder } from './ops/sequence_order';
export type { SequenceOrderOptions } from './ops/sequence_order';
export { Random } from './random';
export type { RandomState } from './random';
export type { TuningResult } from './autotune/autotuner';
export { exportTuning, importTuning } from './autotune/tuning';
export type { Tuning } from './autotune/tuning';
export type { CompileProgress } from './backend/backend';
export type { Limits } from './backend/kernel';
export type { AdapterList, AdapterReport } from './backend/webgpu/adapter_report';
export { listAdapters } from './backend/webgpu/list_adapters';
export type { Device, MemoryInfo } from './tensor/device';
export { Generator } from './tensor/generator';
export type { GeneratorState } from './tensor/generator';
export type { RecordedStep, StepInput, StepTensor } from './tensor/recorded_step';
export { DEVICE_KINDS, openDevice } from './tensor/open';
export type { DeviceKind, OpenOptions } from './tensor/open';
export { dispose, scope } from './tensor/scope';
export type { Shape } from './tensor/shape';
export { full, ones, scalar, tensor, Tensor, zeros } from './tensor/tensor';
export type { TensorOptions } from './tensor/tensor_options';
