/** What an adapter would take at the least: its arithmetic, or its memory, whichever is longer. */
import { align, digits } from './table.mjs';
import { describeWorkload, leastWork, makeJob } from './workloads.mjs';

/**
 * @typedef {object} Adapter
 * @property {number} tflops 10^12 operations a second
 * @property {number} gbps 10^9 bytes a second
 */

/**
 * @param {import('./types').Workload} workload
 * @param {Adapter} adapter
 */
export function floorOf(workload, { tflops, gbps }) {
  const { flop, bytes } = leastWork(workload);
  const arithmeticMs = flop / (1e9 * tflops);
  const memoryMs = bytes / (1e6 * gbps);
  return { flop, bytes, arithmeticMs, memoryMs, ms: Math.max(arithmeticMs, memoryMs) };
}

/**
 * @param {readonly string[]} workloads
 * @param {Adapter} adapter
 */
export function formatFloors(workloads, adapter) {
  const lines = workloads.map((name) => {
    const job = makeJob(name);
    const { flop, bytes, arithmeticMs, memoryMs } = floorOf(job, adapter);
    const figures = [flop / 1e9, arithmeticMs, bytes / 1e6, memoryMs].map(digits);
    return [name, describeWorkload(job), ...figures, ''];
  });
  return align([['floor', 'model', 'GFLOP', 'ms', 'MB', 'ms', ''], ...lines]);
}
