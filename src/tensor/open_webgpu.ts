import { WebGpuBackend } from '../backend/webgpu/webgpu_backend';
import * as webgpu from '../kernels/webgpu/index';
import { provideWebGpu } from '../kernels/webgpu/provided';
import { Device } from './device';

/**
 * Opens a WebGPU device. With all shaders, and what writes them out, which nobody loads who computes on the CPU.
 *
 * @param request by default for all that kernels can use of the adapter.
 */
export async function openWebGpu(
  adapter: GPUAdapter,
  reason: string,
  request?: GPUDeviceDescriptor,
): Promise<Device> {
  provideWebGpu(webgpu);
  return new Device(await WebGpuBackend.open(adapter, request), reason);
}
