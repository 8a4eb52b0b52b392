export { findUnits, memoryOf } from './find';
export type { UnitMatch } from './find';
export { PROBES } from './probes';
export type { Probe, ProbeName } from './probes';
export { gateSaturation, LEFT, RIGHT } from './saturation';
export type { Saturation } from './saturation';
export { GATES, traceCells } from './trace';
export type { GateName, LayerTrace } from './trace';
