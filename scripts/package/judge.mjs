import { complain } from './complaints.mjs';

/**
 * What test/consumers/app/steps.js reports.
 *
 * @typedef {{ kind: string, description: string, reason: string, losses: number[], error?: string }} Tried
 * @typedef {{ names: number, cpu: Tried, auto: Tried, webgpu: Tried }} Report
 */

/** @type {Report | undefined} */
let first;

/**
 * Complains where a report is not as it must be everywhere: the same names, the CPU and WebGPU both
 * train, and with the losses of the first report.
 *
 * @param {string} who reports
 * @param {Report} report
 */
export function judge(who, report) {
  first ??= report;
  const { losses } = first.cpu;
  if (!(losses.length > 1 && losses[losses.length - 1] < losses[0]))
    complain(`${who}: no learning`);
  if (report.names !== first.names) complain(`${who}: ${report.names} names, not ${first.names}`);
  for (const [asked, found] of /** @type {const} */ ([
    ['cpu', report.cpu],
    ['auto', report.auto],
    ['webgpu', report.webgpu],
  ])) {
    if (found.error !== undefined) complain(`${who}: ${asked}: ${found.error}`);
    else if (asked !== 'auto' && found.kind !== asked) complain(`${who}: ${asked}: ${found.kind}`);
    else if (!found.reason) complain(`${who}: ${asked}: no reason is given`);
    else if (found.losses.some((loss, i) => !(Math.abs(loss - losses[i]) < 1e-4))) {
      complain(`${who}: ${asked}: losses ${found.losses.join(' ')}, not ${losses.join(' ')}`);
    }
  }
  if (report.cpu.description !== 'CPU') complain(`${who}: cpu: ${report.cpu.description}`);
}
