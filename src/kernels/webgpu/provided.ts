import { DeviceError } from '../../errors';
import type * as WebGpu from './index';

let provided: typeof WebGpu | undefined;

/** Whoever opens a WebGPU device provides `./index` before; a page that computes on the CPU does not load it. */
export function provideWebGpu(part: typeof WebGpu): void {
  provided = part;
}

/** What kernels have for WebGPU: for `candidates`, which only WebGPU asks for. */
export function webgpu(): typeof WebGpu {
  if (!provided) {
    throw new DeviceError(
      'a kernel was given a WebGPU device that another copy of lethe opened; open the device with openDevice of the ' +
        'same copy of lethe',
    );
  }
  return provided;
}
