import { describeAdapter, findGpu, noAdapter } from './adapter';
import type { AdapterList, AdapterReport } from './adapter_report';

/** The WebGPU that there is, and every adapter of it that can be told apart, the preferred one first. */
export async function listAdapters(): Promise<AdapterList> {
  const found = await findGpu();
  if ('reason' in found) return { adapters: [], reason: found.reason };
  const wishes: GPURequestAdapterOptions[] = [
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
    { forceFallbackAdapter: true },
  ];
  const adapters = new Map<string, AdapterReport>();
  for (const wish of wishes) {
    const adapter = await found.gpu.requestAdapter(wish);
    if (!adapter) continue;
    const report = describeAdapter(adapter);
    if (!adapters.has(report.name)) adapters.set(report.name, report);
  }
  return {
    implementation: found.implementation,
    adapters: [...adapters.values()],
    reason: adapters.size === 0 ? noAdapter() : undefined,
  };
}
