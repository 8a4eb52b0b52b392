/// <reference lib="esnext.disposable" preserve="true" />
// Above: Symbol.dispose, which a user's `lib` may lack.

import type { Autotuner, TuningResult } from '../autotune/autotuner';
import type { Backend, CompileProgress, DeviceBuffer } from '../backend/backend';
import type { DType } from '../backend/dtype';
import { bytesPerElement } from '../backend/dtype';
import type { Bindings, Kernel, Params, ParamValues } from '../backend/kernel';
import { ArgumentError, DTypeError, OutOfMemoryError } from '../errors';
import { checkOptions, describeValue } from '../options';
import { RecordedStep } from './recorded_step';
import type { Notes, StepTensor } from './recorded_step';
import { formatShape } from './shape';
import type { Shape } from './shape';
import { Storage } from './storage';

/** What a device holds for its tensors. */
export interface MemoryInfo {
  /** Tensors not yet freed, views included. */
  liveTensors: number;
  /** Bytes that live tensors occupy; views of one buffer count once. */
  liveBytes: number;
  /** Bytes of freed buffers kept for reuse. */
  pooledBytes: number;
  /** Bytes that recorded steps keep for their replays, besides those of live tensors. */
  recordedBytes: number;
}

/** A place where tensors live and kernels run: one backend and the count of what it holds. */
export class Device {
  /** @internal */
  readonly backend: Backend;
  /** Where there is something to choose from: not on the CPU. @internal */
  readonly autotuner: Autotuner | undefined;
  /** Why this device was chosen, in one line. */
  readonly reason: string;
  #liveTensors = 0;
  #liveBytes = 0;
  #notes: Notes | undefined;
  readonly #recorded = new Set<{ readonly bytes: number }>();

  /** @internal */
  constructor(backend: Backend, reason: string, autotuner?: Autotuner) {
    this.backend = backend;
    this.autotuner = autotuner;
    this.reason = reason;
  }

  /** Which of the two backends computes. */
  get kind(): 'cpu' | 'webgpu' {
    return this.backend.kind;
  }

  /** For people: the adapter's name, or the CPU path. */
  get description(): string {
    return this.backend.description;
  }

  /**
   * On the CPU, threads that share the work of a large kernel by now, this one among them. All devices of a page or
   * process have the same ones, which start with the first kernel that is large enough: 1 before it, and where none can be
   * started. 1 on WebGPU.
   */
  get threads(): number {
    return this.backend.threads ?? 1;
  }

  /** Settles with the reason when the device is gone. */
  get lost(): Promise<string> {
    return this.backend.lost;
  }

  /** Throws DTypeError when this device does not hold such elements. */
  checkDType(dtype: DType): void {
    if (this.backend.dtypes.includes(dtype)) return;
    throw new DTypeError(
      `${this.kind} holds ${this.backend.dtypes.join(', ')}, not ${dtype}; ` +
        'use f32, or the CPU device for f64',
    );
  }

  /** What is held now: live tensors and their bytes, counted exactly, the pool, and recorded steps. */
  memory(): MemoryInfo {
    let recordedBytes = 0;
    for (const { bytes } of this.#recorded) recordedBytes += bytes;
    return {
      recordedBytes,
      liveTensors: this.#liveTensors,
      liveBytes: this.#liveBytes,
      pooledBytes: this.backend.pooledBytes(),
    };
  }

  /** Runs a kernel, in the fastest configuration that is known. @internal */
  run<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
    params: ParamValues<P>,
  ): void {
    const config = this.autotuner?.configFor(kernel, params, buffers);
    this.backend.run(kernel, buffers, params, config);
  }

  /**
   * Runs a step, and records it: its commands, in order, with the memory between them. A replay gives
   * them again, without the step's JavaScript. So whatever is to change from step to step must be in
   * tensors that stay: `inputs`, parameters, an optimiser's clock, a generator's step.
   *
   * What a step makes once and keeps (an optimiser's state) is better made before: run the step once,
   * then record it.
   *
   * @param inputs tensors that the step reads, for `replay` to give new values.
   * @throws RecordingError when the step reads a value, or takes one from the host, while it runs.
   */
  record<T>(step: () => T, inputs: readonly StepTensor[] = []): RecordedStep<T> {
    const notes: Notes = {
      checks: [],
      changed: new Set(),
      constants: [],
      reads: false,
      keepsLengths: false,
    };
    const outer = this.#notes;
    this.#notes = notes;
    try {
      const recorded = new RecordedStep(this.backend, step, inputs, notes, (ended) =>
        this.#recorded.delete(ended),
      );
      this.#recorded.add(recorded);
      return recorded;
    } finally {
      this.#notes = outer;
    }
  }

