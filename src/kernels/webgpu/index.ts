/** What the kernels have for WebGPU alone: configurations, and what writes out their shaders. */
export { shadersOf } from '../../cell/shaders';
export { matmulCandidates } from './matmul';
export { scanCandidates } from './scan_candidates';
