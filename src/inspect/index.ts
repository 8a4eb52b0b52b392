/**
 * What a character model does inside: states and gates, units and what they follow, gradients, graphs.
 *
 * @module
 */
export type { CharParts, TextWindow } from './check';
export { claimUnits, CONVINCING, CONVINCING_MEMORY, probesOf } from './claims';
export type { UnitClaim } from './claims';
export { unitColumn } from './correlation';
export { findUnits, memoryOf } from './find';
export type { UnitMatch } from './find';
export { characterInfluence } from './influence';
export type { Influence, InfluenceOptions } from './influence';
export { PROBES } from './probes';
export type { Probe, ProbeName } from './probes';
export { gateSaturation, LEFT, RIGHT } from './saturation';
export type { Saturation } from './saturation';
export { traceCells } from './trace';
export type { LayerTrace } from './trace';
export { gradientFlow, stepGradient } from './gradient_flow';
export type { GradientFlow, StepGradient } from './gradient_flow';
export { charGraph, traceGraph } from './graph';
export type { ComputationGraph, GraphOperation, GraphTensor } from './graph';
export { statistics } from './statistics';
export type { Statistics } from './statistics';
