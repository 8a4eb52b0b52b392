import { DeviceError, DeviceLostError, OutOfMemoryError, ShaderError } from '../../errors';
import { bytesPerElement, hostArray } from '../dtype';
import type { Backend, DeviceBuffer, Recording } from '../backend';
import type { DType, NumberArray } from '../dtype';
import type { Bindings, Kernel, Params, ParamValues } from '../kernel';
import { Pool } from '../pool';
import { kindOf, markFreed, Recorder, refuse } from '../recorder';
import type { Recordable } from '../recorder';
import { describeAdapter, maxBuffer } from './adapter';
import { overridesOf, ParamBlocks, RecordedParams } from './params';
import { Pipelines } from './pipelines';

interface GpuStorage extends Recordable {
  readonly buffer: GPUBuffer;
  /** Batch of commands that last used it. */
  batch: number;
}

interface GpuCommand {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  readonly params: Uint8Array<ArrayBuffer>;
}

/** A command with the place of its parameters. */
interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly block: GPUBindGroup;
  readonly offset: number;
  readonly workgroups: readonly [number, number, number];
}

const USAGE = { STORAGE: 0x80, COPY_SRC: 0x04, COPY_DST: 0x08, MAP_READ: 0x01 } as const;

/** Buffers come in multiples of this many bytes, so that freed ones fit again, and none is empty. */
const GRAIN = 256;

/** Limits beyond WebGPU's defaults that are asked for where the adapter has them. */
const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const;

/**
 * Runs kernels on a WebGPU device. Commands gather in one compute pass and are submitted when
 * something is read, when a buffer that they use is to be overwritten, or when there are many.
 */
export class WebGpuBackend implements Backend {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly dtypes = ['f32', 'i32', 'u32'] as const;
  readonly maxBufferBytes: number;
  readonly lost: Promise<string>;
  dispatches = 0;
  readonly #device: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #params: ParamBlocks;
  readonly #pool = new Pool<GPUBuffer>();
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** The pass's pipeline. */
  #current: GPUComputePipeline | undefined;
  #batch = 1;
  #recorder: Recorder<GpuStorage, GpuCommand> | undefined;
  #error: DeviceError | undefined;
  #gone: string | undefined;

  private constructor(device: GPUDevice, description: string) {
    this.#device = device;
    this.description = description;
    this.maxBufferBytes = maxBuffer(device.limits);
    // The shader's own report tells more than what followed from it.
    this.#pipelines = new Pipelines(device, (error) => (this.#error = error));
    this.#params = new ParamBlocks(device, this.#pipelines.paramsLayout);
    this.lost = device.lost.then(({ reason, message }) => {
      this.#gone = `${reason}${message ? `: ${message}` : ''}`;
      return this.#gone;
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#error ??=
        error.constructor.name === 'GPUOutOfMemoryError'
          ? new OutOfMemoryError(`${error.message}; use a smaller batch, sequence or layer`)
          : new ShaderError(error.message);
    });
  }

  /** A device of `adapter` with the largest buffers it gives. */
  static async open(adapter: GPUAdapter): Promise<WebGpuBackend> {
    const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
    const device = await adapter.requestDevice({ requiredLimits });
    return new WebGpuBackend(device, describeAdapter(adapter).name);
  }

