import { DeviceLostError, OutOfMemoryError } from '../../errors';
import { bytesPerElement, hostArray } from '../dtype';
import type { Backend, DeviceBuffer, Recording, Trial } from '../backend';
import type { DType, NumberArray } from '../dtype';
import { Pool } from '../pool';
import { kindOf, markFreed, Recorder, refuse } from '../recorder';
import type { Recordable } from '../recorder';
import type { Arrays, Bindings, Kernel, Params, ParamValues } from '../kernel';

interface CpuBuffer extends Recordable {
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
  #recorder: Recorder<CpuBuffer, () => void> | undefined;
  #settleLost: (reason: string) => void = () => {};

  constructor({ reference = false }: CpuOptions = {}) {
    this.#reference = reference;
    this.description = reference ? 'CPU (reference kernels)' : 'CPU';
    this.lost = new Promise((resolve) => (this.#settleLost = resolve));
  }

  alloc(dtype: DType, length: number): CpuBuffer {
    this.#check();
    const bytes = length * bytesPerElement(dtype);
    const kind = kindOf({ dtype, length });
    const idle = this.#recorder?.take(kind);
    if (idle) return idle;
    const array = this.#pool.take(kind, bytes) ?? this.#fresh(dtype, length);
    const buffer: CpuBuffer = { dtype, length, array };
    this.#recorder?.keep(buffer);
    return buffer;
  }

  free(buffer: CpuBuffer): void {
    if (this.#destroyed) return;
    markFreed(buffer);
    if (buffer.keeper) {
      buffer.keeper.put(buffer);
      return;
    }
    this.#pool.put(kindOf(buffer), buffer.array.byteLength, buffer.array);
    this.#pool.evict();
  }

  write(buffer: CpuBuffer, data: NumberArray): void {
    this.#check();
    refuse(this.#recorder, 'takes values from the host');
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
      const buffer = buffers[name] as CpuBuffer;
      const { dtype, array } = buffer;
      this.#recorder?.use(buffer);
      arrays[name] = array;
      single &&= dtype !== 'f64';
    }
    const typed = arrays as Arrays<B>;
    const fast = !this.#reference && single;
    const command = (): void => {
      this.dispatches++;
      if (fast && kernel.fastCpu?.(typed, params)) return;
      kernel.cpu(typed, params);
    };
    command();
    this.#recorder?.commands.push(command);
  }

  record(body: () => void): Recording {
    this.#check();
    refuse(this.#recorder, 'begins another recording');
    const recorder = new Recorder<CpuBuffer, () => void>();
    this.#recorder = recorder;
    try {
      body();
    } catch (error) {
      for (const buffer of recorder.close()) this.free(buffer);
      throw error;
    } finally {
      this.#recorder = undefined;
    }
    return {
      dispatches: recorder.commands.length,
      get stale() {
        return recorder.stale;
      },
      replay: () => {
        this.#check();
        recorder.check();
        refuse(this.#recorder, 'replays another');
        for (const command of recorder.commands) command();
      },
      free: () => {
        if (recorder.closed) return;
        for (const buffer of recorder.close()) this.free(buffer);
      },
    };
  }

  unrecorded<T>(body: () => T): T {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    try {
      return body();
    } finally {
      this.#recorder = recorder;
    }
  }

  read(buffer: CpuBuffer): Promise<NumberArray> {
    this.#check();
    refuse(this.#recorder, 'reads a value');
    return Promise.resolve(buffer.array.slice());
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  tune(): Promise<readonly Trial[]> {
    return Promise.resolve([]);
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
