export { gradientFlow, stepGradient } from './gradient_flow';
export type { GradientFlow, StepGradient } from './gradient_flow';
export { charGraph, traceGraph } from './graph';
export type { ComputationGraph, GraphOperation, GraphTensor } from './graph';
export { statistics } from './statistics';
export type { Statistics } from './statistics';
