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

/** A way to WebGPU, or the reason why there is none. */
export type GpuEntry = { gpu: GPU } | { reason: string };

/** What the npm package `webgpu` exports, of which a user need not have the types. */
interface DawnInNode {
  create(flags: string[]): GPU;
  globals: object;
}

/** The part of `node:fs` that is used, so that browsers need no types of Node. */
interface FileSystem {
  existsSync: (path: string) => boolean;
  readdirSync: (path: string) => string[];
}

/**
 * For Dawn in Node. It would zero workgroup memory before a shader begins, though every kernel writes
 * it before it reads it; software adapters spend most of their compile time on that.
 */
export const DAWN_FLAGS = ['enable-dawn-features=disable_workgroup_init'];

/** The feature by which shaders compute in f16. */
export const F16 = 'shader-f16';

/** Limits beyond WebGPU's defaults that are asked for where the adapter has them. */
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

let entry: Promise<GpuEntry> | undefined;

/** `navigator.gpu` in browsers and workers; in Node the npm package `webgpu` (Dawn). */
export function findGpu(): Promise<GpuEntry> {
  entry ??= locate();
  return entry;
}

async function locate(): Promise<GpuEntry> {
  const here = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (here) return { gpu: here };
  if (!('process' in globalThis) || 'document' in globalThis || 'WorkerGlobalScope' in globalThis) {
    return {
      reason:
        'this browser has no WebGPU (navigator.gpu is missing); use a current Chrome, Edge, ' +
        'Firefox or Safari over https or on localhost',
    };
  }
  if (!(await mayHaveVulkan())) return { reason: NO_ADAPTER };
  try {
    // A name that bundlers neither follow nor work out: browsers never get here.
    const name = ['web', 'gpu'].join('');
    const dawn = (await import(/* @vite-ignore */ name)) as DawnInNode;
    Object.assign(globalThis, dawn.globals);
    return { gpu: dawn.create(DAWN_FLAGS) };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `the npm package webgpu cannot be loaded (${why}); npm install webgpu` };
  }
}

/** Where Linux keeps the descriptions of its Vulkan drivers, under each data folder. */
const DRIVERS = 'vulkan/icd.d';

/**
 * False where Linux has no Vulkan driver at all. Dawn would find out too, but writes warnings to
 * the terminal as it does.
 */
async function mayHaveVulkan(): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const { env } = process;
  if (env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES || env.VK_ADD_DRIVER_FILES) return true;
  const name = 'node:fs';
  const fs = (await import(/* @vite-ignore */ name)) as FileSystem;
  const home = env.HOME ?? '';
  const folders = [
    ...(env.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':'),
    ...(env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(':'),
    '/etc',
    env.XDG_DATA_HOME ?? `${home}/.local/share`,
    env.XDG_CONFIG_HOME ?? `${home}/.config`,
  ];
  return folders
    .map((folder) => `${folder}/${DRIVERS}`)
    .some((folder) => fs.existsSync(folder) && fs.readdirSync(folder).length > 0);
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

/** Every adapter that can be told apart, the preferred one first. */
export async function listAdapters(): Promise<{ adapters: AdapterReport[]; reason?: string }> {
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
  return { adapters: [...adapters.values()], reason: adapters.size === 0 ? NO_ADAPTER : undefined };
}

export const NO_ADAPTER =
  'no WebGPU adapter was found: no GPU, no driver, or a blocked one (on Linux the Vulkan loader, ' +
  'libvulkan1, and a driver are needed)';
