/** To be imported where kernels are asked for their configurations, and nothing opens a WebGPU device by `openDevice`. */
import * as webgpu from '../../src/kernels/webgpu/index';
import { provideWebGpu } from '../../src/kernels/webgpu/provided';

provideWebGpu(webgpu);
