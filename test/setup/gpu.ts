/**
 * A WebGPU entry point for tests that run in the browser, in Node and in Deno.
 *
 * Without an adapter it throws: a machine without WebGPU must fail these tests, not skip them.
 */

import { findGpu } from '../../src/backend/webgpu/adapter';

let opened: Promise<GPU> | undefined;

async function open(): Promise<GPU> {
  const found = await findGpu();
  if ('reason' in found) throw new Error(found.reason);
  if (!(await found.gpu.requestAdapter())) {
    throw new Error(
      `${found.implementation} found no adapter; outside of browsers it needs a Vulkan driver, ` +
        'which VK_ICD_FILENAMES may name',
    );
  }
  return found.gpu;
}

/** The one `GPU` of this test process. Rejects when there is none, or when it has no adapter. */
export function requestGpu(): Promise<GPU> {
  opened ??= open();
  return opened;
}
