import { PARAMS_BINDING } from '../kernel';
import type { ParamBlock, ParamBlocks } from './params';
import type { PipelineSlot } from './pipelines';

/** One dispatch: a pipeline, and one bind group of buffers and parameters. */
export interface Command {
  readonly slot: PipelineSlot;
  readonly group: GPUBindGroup;
  /** Without trailing ones: each number that WebGPU is given takes its time. */
  readonly workgroups: readonly [number, ...number[]];
}

/** One dispatch whose parameters have no place yet. */
export interface Call {
  readonly slot: PipelineSlot;
  readonly layout: GPUBindGroupLayout;
  readonly buffers: readonly GPUBufferBinding[];
  readonly params: Uint8Array;
  readonly workgroups: readonly [number, number, number];
}

/** The command of a call with its parameters at `block`. */
export function commandOf(
  device: GPUDevice,
  { slot, layout, buffers, workgroups }: Call,
  block: ParamBlock,
): Command {
  const entries: GPUBindGroupEntry[] = buffers.map((resource, binding) => ({ binding, resource }));
  entries.push({ binding: PARAMS_BINDING, resource: block });
  const [x, y, z] = workgroups;
  return {
    slot,
    group: device.createBindGroup({ layout, entries }),
    workgroups: z !== 1 ? workgroups : y !== 1 ? [x, y] : [x],
  };
}

/**
 * Gathers commands in one compute pass, and submits them.
 *
 * A command whose pipeline is not yet made is held back, and with it everything that comes after,
 * until all pipelines are there: so the first commands of a model ask for all its pipelines at once,
 * which are made side by side, and nobody has to wait in between.
 */
export class Commands {
  /** The number of the batch that gathers now. */
  batch = 1;
  readonly #device: GPUDevice;
  readonly #params: ParamBlocks;
  readonly #submitted: () => void;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** The pass's pipeline. */
  #current: GPUComputePipeline | undefined;
  #held: (() => void)[] | undefined;
  #waiting: (() => void)[] = [];

  /** `submitted` is called after a submit that leaves nothing held back. */
  constructor(device: GPUDevice, params: ParamBlocks, submitted: () => void) {
    this.#device = device;
    this.#params = params;
    this.#submitted = submitted;
  }

  /** Whether something is held back. */
  get holding(): boolean {
    return this.#held !== undefined;
  }

  /** Does something in the order of commands: at once, or behind those held back. */
  inOrder(action: () => void): void {
    if (this.#held) this.#held.push(action);
    else action();
  }

  /** Holds back what is given from now on, unless the pipeline is there. */
  needs(slot: PipelineSlot): void {
    if (!slot.pipeline) this.#held ??= [];
  }

  /** Resolves when nothing is held back. */
  async caughtUp(): Promise<void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** To be called when all pipelines are there. */
  release(): void {
    const held = this.#held ?? [];
    for (const action of held) action();
    this.drop();
  }

  /** Forgets what is held back: it can never run. */
  drop(): void {
    this.#held = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Adds a dispatch to the pass, its parameters to those of the batch. Only in order. */
  call(call: Call): void {
    if (this.#params.full) this.submit();
    this.encode(commandOf(this.#device, call, this.#params.push(call.params)));
  }

  /** Adds a dispatch to the pass. Only in order. */
  encode({ slot, group, workgroups }: Command): void {
    this.#encoder ??= this.#device.createCommandEncoder();
    if (!this.#pass) {
      this.#pass = this.#encoder.beginComputePass();
      this.#current = undefined;
    }
    const pipeline = slot.pipeline!;
    if (this.#current !== pipeline) this.#pass.setPipeline(pipeline);
    this.#current = pipeline;
    this.#pass.setBindGroup(0, group);
    this.#pass.dispatchWorkgroups(...workgroups);
  }

  /** Copies to a buffer that is no kernel's. Only in order. */
  copy(from: GPUBuffer, offset: number, to: GPUBuffer, size: number): void {
    this.#endPass();
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(from, offset, to, 0, size);
  }

  /** Only in order. */
  submit(): void {
    if (!this.#encoder) return;
    this.#endPass();
    this.#params.upload();
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.batch++;
    if (!this.#held) this.#submitted();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
