import type { DType, NumberArray } from './dtype';
import type { Bindings, Kernel, KernelConfig, Limits, Params, ParamValues } from './kernel';

/** Memory on a backend. Opaque above it. */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** In elements. */
  readonly length: number;
}

/** Hears how many of the pipelines asked for so far are compiled. */
export type CompileProgress = (done: number, total: number) => void;

/** What a backend with kernel configurations to choose from gives an autotuner. */
export interface Tunable {
  /** True for an adapter that computes in software: nothing is quick there, and no clock falls. */
  readonly software: boolean;
  /** The adapter and its driver: what trials find holds for the two. */
  readonly adapter: string;
  /** What kernels choose their configurations by. */
  readonly limits: Limits;
  /** Choices that come with the library, by kernel and size class: for as long as nothing was tried. */
  readonly shipped: Readonly<Record<string, string>>;
  /**
   * Runs trials; then memory that only they needed is not kept for reuse.
   *
   * @throws RecordingError in a recording.
   */
  trials<T>(body: () => Promise<T>): Promise<T>;
  /**
   * Times candidates against one another: the least milliseconds of a run of each.
   *
   * @param run gives the commands of the candidate of that index, from 0.
   * @param end of `performance.now()`; past it no further round begins.
   */
  times(run: (candidate: number) => void, count: number, end: number): Promise<number[]>;
}

/** Commands that can be given again. */
export interface Recording {
  /** Dispatches in it (on the CPU, kernels). */
  readonly dispatches: number;
  /** Bytes of the memory that it keeps for its replays. */
  readonly bytes: number;
  /** True once it can no longer be replayed, because something it uses was freed or moved. */
  readonly stale: boolean;
  /** @throws RecordingError once it is stale or freed. */
  replay(): void;
  free(): void;
}

/**
 * What can allocate, write, read and run kernels. It knows nothing of shapes, graphs or gradients,
 * keeps no count of who uses a buffer, and never waits, but for `read` and `finish`.
 *
 * Commands take effect in the order they are given.
 */
export interface Backend {
  readonly kind: 'cpu' | 'webgpu';
  /** For people: the adapter's name, or the CPU path. */
  readonly description: string;
  /** Threads that share the work of a large kernel by now, this one among them; one where undefined. */
  readonly threads?: number;
  readonly dtypes: readonly DType[];
  /** Largest buffer, in bytes. */
  readonly maxBufferBytes: number;
  /** Dispatches so far (on the CPU, kernels run), for measurements. */
  readonly dispatches: number;
  /** Undefined where a kernel has no configurations to choose from, as on the CPU. */
  readonly tunable?: Tunable;

  /** Parts of a buffer begin at multiples of so many elements. */
  readonly partElements: number;

  /** The contents are undefined. Throws OutOfMemoryError past `maxBufferBytes`. */
  alloc(dtype: DType, length: number): DeviceBuffer;
  free(buffer: DeviceBuffer): void;
  /**
   * `length` elements of a buffer from `offset` on, which is the buffer's memory and is freed with it. One
   * kernel does not write one part and use another.
   */
  part(buffer: DeviceBuffer, offset: number, length: number): DeviceBuffer;
  /** To be called when what was in a buffer lives elsewhere from now on: recordings that use it are stale. */
  moved(buffer: DeviceBuffer): void;
  /** Copies `data` over the first elements of `buffer`. */
  write(buffer: DeviceBuffer, data: NumberArray): void;
  /** @param config the first of the kernel's candidates when left out. The CPU has no use for it. */
  run<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
    params: ParamValues<P>,
    config?: KernelConfig<P>,
  ): void;
  /**
   * Runs `body`, and notes the commands it gives, so that they can be given again at little cost.
   * Memory allocated meanwhile belongs to the recording until that is freed.
   *
   * @throws RecordingError for a `read`, a `write` or another `record` in `body`.
   */
  record(body: () => void): Recording;
  /** Runs `body` as if nothing were recorded: for what is made once and stays. */
  unrecorded<T>(body: () => T): T;
  /** A copy of the first `length` numbers, or of all, once all earlier commands are done. */
  read(buffer: DeviceBuffer, length?: number): Promise<NumberArray>;
  /** Resolves when all earlier commands are done. */
  finish(): Promise<void>;
  /**
   * Resolves when every shader that earlier commands need is compiled. They compile in the
   * background, side by side, and commands wait for them in order; so nobody must wait here.
   *
   * @throws ShaderError when one is broken.
   */
  ready(progress?: CompileProgress): Promise<void>;
  /** Bytes kept for reuse beyond what is allocated. */
  pooledBytes(): number;
  /** Gives everything back. Pending reads reject; later calls throw DeviceLostError. */
  destroy(): void;
  /** Settles when the device is gone, with the reason. Never on the CPU before `destroy`. */
  readonly lost: Promise<string>;
}
