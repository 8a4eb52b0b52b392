import { DeviceLostError, OutOfMemoryError } from '../../errors';
import { bytesPerElement, hostArray } from '../dtype';
import type { Backend, DeviceBuffer } from '../backend';
import type { DType, NumberArray } from '../dtype';
import { Pool } from '../pool';
import type { Arrays, Bindings, Kernel, Params, ParamValues } from '../kernel';

interface CpuBuffer extends DeviceBuffer {
  readonly array: NumberArray;
}

export interface CpuOptions {
  /** Runs the plain reference of every kernel, never a faster version. */
  reference?: boolean;
}

/** Runs every kernel's CPU function at once, in this thread. */
export class CpuBackend implements Backend {
  readonly kind = 'cpu';
  readonly description: string;
  readonly dtypes = ['f32', 'f64', 'i32', 'u32'] as const;
  readonly maxBufferBytes = 2 ** 32;
  readonly lost: Promise<string>;
  dispatches = 0;
  readonly #reference: boolean;
  /** Zeroing fresh arrays costs more than many kernels. */
  readonly #pool = new Pool<NumberArray>();
  #destroyed = false;
  #settleLost: (reason: string) => void = () => {};

  constructor({ reference = false }: CpuOptions = {}) {
    this.#reference = reference;
    this.description = reference ? 'CPU (reference kernels)' : 'CPU';
    this.lost = new Promise((resolve) => (this.#settleLost = resolve));
  }

  alloc(dtype: DType, length: number): CpuBuffer {
    this.#check();
    const bytes = length * bytesPerElement(dtype);
    const array = this.#pool.take(`${dtype}${length}`, bytes) ?? this.#fresh(dtype, length);
    return { dtype, length, array };
  }

  free(buffer: CpuBuffer): void {
    if (this.#destroyed) return;
    const { dtype, length, array } = buffer;
    this.#pool.put(`${dtype}${length}`, array.byteLength, array);
    this.#pool.evict();
  }

  write(buffer: CpuBuffer, data: NumberArray): void {
    this.#check();
    buffer.array.set(data);
  }

  run<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
    params: ParamValues<P>,
  ): void {
    this.#check();
    this.dispatches++;
    const arrays: Record<string, NumberArray> = {};
    let single = true;
    for (const name in kernel.bindings) {
      const { dtype, array } = buffers[name] as CpuBuffer;
      arrays[name] = array;
      single &&= dtype !== 'f64';
    }
    const typed = arrays as Arrays<B>;
    if (!this.#reference && single && kernel.fastCpu?.(typed, params)) return;
    kernel.cpu(typed, params);
  }

  read(buffer: CpuBuffer): Promise<NumberArray> {
    this.#check();
    return Promise.resolve(buffer.array.slice());
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  pooledBytes(): number {
    return this.#pool.bytes;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#pool.clear();
    this.#settleLost('destroyed');
  }

  #fresh(dtype: DType, length: number): NumberArray {
    try {
      return hostArray(dtype, length);
    } catch {
      // What is kept for reuse may be what is missing.
      this.#pool.clear();
    }
    try {
      return hostArray(dtype, length);
    } catch {
      throw new OutOfMemoryError(
        `no memory for ${length} x ${dtype}; use a smaller batch, sequence or layer`,
      );
    }
  }

  #check(): void {
    if (this.#destroyed) throw new DeviceLostError('the device was disposed; open another one');
  }
}