  alloc(dtype: DType, length: number): GpuStorage {
    this.#check();
    const size = grained(length * bytesPerElement(dtype));
    if (size > this.maxBufferBytes) {
      throw new OutOfMemoryError(`${size} bytes; ${this.maxBufferBytes} fit in one buffer`);
    }
    const idle = this.#recorder?.take(kindOf({ dtype, length }));
    if (idle) return idle;
    const pooled = this.#pool.take(String(size), size);
    const buffer =
      pooled ??
      this.#device.createBuffer({
        size,
        usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST,
      });
    // A pooled one may stand in commands not yet submitted.
    const storage: GpuStorage = { dtype, length, buffer, batch: pooled ? this.#batch : 0 };
    this.#recorder?.keep(storage);
    return storage;
  }

  free(storage: GpuStorage): void {
    if (this.#gone !== undefined) return;
    markFreed(storage);
    if (storage.keeper) storage.keeper.put(storage);
    else this.#pool.put(String(storage.buffer.size), storage.buffer.size, storage.buffer);
  }

  write(storage: GpuStorage, data: NumberArray): void {
    this.#check();
    refuse(this.#recorder, 'takes values from the host');
    if (storage.batch === this.#batch) this.#submit();
    this.#device.queue.writeBuffer(storage.buffer, 0, data as Float32Array<ArrayBuffer>);
  }

  run<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
    params: ParamValues<P>,
  ): void {
    this.#check();
    const plan = kernel.variants?.(params).plans[0] ?? kernel;
    const launches = plan.launch(params);
    if (launches.length === 0) return;
    const erased = kernel as unknown as Kernel;
    const bound = Object.keys(kernel.bindings).map((name) => buffers[name] as GpuStorage);
    const scratch = plan.scratch && this.alloc('f32', plan.scratch(params));
    if (scratch) bound.push(scratch);
    for (const storage of bound) this.#recorder?.use(storage);
    const group = this.#device.createBindGroup({
      layout: this.#pipelines.groupLayout(erased, plan),
      entries: bound.map(({ buffer }, binding) => ({ binding, resource: { buffer } })),
    });
    for (const { entry = 'main', workgroups, params: own } of launches) {
      const values: Record<string, number | readonly number[]> = own
        ? { ...params, ...own }
        : params;
      const pipeline = this.#pipelines.get(erased, plan, entry, overridesOf(erased, values));
      if (this.#params.full) this.#submit();
      for (const storage of bound) storage.batch = this.#batch;
      const offset = this.#params.push(kernel.params, values);
      const block = this.#params.group;
      this.#encode({ pipeline, group, block, offset, workgroups });
      this.#recorder?.commands.push({
        ...{ pipeline, group, workgroups },
        params: this.#params.copy(offset),
      });
    }
    if (scratch) this.free(scratch);
  }

  record(body: () => void): Recording {
    this.#check();
    refuse(this.#recorder, 'begins another recording');
    const recorder = new Recorder<GpuStorage, GpuCommand>();
    this.#recorder = recorder;
    try {
      body();
    } catch (error) {
      for (const storage of recorder.close()) this.free(storage);
      throw error;
    } finally {
      this.#recorder = undefined;
    }
    const params = new RecordedParams(
      this.#device,
      this.#pipelines.paramsLayout,
      recorder.commands.map((command) => command.params),
    );
    const commands = recorder.commands.map(({ pipeline, group, workgroups }, i) => {
      return { pipeline, group, workgroups, ...params.block(i) };
    });
    return {
      dispatches: commands.length,
      get stale() {
        return recorder.stale;
      },
      replay: () => {
        this.#check();
        recorder.check();
        refuse(this.#recorder, 'replays another');
        for (const command of commands) this.#encode(command);
        this.#submit();
      },
      free: () => {
        if (recorder.closed || this.#gone !== undefined) return;
        for (const storage of recorder.close()) this.free(storage);
        params.destroy();
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

  async read(storage: GpuStorage): Promise<NumberArray> {
    this.#check();
    refuse(this.#recorder, 'reads a value');
    const result = hostArray(storage.dtype, storage.length);
    const size = Math.max(result.byteLength, 4);
    const staging = this.#device.createBuffer({ size, usage: USAGE.MAP_READ | USAGE.COPY_DST });
    this.#endPass();
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(storage.buffer, 0, staging, 0, size);
    this.#submit();
    try {
      await staging.mapAsync(GPUMapMode.READ);
      new Uint8Array(result.buffer).set(
        new Uint8Array(staging.getMappedRange(), 0, result.byteLength),
      );
    } catch (error) {
      await this.#explain(error);
    } finally {
      staging.destroy();
    }
    await this.#pipelines.compiled;
    this.#throwError();
    return result;
  }

  async finish(): Promise<void> {
    this.#check();
    this.#submit();
    await this.#device.queue.onSubmittedWorkDone();
    await this.#pipelines.compiled;
    this.#check();
  }

  pooledBytes(): number {
    return this.#pool.bytes;
  }

  destroy(): void {
    this.#gone = 'destroyed';
    this.#device.destroy();
    this.#pool.clear();
  }

  #encode({ pipeline, group, block, offset, workgroups }: Dispatch): void {
    this.#encoder ??= this.#device.createCommandEncoder();
    if (!this.#pass) {
      this.#pass = this.#encoder.beginComputePass();
      this.#current = undefined;
    }
    if (this.#current !== pipeline) this.#pass.setPipeline(pipeline);
    this.#current = pipeline;
    this.#pass.setBindGroup(0, group);
    this.#pass.setBindGroup(1, block, [offset]);
    this.#pass.dispatchWorkgroups(...workgroups);
    this.dispatches++;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }

  #submit(): void {
    if (!this.#encoder) return;
    this.#endPass();
    this.#params.upload();
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#batch++;
    // Only now: a buffer that waiting commands use must not be destroyed.
    for (const buffer of this.#pool.evict()) buffer.destroy();
  }

  /** Throws what went wrong. */
  #check(): void {
    if (this.#gone !== undefined) {
      throw new DeviceLostError(`the GPU device is gone (${this.#gone}); open another one`);
    }
    // A broken shader makes errors at once, and its line is known a little later.
    if (!this.#pipelines.compiling) this.#throwError();
  }

  /**
   * An error stays: with a refused command the rest of its batch is lost, and nothing computed since
   * can be trusted.
   */
  #throwError(): void {
    if (this.#error) throw this.#error;
  }

  /** A failed read, by its cause: the device is gone, or an earlier command was refused. */
  async #explain(error: unknown): Promise<never> {
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 100));
    await Promise.race([this.#device.lost, patience]);
    this.#check();
    throw new DeviceError(`the GPU did not give a value back: ${String(error)}`);
  }
}

function grained(bytes: number): number {
  return Math.max(Math.ceil(bytes / GRAIN), 1) * GRAIN;
}
