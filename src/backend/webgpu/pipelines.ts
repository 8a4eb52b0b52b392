import { ShaderError } from '../../errors';
import type { Kernel, Plan } from '../kernel';

/** What of a plan decides its module and its layout. */
type Shader = Pick<Plan, 'source'> & { readonly scratch?: unknown };

interface Prepared {
  readonly module: GPUShaderModule;
  readonly layout: GPUPipelineLayout;
  readonly group: GPUBindGroupLayout;
  readonly pipelines: Map<string, GPUComputePipeline>;
}

/** Compiles each kernel once, and a pipeline for each entry point and set of overrides. */
export class Pipelines {
  /** Group 1 of every kernel: its parameters, in a slot of a shared uniform buffer. */
  readonly paramsLayout: GPUBindGroupLayout;
  readonly #device: GPUDevice;
  readonly #report: (error: ShaderError) => void;
  /** By source. */
  readonly #prepared = new Map<string, Prepared>();
  #compiling = 0;
  #compiled: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, report: (error: ShaderError) => void) {
    this.#device = device;
    this.#report = report;
    this.paramsLayout = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: 'uniform', hasDynamicOffset: true },
        },
      ],
    });
  }

  /** Whether a shader may still turn out to be broken. */
  get compiling(): boolean {
    return this.#compiling > 0;
  }

  /** Resolves when every shader so far has compiled or has been reported. */
  get compiled(): Promise<unknown> {
    return this.#compiled;
  }

  /** Group 0 of a kernel: its buffers, in the order of its bindings. */
  groupLayout(kernel: Kernel, shader: Shader): GPUBindGroupLayout {
    return this.#prepare(kernel, shader).group;
  }

  get(
    kernel: Kernel,
    shader: Shader,
    entryPoint: string,
    overrides: Readonly<Record<string, number>>,
  ): GPUComputePipeline {
    const { module, layout, pipelines } = this.#prepare(kernel, shader);
    const key = `${entryPoint} ${Object.values(overrides).join()}`;
    let pipeline = pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#device.createComputePipeline({
        label: kernel.name,
        layout,
        compute: { module, entryPoint, constants: overrides },
      });
      pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  #prepare(kernel: Kernel, { source, scratch }: Shader): Prepared {
    const known = this.#prepared.get(source);
    if (known) return known;
    const module = this.#device.createShaderModule({ label: kernel.name, code: source });
    this.#compiled = Promise.all([this.#compiled, this.#inspect(kernel.name, source, module)]);
    const group = this.#device.createBindGroupLayout({
      label: kernel.name,
      entries: [
        ...Object.values(kernel.bindings),
        ...(scratch ? [{ access: 'out' as const }] : []),
      ].map(({ access }, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === 'in' ? 'read-only-storage' : 'storage' },
      })),
    });
    const layout = this.#device.createPipelineLayout({
      label: kernel.name,
      bindGroupLayouts: [group, this.paramsLayout],
    });
    const prepared = { module, layout, group, pipelines: new Map<string, GPUComputePipeline>() };
    this.#prepared.set(source, prepared);
    return prepared;
  }

  async #inspect(name: string, source: string, module: GPUShaderModule): Promise<void> {
    this.#compiling++;
    try {
      const { messages } = await module.getCompilationInfo();
      const first = messages.find((message) => message.type === 'error');
      if (first) this.#report(shaderError(name, source, first));
    } catch {
      // The device is gone; whoever uses it next is told.
    } finally {
      this.#compiling--;
    }
  }
}

function shaderError(name: string, source: string, message: GPUCompilationMessage): ShaderError {
  const line = source.split('\n')[message.lineNum - 1] ?? '';
  return new ShaderError(
    `shader ${name}, line ${message.lineNum}: ${message.message}\n  ${line.trim()}`,
  );
}
