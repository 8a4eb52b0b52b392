import type { Kernel, ParamKind, Params } from '../kernel';

/** Bytes from one parameter block to the next: WebGPU's alignment of uniform buffers. */
export const BLOCK_BYTES = 256;
/** Blocks in the buffer; when they are used up the commands so far are submitted. */
const BLOCKS = 256;

const SIZE: Record<Exclude<ParamKind, 'override'>, { bytes: number; align: number }> = {
  u32: { bytes: 4, align: 4 },
  i32: { bytes: 4, align: 4 },
  f32: { bytes: 4, align: 4 },
  u32x8: { bytes: 32, align: 16 },
};

/** The `Params` struct of a kernel, as WGSL lays it out. */
export function packParams(
  params: Params,
  values: Readonly<Record<string, number | readonly number[]>>,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(BLOCK_BYTES));
  let at = 0;
  for (const name in params) {
    const kind = params[name];
    if (kind === 'override') continue;
    const { bytes, align } = SIZE[kind];
    at = Math.ceil(at / align) * align;
    const value = values[name];
    if (typeof value !== 'number') {
      value.forEach((word, i) => view.setUint32(at + 4 * i, word, true));
    } else if (kind === 'f32') view.setFloat32(at, value, true);
    else if (kind === 'i32') view.setInt32(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer, 0, at);
}

/** The values that specialise a pipeline. */
export function overridesOf(
  kernel: Kernel,
  values: Readonly<Record<string, number | readonly number[]>>,
): Record<string, number> {
  const overrides: Record<string, number> = {};
  for (const name in kernel.params) {
    if (kernel.params[name] === 'override') overrides[name] = values[name] as number;
  }
  return overrides;
}

/** A place in a uniform buffer that a command's bind group has its parameters at. */
export type ParamBlock = Required<GPUBufferBinding>;

/**
 * Parameter blocks of the commands not yet submitted. They are written with one call before the
 * submit; the queue keeps the order, so that the next batch may reuse the buffer at once.
 */
export class ParamBlocks {
  readonly #device: GPUDevice;
  readonly #buffer: GPUBuffer;
  readonly #staging = new Uint8Array(BLOCK_BYTES * BLOCKS);
  #used = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#buffer = paramBuffer(device, 'params', BLOCKS);
  }

  get full(): boolean {
    return this.#used === BLOCKS;
  }

  /** Takes a block. */
  push(packed: Uint8Array): ParamBlock {
    const offset = this.#used++ * BLOCK_BYTES;
    this.#staging.set(packed, offset);
    return { buffer: this.#buffer, offset, size: BLOCK_BYTES };
  }

  /** To be called right before the submit. */
  upload(): void {
    if (this.#used === 0) return;
    this.#device.queue.writeBuffer(this.#buffer, 0, this.#staging, 0, this.#used * BLOCK_BYTES);
    this.#used = 0;
  }
}

/** The parameter blocks of a recording: written once, and the same at every replay. */
export class RecordedParams {
  readonly #buffer: GPUBuffer;

  constructor(device: GPUDevice, blocks: readonly Uint8Array[]) {
    this.#buffer = paramBuffer(device, 'recorded params', blocks.length);
    const bytes = new Uint8Array(BLOCK_BYTES * blocks.length);
    blocks.forEach((block, i) => bytes.set(block, i * BLOCK_BYTES));
    // Deno panics over nothing to write.
    if (blocks.length > 0) device.queue.writeBuffer(this.#buffer, 0, bytes);
  }

  /** The i-th block. */
  block(i: number): ParamBlock {
    return { buffer: this.#buffer, offset: i * BLOCK_BYTES, size: BLOCK_BYTES };
  }

  destroy(): void {
    this.#buffer.destroy();
  }
}

function paramBuffer(device: GPUDevice, label: string, blocks: number): GPUBuffer {
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  return device.createBuffer({ label, size: BLOCK_BYTES * Math.max(blocks, 1), usage });
}
