import { arrayAt, bytesPerElement } from '../dtype';
import type { DType, NumberArray } from '../dtype';
import { FreeList } from './free_list';

const PAGE_BYTES = 65_536;

/** A cache line, so that no two threads write to one. */
const ALIGNMENT_BYTES = 64;

/** The least that the memory grows by. */
const MIN_GROWTH_BYTES = 4 * 2 ** 20;

/** Pages of the largest memory: all that 32 bits address, or what the engine grants. */
const MAXIMA = [65_536, 32_768, 16_384, 8192] as const;

/**
 * One WebAssembly memory, in which devices have their buffers. It is shared: workers see it, and the
 * views of it last while it grows. It never shrinks; what is given back is used again.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #free = new FreeList();
  readonly #maximum: number;
  #bytes: number;

  /**
   * @param reserved bytes at the start that the heap leaves alone.
   * @throws when the engine grants no such memory.
   */
  constructor(reserved: number, maxima: readonly number[] = MAXIMA) {
    const initial = Math.ceil(reserved / PAGE_BYTES);
    const { memory, maximum } = largest(initial, maxima);
    this.memory = memory;
    this.#maximum = maximum * PAGE_BYTES;
    this.#bytes = initial * PAGE_BYTES;
  }

  /** Bytes at the moment, used or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that could be taken without growing. */
  get idleBytes(): number {
    return this.#free.bytes;
  }

  /** The address of `bytes` of memory, undefined contents; undefined when there is not so much. */
  take(bytes: number): number | undefined {
    const size = rounded(bytes);
    const start = this.#free.take(size);
    if (start !== undefined) return start;
    return this.#grow(size - this.#free.endingAt(this.#bytes)) ? this.#free.take(size) : undefined;
  }

  /** Gives back what `take` gave for so many bytes. */
  give(start: number, bytes: number): void {
    this.#free.give(start, rounded(bytes));
  }

  /** A view of what `take` gave. */
  view(dtype: DType, start: number, length: number): NumberArray {
    return arrayAt(dtype, this.memory.buffer, start, length);
  }

  #grow(missing: number): boolean {
    for (const wanted of [Math.max(missing, MIN_GROWTH_BYTES), missing]) {
      const pages = Math.ceil(wanted / PAGE_BYTES);
      if (this.#bytes + pages * PAGE_BYTES > this.#maximum) continue;
      try {
        this.memory.grow(pages);
      } catch {
        continue;
      }
      this.#free.give(this.#bytes, pages * PAGE_BYTES);
      this.#bytes += pages * PAGE_BYTES;
      return true;
    }
    return false;
  }
}

function rounded(bytes: number): number {
  return Math.max(ALIGNMENT_BYTES, Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES);
}

function largest(initial: number, maxima: readonly number[]) {
  let refusal: unknown;
  for (const maximum of maxima) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared: true }), maximum };
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Arrays nobody holds any more, not even a pool: their memory is free. */
const forgotten = new FinalizationRegistry<{ lease: Lease; start: number }>(({ lease, start }) =>
  lease.forget(start),
);

/** What one device has of a heap. */
export class Lease {
  readonly #heap: Heap;
  /** Bytes by address. Not the arrays: those that are lost without being freed must be collected. */
  readonly #held = new Map<number, number>();

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** An array with undefined contents; undefined when the heap is full. */
  array(dtype: DType, length: number): NumberArray | undefined {
    const bytes = length * bytesPerElement(dtype);
    const start = this.#heap.take(bytes);
    if (start === undefined) return undefined;
    const array = this.#heap.view(dtype, start, length);
    this.#held.set(start, bytes);
    forgotten.register(array, { lease: this, start }, array);
    return array;
  }

  free(array: NumberArray): void {
    forgotten.unregister(array);
    this.forget(array.byteOffset);
  }

  /** @internal */
  forget(start: number): void {
    const bytes = this.#held.get(start);
    if (bytes === undefined) return;
    this.#held.delete(start);
    this.#heap.give(start, bytes);
  }

  /** Gives everything back; the arrays must not be used any more. */
  close(): void {
    for (const start of [...this.#held.keys()]) this.forget(start);
  }
}
