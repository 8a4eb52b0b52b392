import { platform } from '../platform';
import type { GpuEntry } from '../platform';

/** What an adapter says of itself. */
export interface AdapterReport {
  name: string;
  vendor: string;
  architecture: string;
  /** True for a software adapter: a test rig, not a GPU. */
  software: boolean;
  features: string[];
  maxBufferBytes: number;
}

/** The feature by which shaders compute in f16. */
export const F16 = 'shader-f16';

/** Limits beyond WebGPU's defaults that are asked for where the adapter has them. */
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

let entry: Promise<GpuEntry> | undefined;

/** `navigator.gpu`, or in Node the npm package `webgpu` (Dawn). */
export function findGpu(): Promise<GpuEntry> {
  entry ??= platform().findGpu();
  return entry;
}

export function describeAdapter(adapter: GPUAdapter): AdapterReport {
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'GPU';
  return {
    name,
    vendor,
    architecture,
    software: isFallbackAdapter || SOFTWARE.test(`${name} ${architecture}`),
    features: [...adapter.features].sort(),
    maxBufferBytes: maxBuffer(adapter.limits),
  };
}

/** What a device is asked for: the largest buffers that the adapter gives, and f16 if it has that. */
export function requestOf(adapter: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: adapter.features.has(F16) ? [F16] : [],
  };
}

/** The largest buffer that can also be bound. */
export function maxBuffer(limits: GPUSupportedLimits): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

/** An unused adapter, the fastest there is; a used one gives no second device. */
export async function requestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  return (
    (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ??
    (await gpu.requestAdapter({ forceFallbackAdapter: true }))
  );
}

export interface AdapterList {
  /** Whose WebGPU it is and of which version, such as `wgpu (Firefox 145.0)`; absent where there is none. */
  implementation?: string;
  adapters: AdapterReport[];
  /** Why there is no adapter. */
  reason?: string;
}

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
    reason: adapters.size === 0 ? NO_ADAPTER : undefined,
  };
}

export const NO_ADAPTER =
  'no WebGPU adapter was found: no GPU, no driver, or a blocked one (on Linux the Vulkan loader, ' +
  'libvulkan1, and a driver are needed)';
