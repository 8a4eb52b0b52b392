import type { Kernel, ParamKind, Params } from '../kernel';

/** Bytes from one parameter block to the next: WebGPU's alignment of dynamic offsets. */
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

/**
 * Parameter blocks of the commands not yet submitted. They are written with one call before the
 * submit; the queue keeps the order, so that the next batch may reuse the buffer at once.
 */
export class ParamBlocks {
  readonly group: GPUBindGroup;
  readonly #device: GPUDevice;
  readonly #buffer: GPUBuffer;
  readonly #staging = new Uint8Array(BLOCK_BYTES * BLOCKS);
  #used = 0;

  constructor(device: GPUDevice, layout: GPUBindGroupLayout) {
    this.#device = device;
    this.#buffer = device.createBuffer({
      label: 'params',
      size: BLOCK_BYTES * BLOCKS,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.group = device.createBindGroup({
      layout,
      entries: [{ binding: 0, resource: { buffer: this.#buffer, size: BLOCK_BYTES } }],
    });
  }

  get full(): boolean {
    return this.#used === BLOCKS;
  }

  /** Takes a block; returns its offset. */
  push(packed: Uint8Array): number {
    const offset = this.#used++ * BLOCK_BYTES;
    this.#staging.set(packed, offset);
    return offset;
  }

  /** To be called right before the submit. */
  upload(): void {
    this.#device.queue.writeBuffer(this.#buffer, 0, this.#staging, 0, this.#used * BLOCK_BYTES);
    this.#used = 0;
  }
}

/** The parameter blocks of a recording: written once, and the same at every replay. */
export class RecordedParams {
  readonly #buffers: GPUBuffer[] = [];
  readonly #groups: GPUBindGroup[] = [];

  constructor(device: GPUDevice, layout: GPUBindGroupLayout, blocks: readonly Uint8Array[]) {
    for (let from = 0; from < blocks.length; from += BLOCKS) {
      const part = blocks.slice(from, from + BLOCKS);
      const buffer = device.createBuffer({
        label: 'recorded params',
        size: BLOCK_BYTES * part.length,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      const bytes = new Uint8Array(BLOCK_BYTES * part.length);
      part.forEach((block, i) => bytes.set(block, i * BLOCK_BYTES));
      device.queue.writeBuffer(buffer, 0, bytes);
      this.#buffers.push(buffer);
      this.#groups.push(
        device.createBindGroup({
          layout,
          entries: [{ binding: 0, resource: { buffer, size: BLOCK_BYTES } }],
        }),
      );
    }
  }

  /** The place of the i-th block. */
  place(i: number): { block: GPUBindGroup; offset: number } {
    return { block: this.#groups[Math.floor(i / BLOCKS)], offset: (i % BLOCKS) * BLOCK_BYTES };
  }

  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}
