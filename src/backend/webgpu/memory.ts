import { bytesPerElement } from '../dtype';
import type { Recordable } from '../recorder';

/** A buffer of the GPU, which may be one tensor's after another's. */
export interface Memory {
  readonly buffer: GPUBuffer;
  /** Batch of commands that last used it. */
  batch: number;
}

export interface GpuStorage extends Recordable {
  readonly memory: Memory;
  /** Of a part, where it begins, in bytes. */
  readonly offset?: number;
}

export const USAGE = { STORAGE: 0x80, COPY_SRC: 0x04, COPY_DST: 0x08, MAP_READ: 0x01 } as const;

/** Buffers come in multiples of this many bytes, so that freed ones fit again, and none is empty. */
const GRANULE_BYTES = 256;

/** The bytes of the buffer for so many. */
export function grained(bytes: number): number {
  return Math.max(Math.ceil(bytes / GRANULE_BYTES), 1) * GRANULE_BYTES;
}

/** Parts begin at multiples of so many elements of four bytes: as every adapter can bind them. */
export const PART_ELEMENTS = GRANULE_BYTES / 4;

export function partOf(storage: GpuStorage, from: number, length: number): GpuStorage {
  const { dtype, memory, offset = 0, whole = storage } = storage;
  return { dtype, length, memory, offset: offset + from * bytesPerElement(dtype), whole };
}

/** What a bind group has of it: whole granules, as a buffer has. */
export function bindingOf({ dtype, length, memory, offset }: GpuStorage): GPUBufferBinding {
  const { buffer } = memory;
  if (offset === undefined) return { buffer };
  return { buffer, offset, size: grained(length * bytesPerElement(dtype)) };
}
