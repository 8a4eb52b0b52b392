import { DeviceError, OutOfMemoryError } from '../../errors';
import { bytesPerElement, hostArray } from '../dtype';
import type { Backend, CompileProgress, DeviceBuffer, Recording, Tunable } from '../backend';
import type { DType, NumberArray } from '../dtype';
import type { Bindings, Kernel, KernelConfig, Limits, Params, ParamValues } from '../kernel';
import { waitingFor } from '../platform';
import { Pool } from '../pool';
import { kindOf, markStale, Recorder, refuse } from '../recorder';
import { describeAdapter, identityOf, maxBuffer, requestOf } from './adapter';
import type { AdapterReport } from './adapter_report';
import { commandOf, Commands } from './commands';
import type { Call } from './commands';
import { Health } from './health';
import { limitsOf } from './limits';
import { bindingOf, grained, PART_ELEMENTS, partOf, USAGE } from './memory';
import type { GpuStorage, Memory } from './memory';
import { overridesOf, packParams, ParamBlocks, RecordedParams } from './params';
import { Pipelines } from './pipelines';
import { shippedFor } from './shipped';
import { timeCandidates } from './timing';

/**
 * Runs kernels on a WebGPU device. Commands gather in one compute pass and are submitted when
 * something is read, when a buffer that they use is to be overwritten, or when there are many.
 */
export class WebGpuBackend implements Backend {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly dtypes = ['f32', 'i32', 'u32'] as const;
  readonly maxBufferBytes: number;
  readonly partElements = PART_ELEMENTS;
  readonly lost: Promise<string>;
  readonly tunable: Tunable;
  dispatches = 0;
  readonly #device: GPUDevice;
  readonly #health: Health;
  readonly #pipelines: Pipelines;
  readonly #commands: Commands;
  readonly #pool = new Pool<Memory>();
  #recorder: Recorder<GpuStorage, Call> | undefined;

  private constructor(
    device: GPUDevice,
    { name, software }: AdapterReport,
    adapter: string,
    limits: Limits,
  ) {
    this.#device = device;
    this.description = name;
    this.tunable = {
      software,
      adapter,
      shipped: shippedFor(adapter),
      limits: software ? { ...limits, software } : limits,
      trials: async (body) => {
        this.#check();
        refuse(this.#recorder, 'begins a trial of kernels');
        const result = await body();
        this.#pool.settle();
        return result;
      },
      times: (run, count, end) => timeCandidates(this, run, count, end),
    };
    this.maxBufferBytes = maxBuffer(device.limits);
    this.#pipelines = new Pipelines(
      device,
      (error) => this.#health.report(error),
      () => (this.#health.failed ? this.#commands.drop() : this.#commands.release()),
    );
    const params = new ParamBlocks(device);
    this.#commands = new Commands(device, params, () => {
      // Only now: a buffer that waiting commands use must not be destroyed.
      for (const { buffer } of this.#pool.evict()) buffer.destroy();
    });
    this.#health = new Health(device, () => this.#commands.drop());
    this.lost = this.#health.lost;
  }

  /** @param request by default for all that kernels can use of the adapter. */
  static async open(adapter: GPUAdapter, request = requestOf(adapter)): Promise<WebGpuBackend> {
    const device = await adapter.requestDevice(request);
    const limits = await limitsOf(device, adapter.info);
    return new WebGpuBackend(device, describeAdapter(adapter), identityOf(adapter.info), limits);
  }

