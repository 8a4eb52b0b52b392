/** Every pipeline that the kernels can ask for, and what a WebGPU implementation says of them. */
import type { Kernel, KernelConfig, Limits, PlainKernel } from '../../src/backend/kernel';
import { defineKernel, LEAST_LIMITS, read, write } from '../../src/backend/kernel';
import { groupEntries } from '../../src/backend/webgpu/pipelines';
import { withFiles } from '../../src/backend/webgpu/shader_files';
import { BINARY } from '../../src/kernels/binary';
import { copyOf } from '../../src/kernels/copy';
import { matmulParams } from '../../src/kernels/matmul_params';
import { REDUCE } from '../../src/kernels/reduce';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import { layerStep } from '../../src/kernels/layer_step';
import { writeKernel } from '../../src/kernels/write_text';
import type { CellDefinition } from '../../src/cell/definition';
import { CELLS, REGISTERED } from './cells';
import './webgpu_kernels';
import { UNARY } from '../../src/kernels/unary';

const modules = import.meta.glob<Record<string, unknown>>('../../src/kernels/*.ts', {
  eager: true,
});
const ofCells = (cells: readonly CellDefinition[]): Kernel[] => [
  // Each cell joins its equations to the scan.
  ...cells.flatMap((cell) => Object.values(scanKernels(cell)) as unknown as Kernel[]),
  ...cells.flatMap((cell) => [writeKernel(cell), layerStep(cell)] as unknown as Kernel[]),
];

/** Every kernel there is. */
export const kernels = [
  ...Object.values(modules).flatMap((module) => Object.values(module).filter(isKernel)),
  ...ofCells(Object.values(CELLS)),
];

/** Those of the registry's other cells, which differ from these in their equations alone. */
const furtherKernels = ofCells(
  REGISTERED.filter((cell) => !Object.values(CELLS).some((own) => own === cell)),
);

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'object' && value !== null && 'cpu' in value && 'bindings' in value;
}

/** The values that an override takes, by its name; every combination must make a pipeline. */
const FLAG = [0, 1];
const OVERRIDES: Record<string, readonly number[]> = {
  'unary.op': codes(UNARY),
  'unary_gradient.op': codes(UNARY),
  'binary.op': codes(BINARY),
  'binary_gradient.op': codes(BINARY),
  'reduce.op': Object.values(REDUCE),
  ragged: FLAG,
  recurrent: FLAG,
  centered: FLAG,
  decoupled: FLAG,
  depth_a: FLAG,
  depth_b: FLAG,
  logarithm: FLAG,
  nesterov: FLAG,
  second: FLAG,
  by_id: FLAG,
  threads: [128, 256],
  sum_floats: [1024],
  state_floats: [10],
  odds_floats: [6],
  use_scalar: FLAG,
  'good.op': FLAG,
};

function codes(table: Record<string, { code: number }>): number[] {
  return Object.values(table).map(({ code }) => code);
}

export function overrideNames(kernel: Kernel): string[] {
  return Object.keys(kernel.params).filter((name) => kernel.params[name] === 'override');
}

/** Every set of override values of a kernel. */
function specialisations(kernel: Kernel): Record<string, number>[] {
  let all: Record<string, number>[] = [{}];
  for (const name of overrideNames(kernel)) {
    const values = OVERRIDES[`${kernel.name}.${name}`] ?? OVERRIDES[name];
    if (!values) throw new Error(`OVERRIDES has no row for ${kernel.name}.${name}`);
    all = all.flatMap((set) => values.map((value) => ({ ...set, [name]: value })));
  }
  return all;
}

/** Where another value than the size itself tells entry points apart. */
const SPECIAL: Record<string, (size: number) => number> = {
  // A sweep that begins at its end has nothing to do.
  begin: () => 0,
  // Whole rows, by one id each.
  id_inner: (size) => size - 1,
};

type Values = Record<string, number | readonly number[]>;

/** Of whole sequences, with products and without, by the number of units. */
const SCANS: Values[] = [
  [2, 0],
  [1, 1],
  [4, 1],
  [128, 1],
  [300, 1],
].map(([hidden, recurrent]) => ({
  ...scanParams({ time: 2, batch: 2, hidden, recurrent }),
}));

const PROBES: Record<string, Values[]> = {
  scan_forward: SCANS,
  scan_backward: SCANS,
  reduce: [
    { outer: 1, n: 1, inner: 1 },
    { outer: 1, n: 1, inner: 2 },
    ...[64, 5000].flatMap((n) => [64, 65, 2048, 2049].map((inner) => ({ outer: 1, n, inner }))),
  ].map((p) => ({ ...p, op: REDUCE.sum, scale: 1 })),
  copy: [copyOf(3), copyOf(4)],
  gather: [3, 4].map((inner) => ({
    ...{ outer: 1, n: 1, count: 1, inner, id_outer: 0, id_count: 1, id_inner: 0 },
  })),
  // Every access and plan, with the depth in one split and in several.
  matmul: [1, 4, 4099, 4100].flatMap((k) =>
    [68, 69].flatMap((n) =>
      [0, 1].map((has_bias) => matmulParams({ m: 68, n, k, row_b: 1, column_b: k, has_bias })),
    ),
  ),
};

function probes(kernel: Kernel): Values[] {
  return (
    PROBES[kernel.name] ??
    [1, 2].map((size) =>
      Object.fromEntries(
        Object.entries(kernel.params).map(([name, kind]) => [
          name,
          kind === 'u32x8'
            ? new Array<number>(8).fill(size)
            : kind === 'override'
              ? 0
              : (SPECIAL[name]?.(size) ?? size),
        ]),
      ),
    )
  );
}

