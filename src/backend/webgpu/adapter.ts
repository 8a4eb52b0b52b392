import type { Limits } from '../kernel';
import { platform } from '../platform';
import type { GpuEntry } from '../platform';
import type { AdapterReport } from './adapter_report';

/** Limits beyond WebGPU's defaults that are asked for where the adapter has them. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
] as const;
/** Features that are asked for where the adapter has them. */
const FEATURES = ['subgroups'] as const;

/**
 * Threads of a workgroup under Metal. A pipeline that takes many registers has fewer than the limit says, and a dispatch of
 * more does nothing, without an error (gpuweb issue 5315).
 */
const MOST_ON_METAL = 256;

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
    limits: statedLimits(adapter, adapter.info),
  };
}

/** What an adapter or a device says that it can run. */
export function statedLimits(
  { limits, features }: Pick<GPUAdapter, 'limits' | 'features'>,
  { vendor, subgroupMinSize: least, subgroupMaxSize: most }: GPUAdapterInfo,
): Limits {
  const invocations = Math.min(
    limits.maxComputeInvocationsPerWorkgroup,
    limits.maxComputeWorkgroupSizeX,
    vendor === 'apple' ? MOST_ON_METAL : Infinity,
  );
  const workgroupBytes = limits.maxComputeWorkgroupStorageSize;
  return features.has('subgroups') && least && most
    ? { invocations, workgroupBytes, subgroups: { least, most } }
    : { invocations, workgroupBytes };
}

/** An adapter and its driver, as far as they can be told from others: what holds for one need not for the next. */
export function identityOf({
  vendor,
  architecture,
  device,
  description,
}: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>): string {
  return [vendor, architecture, device, description].filter(Boolean).join(' ') || 'GPU';
}

/** What a device is asked for: all that kernels can use of the adapter. */
export function requestOf(adapter: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
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

/** That there is none, and what that may come of. */
export function noAdapter(): string {
  const { driverHint = '' } = platform();
  return `no WebGPU adapter was found: no GPU, no driver, or a blocked one${driverHint}`;
}
