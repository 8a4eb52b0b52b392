/**
 * A WebGPU entry point for tests that run both in the browser and in Node.
 *
 * Without an adapter it throws: a machine without WebGPU must fail these tests, not skip them.
 */

import { findGpu } from '../../src/backend/webgpu/adapter';

/** Whether this test runs in Node rather than in a browser. */
export const inNode = typeof process === 'object' && typeof process.versions?.node === 'string';

let opened: Promise<GPU> | undefined;

async function open(): Promise<GPU> {
  const found = await findGpu();
  if ('reason' in found) throw new Error(found.reason);
  if (!(await found.gpu.requestAdapter())) {
    throw new Error(
      inNode
        ? 'Dawn found no adapter: install a Vulkan driver, or set VK_ICD_FILENAMES'
        : 'the browser found no WebGPU adapter',
    );
  }
  return found.gpu;
}

/** The one `GPU` of this test process. Rejects when there is none, or when it has no adapter. */
export function requestGpu(): Promise<GPU> {
  opened ??= open();
  return opened;
}
