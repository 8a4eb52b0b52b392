import { CpuBackend } from '../backend/cpu/cpu_backend';
import { loadEngine } from '../backend/cpu/load_engine';
import { findGpu, describeAdapter, noAdapter, requestAdapter } from '../backend/webgpu/adapter';
import { ArgumentError, DeviceError } from '../errors';
import { messageOf } from '../io/reason';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { Device } from './device';

/** What `openDevice` takes besides the kind. */
export interface OpenOptions {
  /** On the CPU, run every kernel's plain reference, never a faster version. */
  reference?: boolean;
  /**
   * On the CPU, threads that share the work of a large kernel, this one among them; one for each
   * core, up to eight, when left out. Results do not depend on it. `device.threads` tells how many there are by now: a page
   * that is not cross-origin isolated has one.
   */
  threads?: number;
}

const OPEN_OPTIONS: OptionNames<OpenOptions> = { reference: 'boolean', threads: true };

/** What can be asked for. */
export const DEVICE_KINDS = ['auto', 'webgpu', 'cpu'] as const;
/** What `openDevice` can be asked for: `auto`, `webgpu` or `cpu`. */
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/**
 * Opens a device. `auto` takes WebGPU where there is a hardware adapter, else the CPU, and tells
 * why in `device.reason`; `webgpu` takes any adapter, a software one too.
 *
 * @throws DeviceError when `webgpu` is asked for and there is no adapter, or its part of Lethe cannot be loaded.
 * @throws ArgumentError for another kind, an unknown option, or a value out of range.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 *
 * const device = await openDevice('auto'); // or 'webgpu', or 'cpu'
 * console.log(device.kind, device.reason);
 * ```
 */
export async function openDevice(
  kind: DeviceKind = 'auto',
  options: OpenOptions = {},
): Promise<Device> {
  if (!DEVICE_KINDS.includes(kind)) {
    const second = typeof kind === 'object' ? '; options come second' : '';
    throw new ArgumentError(
      `device = ${describeValue(kind)}; choose one of ${DEVICE_KINDS.join(', ')}${second}`,
    );
  }
  checkOptions('openDevice', options, OPEN_OPTIONS);
  const { reference = false, threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new ArgumentError(
      `threads = ${describeValue(threads)}; a whole number above 0 is needed`,
    );
  }
  const cpu = async (reason: string): Promise<Device> => {
    if (!reference) await loadEngine();
    const backend = new CpuBackend({ reference, threads });
    return new Device(backend, [reason, backend.slow].filter(Boolean).join('; '));
  };
  if (kind === 'cpu') return cpu('asked for');

  const give = (reason: string, cause?: unknown): Promise<Device> => {
    if (kind !== 'webgpu') return cpu(reason);
    throw new DeviceError(`webgpu: ${reason}; or use the device cpu`, { cause });
  };
  const found = await findGpu();
  if ('reason' in found) return give(found.reason);
  const adapter = await requestAdapter(found.gpu);
  if (!adapter) return give(noAdapter());
  const { name, software } = describeAdapter(adapter);
  if (kind === 'auto' && software) {
    return cpu(`the only WebGPU adapter, ${name}, is software, slower than the CPU`);
  }
  let loaded;
  try {
    loaded = await import('./open_webgpu');
  } catch (cause) {
    const reason = `the part of Lethe that computes with WebGPU was not loaded (${messageOf(cause)})`;
    return give(reason, cause);
  }
  return loaded.openWebGpu(adapter, kind === 'auto' ? 'it is a hardware adapter' : 'asked for');
}
