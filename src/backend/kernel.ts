import type { FUNCTIONS } from './cpu/simd/functions';
import type { NumberArray } from './dtype';

/**
 * How a kernel uses a buffer. A buffer bound for writing is bound once per call; `inout` is read
 * and written in place.
 */
export type Access = 'in' | 'out' | 'inout';

/**
 * The element type that a shader sees. `float` is f32 on the GPU, f32 or f64 on the CPU; `any` is
 * moved bit by bit and never computed with.
 */
export type Element = 'float' | 'i32' | 'u32' | 'any';

export interface Binding {
  readonly access: Access;
  readonly element: Element;
}

/**
 * The kinds of parameter: a scalar of the `Params` uniform, eight words of it (two
 * `vec4<u32>`; shapes and strides), or an `override`, which specialises the pipeline.
 */
export type ParamKind = 'u32' | 'i32' | 'f32' | 'u32x8' | 'override';

export type Bindings = Readonly<Record<string, Binding>>;
export type Params = Readonly<Record<string, ParamKind>>;

export type Arrays<B extends Bindings> = { readonly [K in keyof B]: NumberArray };
export type ParamValues<P extends Params> = {
  readonly [K in keyof P]: P[K] extends 'u32x8' ? readonly number[] : number;
};

/** What fast CPU versions of kernels are made with: WebAssembly, on arrays in its memory. */
export interface Simd {
  /** How many threads share a job. */
  readonly threads: number;
  /**
   * Runs a function of src/backend/cpu/simd/assembly, and returns when it is done.
   *
   * @param work vector operations in it, roughly: how many threads share it.
   * @param args its first fields: integers, and the addresses of arrays.
   * @param floats its last fields.
   */
  run(
    name: (typeof FUNCTIONS)[number],
    work: number,
    args: readonly (NumberArray | number)[],
    floats?: readonly number[],
  ): void;
  /** As `run`, in a part for each thread; a function whose parts wait for one another. */
  runTogether(name: (typeof FUNCTIONS)[number], args: readonly (NumberArray | number)[]): void;
  /** So many bytes of its memory, there until the next call; undefined when memory is full. */
  scratch(bytes: number): Uint8Array | undefined;
}

/** One dispatch. */
export interface Launch {
  /** Entry point; `main` when left out. */
  readonly entry?: string;
  readonly workgroups: readonly [number, number, number];
  /** Parameters of this dispatch alone, over those of the call. */
  readonly params?: Readonly<Record<string, number>>;
}

/** One configuration of a kernel on the GPU: a shader and its launch. */
export interface KernelConfig<P extends Params = Params> {
  /** Of a kernel with one, the kernel's name; of a candidate, what tells it from the others. */
  readonly name: string;
  /** WGSL with `include`s, composed by `wgsl`. */
  readonly source: string;
  /**
   * Floats of memory that the launch needs besides its bindings, for as long as it runs. The shader
   * binds it as `scratch`, read_write, behind the others. The CPU needs none.
   */
  readonly scratch?: (params: ParamValues<P>) => number;
  /** The dispatches, in order. None where there is nothing to do. */
  launch(params: ParamValues<P>): readonly Launch[];
}

/** What an adapter can run, for a kernel to choose its configurations by. */
export interface Limits {
  /** Threads of a workgroup, at most. */
  readonly invocations: number;
  /** Bytes of workgroup memory, at most. */
  readonly workgroupBytes: number;
  /** Sizes of a subgroup; undefined where shaders cannot use subgroups, or lanes do not follow the local index. */
  readonly subgroups?: {
    /** The smallest size. */
    readonly least: number;
    /** The largest size. */
    readonly most: number;
  };
  /**
   * True for an adapter that computes in software: it takes long to compile what is written out, and runs
   * threads one after the other, so that few of them with much to do are the fastest.
   */
  readonly software?: boolean;
}

/** The least that an adapter gives: WebGPU's defaults in compatibility mode. */
export const LEAST_LIMITS: Limits = { invocations: 128, workgroupBytes: 16_384 };

/**
 * The configurations of a kernel for some sizes, for the autotuner to choose from: which is the fastest
 * differs from adapter to adapter.
 */
