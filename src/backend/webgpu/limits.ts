import type { Limits } from '../kernel';
import { statedLimits } from './adapter';

/** Threads of the workgroup whose lanes are looked at. */
const THREADS = 256;

/**
 * Writes 1 for each thread whose place in its subgroup follows its local index: shuffles then reach the
 * threads that lie 1, 2, 4, ... apart in every aligned block of `least`.
 *
 * @internal
 */
export const LANES = /* wgsl */ `
enable subgroups;
override threads: u32;
override least: u32;
@group(0) @binding(0) var<storage, read_write> follows: array<u32>;

@compute @workgroup_size(threads)
fn main(@builtin(local_invocation_index) i: u32, @builtin(subgroup_invocation_id) lane: u32) {
  var right = lane % least == i % least;
  for (var bit = 1u; bit < least; bit *= 2u) {
    let other = subgroupShuffleXor(i, bit);
    right = right && other == (i ^ bit);
  }
  follows[i] = u32(right);
}
`;

/** What kernels may use of a device. Runs a small shader where the device has subgroups. */
export async function limitsOf(device: GPUDevice, info: GPUAdapterInfo): Promise<Limits> {
  const { subgroups, ...others } = statedLimits(device, info);
  if (!subgroups) return others;
  const threads = Math.min(THREADS, others.invocations);
  const follow = await lanesFollow(device, LANES, threads, subgroups.least);
  return follow ? { ...others, subgroups } : others;
}

/**
 * Whether a shader with the entry point, overrides and binding of `LANES` writes 1 for each of its threads.
 * False for one that the device refuses, and on a device that is lost.
 */
export async function lanesFollow(
  device: GPUDevice,
  code: string,
  threads: number,
  least: number,
): Promise<boolean> {
  const size = 4 * threads;
  device.pushErrorScope('validation');
  const flags = device.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const module = device.createShaderModule({ label: 'lanes', code });
    const compute = { module, entryPoint: 'main', constants: { threads, least } };
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const layout = pipeline.getBindGroupLayout(0);
    const entries = [{ binding: 0, resource: { buffer: flags } }];
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(flags, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Uint32Array(staging.getMappedRange()).every((flag) => flag === 1);
  } catch {
    return false;
  } finally {
    await device.popErrorScope().catch(() => {});
    flags.destroy();
    staging.destroy();
  }
}