  alloc(dtype: DType, length: number): GpuStorage {
    this.#check();
    const size = grained(length * bytesPerElement(dtype));
    if (size > this.maxBufferBytes) {
      throw new OutOfMemoryError(`${size} bytes; ${this.maxBufferBytes} fit in one buffer`);
    }
    const idle = this.#recorder?.take(kindOf({ dtype, length }));
    if (idle) return idle;
    const memory = this.#pool.take(String(size), size) ?? {
      buffer: this.#device.createBuffer({
        size,
        usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST,
      }),
      batch: 0,
    };
    const storage: GpuStorage = { dtype, length, memory };
    this.#recorder?.own(storage);
    return storage;
  }

  free(storage: GpuStorage): void {
    if (this.#health.gone) return;
    markStale(storage);
    const { owner, memory } = storage;
    if (owner) owner.put(storage);
    else this.#pool.put(String(memory.buffer.size), memory.buffer.size, memory);
  }

  part(storage: GpuStorage, offset: number, length: number): GpuStorage {
    return partOf(storage, offset, length);
  }

  moved(storage: GpuStorage): void {
    markStale(storage);
  }

  write({ memory, offset = 0 }: GpuStorage, data: NumberArray): void {
    this.#check();
    refuse(this.#recorder, 'takes values from the host');
    // Deno panics over nothing to write.
    if (data.length === 0) return;
    const values = (this.#commands.holding ? data.slice() : data) as Float32Array<ArrayBuffer>;
    this.#commands.inOrder(() => {
      if (memory.batch === this.#commands.batch) this.#commands.submit();
      this.#device.queue.writeBuffer(memory.buffer, offset, values);
    });
  }

  run<B extends Bindings, P extends Params>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: DeviceBuffer },
    params: ParamValues<P>,
    config: KernelConfig<P> = kernel.candidates
      ? kernel.candidates(params, this.tunable.limits).configs[0]
      : kernel,
  ): void {
    this.#check();
    const launches = config.launch(params);
    if (launches.length === 0) return;
    const erased = kernel as unknown as Kernel;
    const bound = Object.keys(kernel.bindings).map((name) => buffers[name] as GpuStorage);
    const scratch = config.scratch && this.alloc('f32', config.scratch(params));
    if (scratch) bound.push(scratch);
    for (const storage of bound) this.#recorder?.use(storage);
    const layout = this.#pipelines.groupLayout(erased, config);
    const bindings = bound.map(bindingOf);
    for (const { entry = 'main', workgroups, params: own } of launches) {
      const values: Record<string, number | readonly number[]> = own
        ? { ...params, ...own }
        : params;
      const slot = this.#pipelines.get(erased, config, entry, overridesOf(erased, values));
      const packed = packParams(kernel.params, values);
      const call = { slot, layout, buffers: bindings, params: packed, workgroups };
      this.dispatches++;
      this.#commands.needs(slot);
      this.#commands.inOrder(() => {
        this.#commands.call(call);
        for (const { memory } of bound) memory.batch = this.#commands.batch;
      });
      this.#recorder?.commands.push(call);
    }
    if (scratch) this.free(scratch);
  }

  record(body: () => void): Recording {
    this.#check();
    refuse(this.#recorder, 'begins another recording');
    const recorder = new Recorder<GpuStorage, Call>();
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
      recorder.commands.map((call) => call.params),
    );
    const commands = recorder.commands.map((call, i) =>
      commandOf(this.#device, call, params.block(i)),
    );
    return {
      dispatches: commands.length,
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
        this.dispatches += commands.length;
        this.#commands.inOrder(() => {
          for (const command of commands) this.#commands.encode(command);
          this.#commands.submit();
        });
      },
      free: () => {
        if (recorder.closed || this.#health.gone) return;
        for (const storage of recorder.close()) this.free(storage);
        this.#commands.inOrder(() => params.destroy());
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

  async read(storage: GpuStorage, length = storage.length): Promise<NumberArray> {
    this.#check();
    refuse(this.#recorder, 'reads a value');
    const result = hostArray(storage.dtype, length);
    const size = Math.max(result.byteLength, 4);
    const staging = this.#device.createBuffer({ size, usage: USAGE.MAP_READ | USAGE.COPY_DST });
    this.#commands.inOrder(() => {
      const { memory, offset = 0 } = storage;
      this.#commands.copy(memory.buffer, offset, staging, size);
      this.#commands.submit();
    });
    try {
      await this.#commands.caughtUp();
      this.#check();
      await waitingFor(() => staging.mapAsync(GPUMapMode.READ));
      new Uint8Array(result.buffer).set(
        new Uint8Array(staging.getMappedRange(), 0, result.byteLength),
      );
    } catch (error) {
      await this.#explain(error);
    } finally {
      staging.destroy();
    }
    this.#health.throwError();
    return result;
  }

  async finish(): Promise<void> {
    this.#check();
    this.#commands.inOrder(() => this.#commands.submit());
    await this.ready();
    await waitingFor(() => this.#device.queue.onSubmittedWorkDone());
    this.#check();
  }

  async ready(progress?: CompileProgress): Promise<void> {
    this.#check();
    const stop = progress && this.#pipelines.listen(progress);
    await this.#commands.caughtUp();
    stop?.();
    this.#check();
  }

  pooledBytes(): number {
    return this.#pool.bytes;
  }

  destroy(): void {
    this.#health.destroy();
    this.#device.destroy();
    this.#commands.drop();
    this.#pool.clear();
  }

  /** Throws what went wrong. */
  #check(): void {
    this.#health.checkPresent();
    // A broken shader makes errors at once, and its line is known a little later.
    if (!this.#pipelines.compiling) this.#health.throwError();
  }

  /** A failed read, by its cause: the device is gone, or an earlier command was refused. */
  async #explain(error: unknown): Promise<never> {
    await this.#health.settle();
    this.#check();
    throw new DeviceError(`the GPU did not give a value back: ${String(error)}`);
  }
}
