import { DeviceLostError, OutOfMemoryError } from '../../errors';
import { bytesPerElement, hostArray } from '../backend';
import type { Backend, DeviceBuffer, DType, NumberArray } from '../backend';
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
  readonly #reference: boolean;
  /** Freed arrays by dtype and length: zeroing fresh ones costs more than many kernels. */
  readonly #pool = new Map<string, NumberArray[]>();
  #pooled = 0;
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
    const pooled = this.#pool.get(`${dtype}${length}`)?.pop();
    if (pooled) {
      this.#pooled -= bytes;
      return { dtype, length, array: pooled };
    }
    try {
      return { dtype, length, array: hostArray(dtype, length) };
    } catch {
      throw new OutOfMemoryError(
        `no memory for ${bytes} bytes (${length} x ${dtype}); use a smaller batch or sequence`,
      );
    }
  }

  free(buffer: CpuBuffer): void {
    if (this.#destroyed) return;
    const key = `${buffer.dtype}${buffer.length}`;
    const arrays = this.#pool.get(key);
    if (arrays) arrays.push(buffer.array);
    else this.#pool.set(key, [buffer.array]);
    this.#pooled += buffer.array.byteLength;
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
    return this.#pooled;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#pool.clear();
    this.#pooled = 0;
    this.#settleLost('destroyed');
  }

  #check(): void {
    if (this.#destroyed) throw new DeviceLostError('the device was disposed; open another one');
  }
}