export interface ConfigCandidates<P extends Params = Params> {
  /** The same for calls so alike that what is the fastest for one is so for the others. */
  readonly sizeClass: string;
  /** All give the same result, but for rounding. The first is taken where none has been timed. */
  readonly configs: readonly [KernelConfig<P>, ...KernelConfig<P>[]];
  /**
   * What a trial runs instead of the call, on the same buffers with any contents: for a kernel whose
   * work depends on what they hold.
   */
  readonly trial?: ParamValues<P>;
}

/** What every backend needs of a kernel. */
interface Contract<B extends Bindings, P extends Params> {
  /** Basename of the kernel's file, and of its shader where it has one of its own. */
  readonly name: string;
  readonly bindings: B;
  readonly params: P;
  /** The reference: reads like the equation. Gradients are checked on it. */
  cpu(arrays: Arrays<B>, params: ParamValues<P>): void;
  /**
   * A faster version of the same on f32 arrays; `false` hands the call to the reference. `simd` is
   * there where the arrays are in its memory.
   */
  readonly fastCpu?: (arrays: Arrays<B>, params: ParamValues<P>, simd?: Simd) => boolean;
}

/** A kernel with one configuration. */
export interface PlainKernel<B extends Bindings = Bindings, P extends Params = Params>
  extends Contract<B, P>, KernelConfig<P> {
  readonly candidates?: undefined;
}

/**
 * A kernel whose configurations depend on sizes and limits, or are made only once WebGPU is there; there may be one.
 */
export interface TunableKernel<
  B extends Bindings = Bindings,
  P extends Params = Params,
> extends Contract<B, P> {
  /**
   * Those that keep to `limits`, of which there must be one for `LEAST_LIMITS`. Only WebGPU asks for them, so
   * what makes them may come with it: src/kernels/webgpu.
   */
  readonly candidates: (params: ParamValues<P>, limits: Limits) => ConfigCandidates<P>;
}

/**
 * One computation: its contract, its reference in plain loops, and its launch on the GPU.
 *
 * The order of `bindings` is the order of `@binding(i)` in group 0 of the shader; the parameters
 * that are no override form the struct `Params`, in order, at `@binding(8)` of the same group: behind as
 * many buffers as WebGPU promises. A test holds every shader against its kernel object.
 */
export type Kernel<B extends Bindings = Bindings, P extends Params = Params> =
  PlainKernel<B, P> | TunableKernel<B, P>;

/** Types a kernel object from its own tables. */
export function defineKernel<const B extends Bindings, const P extends Params>(
  kernel: PlainKernel<B, P>,
): PlainKernel<B, P>;
export function defineKernel<const B extends Bindings, const P extends Params>(
  kernel: TunableKernel<B, P>,
): TunableKernel<B, P>;
export function defineKernel<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
): Kernel<B, P> {
  return kernel;
}

/**
 * Stands in a source for files of shaders/, by their paths there without `.wgsl`. The files themselves come
 * with the WebGPU backend, which puts their text in its place: a page that computes on the CPU loads none.
 */
export function include(...files: readonly string[]): string {
  return wgsl(...files.map((file) => `#include ${file}`));
}

/** Joins shader sources. WGSL is free in module-scope order, so libraries may stand anywhere. */
export function wgsl(...sources: readonly string[]): string {
  return sources.join('\n');
}

export const read = { access: 'in', element: 'float' } as const;
export const write = { access: 'out', element: 'float' } as const;
export const update = { access: 'inout', element: 'float' } as const;
export const readIds = { access: 'in', element: 'i32' } as const;
export const writeIds = { access: 'out', element: 'i32' } as const;

/** `@binding` of the parameters, in group 0. */
export const PARAMS_BINDING = 8;

/** WebGPU's limit of workgroups in one dimension. */
export const MAX_WORKGROUPS = 65_535;

/**
 * Workgroups for `count` workgroups in a row, folded to two dimensions past WebGPU's limit. A
 * shader finds its own by `workgroup_index` and guards against the surplus.
 */
export function grid(count: number): readonly Launch[] {
  if (count === 0) return [];
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  return [{ workgroups: [Math.ceil(count / rows), rows, 1] }];
}

/** Threads in a workgroup of the shaders that give one thread to an element. */
export const WORKGROUP = 64;

/** The launch of a shader that gives one thread to each of `count` elements. */
export function elementwise(count: number): readonly Launch[] {
  return grid(Math.ceil(count / WORKGROUP));
}
