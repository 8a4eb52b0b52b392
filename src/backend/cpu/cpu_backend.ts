import { DeviceLostError, OutOfMemoryError } from '../../errors';
import { bytesPerElement, hostArray } from '../dtype';
import type { Backend, DeviceBuffer, Recording } from '../backend';
import type { DType, NumberArray } from '../dtype';
import { Pool } from '../pool';
import { kindOf, markStale, Recorder, refuse } from '../recorder';
import type { Recordable } from '../recorder';
import type { Arrays, Bindings, Kernel, Params, ParamValues, Simd } from '../kernel';
import type { Engine } from './engine';
import { Lease } from './heap';
import { findEngine, whyPlain } from './load_engine';

interface Memory {
  readonly array: NumberArray;
  /** Whether it is in the memory of the WebAssembly module. */
  readonly onHeap: boolean;
}

type CpuBuffer = Recordable & Memory;

export interface CpuOptions {
  /** Runs the plain reference of every kernel, never a faster version. */
  reference?: boolean;
  /** Threads that share a large kernel; one for each core, up to eight, when left out. */
  threads?: number;
}

/**
 * Runs every kernel's CPU function at once, in this thread and those that help it. Buffers are in
 * the WebAssembly heap, where there is one with room: else kernels are plain TypeScript.
 */
export class CpuBackend implements Backend {
  readonly kind = 'cpu';
  readonly description: string;
  /** Why it is slower than it could be, if it is. */
  readonly slow: string | undefined;
  readonly dtypes = ['f32', 'f64', 'i32', 'u32'] as const;
  readonly maxBufferBytes = 2 ** 32;
  readonly partElements = 1;
  readonly lost: Promise<string>;
  dispatches = 0;
  readonly #reference: boolean;
  readonly #engine: Engine | null;
  readonly #simd: Simd | undefined;
  readonly #lease: Lease | undefined;
  /** Views and holes in the heap cost more to make than many kernels to run. */
  readonly #pool = new Pool<Memory>();
  #destroyed = false;
  #recorder: Recorder<CpuBuffer, () => void> | undefined;
  #settleLost: (reason: string) => void = () => {};

  /** After `loadEngine`, which finds what is fast here. */
  constructor({ reference = false, threads }: CpuOptions = {}) {
    this.#reference = reference;
    const engine = (this.#engine = reference ? null : findEngine());
    if (engine) {
      this.#simd = engine.simd(threads);
      this.#lease = new Lease(engine.heap);
    }
    const plain = reference ? undefined : whyPlain();
    this.slow = plain && `it computes in plain JavaScript, which is far slower: ${plain}`;
    this.description = `CPU${reference ? ' (reference kernels)' : plain ? ' (plain JavaScript)' : ''}`;
    this.lost = new Promise((resolve) => (this.#settleLost = resolve));
  }

  get threads(): number {
    return Math.min(this.#simd?.threads ?? 1, this.#engine?.threadPool.size ?? 1);
  }

  alloc(dtype: DType, length: number): CpuBuffer {
    this.#check();
    const bytes = length * bytesPerElement(dtype);
    const kind = kindOf({ dtype, length });
    const idle = this.#recorder?.take(kind);
    if (idle) return idle;
    const { array, onHeap } = this.#pool.take(kind, bytes) ?? this.#fresh(dtype, length);
    const buffer: CpuBuffer = { dtype, length, array, onHeap };
    this.#recorder?.own(buffer);
    return buffer;
  }

  free(buffer: CpuBuffer): void {
    if (this.#destroyed) return;
    markStale(buffer);
    if (buffer.owner) {
      buffer.owner.put(buffer);
      return;
    }
    const { array, onHeap } = buffer;
    this.#pool.put(kindOf(buffer), array.byteLength, { array, onHeap });
    this.#release(this.#pool.evict());
  }

  part(buffer: CpuBuffer, offset: number, length: number): CpuBuffer {
    const { dtype, array, onHeap, whole = buffer } = buffer;
    return { dtype, length, array: array.subarray(offset, offset + length), onHeap, whole };
  }

  moved(buffer: CpuBuffer): void {
    markStale(buffer);
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
    let simd = this.#simd;
    for (const name in kernel.bindings) {
      const buffer = buffers[name] as CpuBuffer;
      const { dtype, array, onHeap } = buffer;
      this.#recorder?.use(buffer);
      arrays[name] = array;
      single &&= dtype !== 'f64';
      if (!onHeap) simd = undefined;
    }
    const typed = arrays as Arrays<B>;
    const fast = !this.#reference && single;
    const command = (): void => {
      this.dispatches++;
      if (fast && kernel.fastCpu?.(typed, params, simd)) return;
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
      get bytes() {
        return recorder.bytes;
      },
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

  read(buffer: CpuBuffer, length?: number): Promise<NumberArray> {
    this.#check();
    refuse(this.#recorder, 'reads a value');
    return Promise.resolve(buffer.array.slice(0, length));
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  pooledBytes(): number {
    return this.#pool.bytes;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#pool.clear();
    this.#lease?.close();
    this.#settleLost('destroyed');
  }

  #fresh(dtype: DType, length: number): Memory {
    const found = this.#find(dtype, length);
    if (found) return found;
    // What is kept for reuse may be what is missing.
    this.#release(this.#pool.clear());
    const array = this.#lease?.array(dtype, length);
    if (array) return { array, onHeap: true };
    try {
      return { array: hostArray(dtype, length), onHeap: false };
    } catch {
      throw new OutOfMemoryError(
        `no memory for ${length} x ${dtype}; use a smaller batch, sequence or layer`,
      );
    }
  }

  #find(dtype: DType, length: number): Memory | undefined {
    const array = this.#lease?.array(dtype, length);
    if (array) return { array, onHeap: true };
    if (this.#lease) return undefined;
    try {
      return { array: hostArray(dtype, length), onHeap: false };
    } catch {
      return undefined;
    }
  }

  #release(memories: readonly Memory[]): void {
    for (const { array, onHeap } of memories) if (onHeap) this.#lease?.free(array);
  }

  #check(): void {
    if (this.#destroyed) throw new DeviceLostError('the device was disposed; open another one');
  }
}