/** WebGPU's defaults. */
export const DEFAULT_LIMITS: Limits = { invocations: 256, workgroupBytes: 16_384 };

/** The kernel with each source, whole, that its configurations have within limits, launched as all of those are. */
export function bySource(kernel: Kernel, limits = DEFAULT_LIMITS): PlainKernel[] {
  if (!kernel.candidates) return [{ ...kernel, source: withFiles(kernel.source) }];
  const { candidates, ...rest } = kernel;
  const configs = probes(kernel).flatMap(
    (p) => candidates(p as Record<string, number>, limits).configs,
  );
  return [...new Set(configs.map(({ source }) => source))].map((source) => {
    const same = configs.filter((config) => config.source === source);
    return {
      ...rest,
      ...same[0],
      name: kernel.name,
      source: withFiles(source),
      launch: (p) => same.flatMap((config) => config.launch(p)),
    };
  });
}

/** Sizes between which kernels choose other configurations. */
const SIZES = [1, 7, 32, 100, 512, 1023, 4096];

/** Adapters of every kind: the least, the defaults, large ones with subgroups of each size, and software. */
export const ADAPTERS: readonly Limits[] = [
  LEAST_LIMITS,
  DEFAULT_LIMITS,
  ...[4, 8, 16, 32, 64, 128].map((least) => ({
    ...{ invocations: 1024, workgroupBytes: 49_152, subgroups: { least, most: 128 } },
  })),
  { ...DEFAULT_LIMITS, subgroups: { least: 4, most: 4 }, software: true },
];

/** What kernels are offered over sizes and limits: every configuration, with its kernel's name and those sizes. */
export function* configurations(
  within: readonly Limits[] = ADAPTERS,
): Generator<readonly [kernel: string, config: KernelConfig, params: Record<string, number>]> {
  const scans = SIZES.flatMap((hidden) =>
    [1, 32, 100, 3000].flatMap((batch) =>
      [1, 2].map((layers): Values => ({ ...scanParams({ layers, time: 50, batch, hidden }) })),
    ),
  );
  const products = SIZES.flatMap((m) =>
    SIZES.flatMap((k) =>
      [0, 1].map((has_bias): Values => ({ ...matmulParams({ m, n: m, k, has_bias }) })),
    ),
  );
  const files = new Map<string, string>();
  /** A text once for all that share it. */
  const whole = (source: string): string => {
    let text = files.get(source);
    if (text === undefined) files.set(source, (text = withFiles(source)));
    return text;
  };
  for (const kernel of [...kernels, ...furtherKernels]) {
    const cases = kernel.name.startsWith('scan_')
      ? scans
      : kernel.name === 'matmul'
        ? products
        : probes(kernel);
    for (const limits of within) {
      for (const values of cases) {
        const params = values as Record<string, number>;
        const configs = kernel.candidates ? kernel.candidates(params, limits).configs : [kernel];
        for (const config of configs) {
          yield [kernel.name, { ...config, source: whole(config.source) }, params];
        }
      }
    }
  }
}

/** The entry points that the kernel's launches name. */
export function launchedEntries(kernel: PlainKernel): string[] {
  const entries = probes(kernel).flatMap((p) =>
    kernel.launch(p as Record<string, number>).map(({ entry }) => entry ?? 'main'),
  );
  return [...new Set(entries)].sort();
}

/** What a device holds against a kernel: its messages on the module, and each pipeline it refuses. */
export async function complaints(device: GPUDevice, kernel: PlainKernel): Promise<string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: kernel.name, code: kernel.source });
  const entries = groupEntries(kernel, kernel.scratch !== undefined);
  const layout = device.createPipelineLayout({
    bindGroupLayouts: [device.createBindGroupLayout({ entries })],
  });
  const { messages } = await module.getCompilationInfo();
  const found = messages.map(
    ({ type, lineNum, message }) => `${type}, line ${lineNum}: ${message}`,
  );
  for (const entryPoint of launchedEntries(kernel)) {
    for (const constants of specialisations(kernel)) {
      // A launch takes no more than there are.
      if (constants['threads'] > device.limits.maxComputeInvocationsPerWorkgroup) continue;
      const compute = { module, entryPoint, constants };
      try {
        await device.createComputePipelineAsync({ layout, compute });
      } catch (error) {
        found.push(`${entryPoint} ${JSON.stringify(constants)}: ${(error as Error).message}`);
      }
    }
  }
  const scoped = await device.popErrorScope();
  return scoped ? [...found, scoped.message] : found;
}

/** A small kernel with all that is declared. */
export const good = defineKernel({
  name: 'good',
  source: /* wgsl */ `
    override op: u32;
    struct Params { n: u32, }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @group(0) @binding(8) var<uniform> params: Params;
    @compute @workgroup_size(1)
    fn main() { y[0] = x[params.n] + f32(op); }`,
  bindings: { x: read, y: write },
  params: { op: 'override', n: 'u32' },
  cpu() {},
  launch: () => [{ workgroups: [1, 1, 1] }],
}) as unknown as PlainKernel;

/** The kernel with another text in its shader. */
export function edited(kernel: PlainKernel, from: string, to: string): PlainKernel {
  if (!kernel.source.includes(from)) throw new Error(`no '${from}' in ${kernel.name}`);
  return { ...kernel, source: kernel.source.replace(from, to) };
}

/** What every implementation must hold against `good`, and the edit that brings it about. */
export const SPOILT: [what: string, from: string, to: string][] = [
  ['broken WGSL', 'x[params.n]', 'x[params.m]'],
  ['a binding too many', '@binding(1)', '@binding(2)'],
  ['an access', 'read>', 'read_write>'],
  ['no such override', 'override op', '@id(3) override op'],
  ['no such entry point', 'fn main', 'fn other'],
];
