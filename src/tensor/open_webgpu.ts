import { Autotuner } from '../autotune/autotuner';
import { WebGpuBackend } from '../backend/webgpu/webgpu_backend';
import * as webgpu from '../kernels/webgpu/index';
import { provideWebGpu } from '../kernels/webgpu/provided';
import { Device } from './device';

/**
 * Opens a WebGPU device. With the autotuner, all shaders, and what writes them out, which nobody loads who computes on
 * the CPU.
 *
 * @param request by default for all that kernels can use of the adapter.
 */
export async function openWebGpu(
  adapter: GPUAdapter,
  reason: string,
  request?: GPUDeviceDescriptor,
): Promise<Device> {
  provideWebGpu(webgpu);
  const backend = await WebGpuBackend.open(adapter, request);
  return new Device(backend, reason, new Autotuner(backend));
}