  /** What the recording under way, if there is one, is to repeat on the host. @internal */
  get notes(): Notes | undefined {
    return this.#notes;
  }

  /** Runs `body` outside the recording that is under way, if one is. @internal */
  unrecorded<T>(body: () => T): T {
    return this.backend.unrecorded(body);
  }

  /** Resolves when everything asked for so far is done. */
  finish(): Promise<void> {
    return this.backend.finish();
  }

  /**
   * Resolves when all shaders asked for so far are compiled. On WebGPU a shader compiles in the
   * background from its first use on, and all of a model's do so side by side, while commands wait
   * for them in order. So nobody must wait here: it is to show `progress` after a model's first step,
   * and to tell compiling from computing.
   *
   * @throws ShaderError when one is broken.
   */
  ready(progress?: CompileProgress): Promise<void> {
    return this.backend.ready(progress);
  }

  /**
   * Times the configurations that kernels have, for the sizes that have been run so far and
   * not yet been tried, and takes the fastest from then on: best after a model's first step, and before
   * one is recorded, as recorded steps stay as they are. What is found holds for all devices on the
   * adapter as long as the process lives; `exportTuning` and `importTuning` carry it on. Nothing is to
   * be found on the CPU.
   *
   * Another configuration rounds otherwise, so runs that must be equal to the bit should be tuned alike.
   *
   * @param options.budget milliseconds after which no further trial begins, a quarter of them for ways
   *   of several kernels together (layers one by one or as a wavefront). By default 5,000; 500 on a
   *   software adapter, and there for kernels alone.
   * @returns what was found.
   * @throws RecordingError within a step that is being recorded.
   */
  async tune(options: { budget?: number } = {}): Promise<readonly TuningResult[]> {
    checkOptions('tune', options, { budget: true });
    return (await this.autotuner?.tune(options.budget)) ?? [];
  }

  /** Whether `tune` has anything to choose from. @internal */
  get tunable(): boolean {
    return this.autotuner !== undefined;
  }

  /** Frees the device and all that lives on it. Pending reads reject. */
  dispose(): void {
    this.backend.destroy();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Throws OutOfMemoryError when a tensor of this shape passes what one buffer takes.
   *
   * @param what it is, for the message. @internal
   */
  checkFits(what: string, shape: Shape, dtype: DType): void {
    const bytes = shape.reduce((product, size) => product * size, bytesPerElement(dtype));
    if (bytes <= this.backend.maxBufferBytes) return;
    throw new OutOfMemoryError(
      `${what} of ${formatShape(shape)} needs ${bytes} bytes, and ${this.description} takes ` +
        `${this.backend.maxBufferBytes} in one buffer; use smaller sizes`,
    );
  }

  /** @internal */
  allocate(dtype: DType, length: number): Storage {
    this.checkDType(dtype);
    const bytes = length * bytesPerElement(dtype);
    if (bytes > this.backend.maxBufferBytes) {
      throw new OutOfMemoryError(
        `a tensor of ${length} x ${dtype} needs ${bytes} bytes, and ${this.description} takes ` +
          `${this.backend.maxBufferBytes} in one buffer; use a smaller batch, sequence or layer`,
      );
    }
    const buffer = this.backend.alloc(dtype, length);
    this.#liveBytes += bytes;
    return new Storage(buffer, () => {
      this.#liveBytes -= bytes;
      this.backend.free(buffer);
    });
  }

  /** @internal */
  countTensors(change: 1 | -1): void {
    this.#liveTensors += change;
  }
}

/** Throws ArgumentError for what is no device, as plain JavaScript may give. */
export function checkDevice(owner: string, device: Device): void {
  if (device instanceof Device) return;
  throw new ArgumentError(
    `${owner}: device = ${describeValue(device)}; give first what await openDevice() gives`,
  );
}
