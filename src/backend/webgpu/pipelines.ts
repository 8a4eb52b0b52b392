import { ShaderError } from '../../errors';
import { messageOf } from '../../io/reason';
import type { CompileProgress } from '../backend';
import { PARAMS_BINDING, write } from '../kernel';
import type { Kernel, KernelConfig } from '../kernel';
import { waitingFor } from '../platform';
import { withFiles } from './shader_files';

/** Where a pipeline will be once it is made. */
export interface PipelineSlot {
  pipeline?: GPUComputePipeline;
}

/** What of a configuration decides its module and its layout. */
type Shader = Pick<KernelConfig, 'source'> & { readonly scratch?: unknown };

interface Prepared {
  readonly module: GPUShaderModule;
  /** Whether the shader is broken. */
  readonly broken: Promise<boolean>;
  readonly layout: GPUPipelineLayout;
  readonly group: GPUBindGroupLayout;
  readonly slots: Map<string, PipelineSlot>;
}

/**
 * Compiles each shader once, and a pipeline for each entry point and set of overrides: in the
 * background, many at a time.
 */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #report: (error: ShaderError) => void;
  readonly #idle: () => void;
  /** By source. */
  readonly #prepared = new Map<string, Prepared>();
  readonly #listeners = new Set<CompileProgress>();
  #done = 0;
  #total = 0;

  /** `report` hears of what is broken; `idle` is called when nothing is left to be made. */
  constructor(device: GPUDevice, report: (error: ShaderError) => void, idle: () => void) {
    this.#device = device;
    this.#report = report;
    this.#idle = idle;
  }

  /** Whether a shader may still turn out to be broken. */
  get compiling(): boolean {
    return this.#done < this.#total;
  }

  /** Tells how far those are that are being made. Gives back how to end that. */
  listen(progress: CompileProgress): () => void {
    if (this.compiling) progress(this.#done, this.#total);
    this.#listeners.add(progress);
    return () => this.#listeners.delete(progress);
  }

  /** Of a kernel: its buffers, in the order of its bindings, and its parameters. */
  groupLayout(kernel: Kernel, shader: Shader): GPUBindGroupLayout {
    return this.#prepare(kernel, shader).group;
  }

  get(
    kernel: Kernel,
    shader: Shader,
    entryPoint: string,
    overrides: Readonly<Record<string, number>>,
  ): PipelineSlot {
    const prepared = this.#prepare(kernel, shader);
    const key = `${entryPoint} ${Object.values(overrides).join()}`;
    let slot = prepared.slots.get(key);
    if (!slot) {
      slot = {};
      prepared.slots.set(key, slot);
      if (!this.compiling) this.#done = this.#total = 0;
      this.#total++;
      void this.#make(kernel.name, prepared, slot, entryPoint, overrides);
    }
    return slot;
  }

  async #make(
    name: string,
    { module, layout, broken }: Prepared,
    slot: PipelineSlot,
    entryPoint: string,
    constants: Readonly<Record<string, number>>,
  ): Promise<void> {
    try {
      const compute = { module, entryPoint, constants };
      const descriptor = { label: name, layout, compute };
      slot.pipeline = await waitingFor(() => this.#device.createComputePipelineAsync(descriptor));
    } catch (error) {
      if (!(await broken))
        this.#report(new ShaderError(`shader ${name}, ${entryPoint}: ${messageOf(error)}`));
    }
    this.#done++;
    for (const listener of this.#listeners) listener(this.#done, this.#total);
    if (!this.compiling) this.#idle();
  }

  #prepare(kernel: Kernel, { source, scratch }: Shader): Prepared {
    const known = this.#prepared.get(source);
    if (known) return known;
    const code = withFiles(source);
    const module = this.#device.createShaderModule({ label: kernel.name, code });
    const group = this.#device.createBindGroupLayout({
      label: kernel.name,
      entries: groupEntries(kernel, scratch !== undefined),
    });
    const layout = this.#device.createPipelineLayout({
      label: kernel.name,
      bindGroupLayouts: [group],
    });
    const broken = this.#inspect(kernel.name, code, module);
    const prepared = { module, broken, layout, group, slots: new Map<string, PipelineSlot>() };
    this.#prepared.set(source, prepared);
    return prepared;
  }

  /** Reports the first error in a shader, and tells whether there is one. */
  async #inspect(name: string, source: string, module: GPUShaderModule): Promise<boolean> {
    try {
      const { messages } = await waitingFor(() => module.getCompilationInfo());
      const first = messages.find((message) => message.type === 'error');
      if (first) this.#report(shaderError(name, source, first));
      return first !== undefined;
    } catch {
      // The device is gone; whoever uses it next is told.
      return true;
    }
  }
}

/** The layout of a kernel's one bind group. */
export function groupEntries(
  { bindings }: Pick<Kernel, 'bindings'>,
  scratch: boolean,
): GPUBindGroupLayoutEntry[] {
  const accesses = [...Object.values(bindings), ...(scratch ? [write] : [])];
  const visibility = GPUShaderStage.COMPUTE;
  const buffers = accesses.map(({ access }, binding) => {
    const type = access === 'in' ? 'read-only-storage' : 'storage';
    return { binding, visibility, buffer: { type } } as const;
  });
  return [...buffers, { binding: PARAMS_BINDING, visibility, buffer: { type: 'uniform' } }];
}

function shaderError(name: string, source: string, message: GPUCompilationMessage): ShaderError {
  const line = source.split('\n')[message.lineNum - 1] ?? '';
  // wgpu draws the place in the source besides, over several lines.
  const [first] = message.message.trim().split('\n');
  return new ShaderError(`shader ${name}, line ${message.lineNum}: ${first}\n  ${line.trim()}`);
}
