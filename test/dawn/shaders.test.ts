/**
 * Rung 1: every shader compiles, makes every pipeline that its kernel can ask for, and says the
 * same as its kernel object. Dawn's null backend validates and runs nothing, so this needs no
 * adapter; only the last tests, of how broken WGSL is reported, use a real one.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Access, Element, Kernel, ParamKind } from '../../src/backend/kernel';
import { defineKernel, read, write } from '../../src/backend/kernel';
import { WebGpuBackend } from '../../src/backend/webgpu/webgpu_backend';
import { ShaderError } from '../../src/errors';
import { BINARY } from '../../src/kernels/binary';
import { matmulParams } from '../../src/kernels/matmul';
import { REDUCE } from '../../src/kernels/reduce';
import { NONLINEARITIES } from '../../src/kernels/rnn_activation';
import { HALF } from '../../src/backend/half';
import { UNARY } from '../../src/kernels/unary';
import { requestGpu } from '../setup/gpu';

const modules = import.meta.glob<Record<string, unknown>>('../../src/kernels/*.ts', {
  eager: true,
});
const sources = import.meta.glob<string>('../../shaders/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

const kernels = Object.values(modules).flatMap((module) => Object.values(module).filter(isKernel));

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'object' && value !== null && 'launch' in value && 'bindings' in value;
}

/** The values that an override takes, by its name; every combination must make a pipeline. */
const FLAG = [0, 1];
const OVERRIDES: Record<string, readonly number[]> = {
  'unary.op': codes(UNARY),
  'unary_gradient.op': codes(UNARY),
  'binary.op': codes(BINARY),
  'binary_gradient.op': codes(BINARY),
  'reduce.op': Object.values(REDUCE),
  nonlinearity: [...NONLINEARITIES.keys()],
  centered: FLAG,
  decoupled: FLAG,
  depth_a: FLAG,
  depth_b: FLAG,
  'matmul.half': FLAG,
  half: Object.values(HALF),
  logarithm: FLAG,
  nesterov: FLAG,
  second: FLAG,
  tile: [32, 64],
  slices: [1, 4],
  units: [16, 64],
  use_scalar: FLAG,
};

function codes(table: Record<string, { code: number }>): number[] {
  return Object.values(table).map(({ code }) => code);
}

function overrideNames(kernel: Kernel): string[] {
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

type Values = Record<string, number | number[]>;

/** Parameters that together reach every plan and entry point; 1s and 2s where there is no row. */
const PROBES: Record<string, Values[]> = {
  matmul: FLAG.flatMap((half) =>
    [1, 4, 4099, 4100].map((k) => ({ ...matmulParams({ m: 4, n: 4, k, half }) })),
  ),
};

function probes(kernel: Kernel): Values[] {
  return (
    PROBES[kernel.name] ??
    [1, 2].flatMap((size) => {
      const values = Object.fromEntries(
        Object.entries(kernel.params).map(([name, kind]) => [
          name,
          kind === 'u32x8'
            ? new Array<number>(8).fill(size)
            : kind === 'override'
              ? 0
              : (SPECIAL[name]?.(size) ?? size),
        ]),
      );
      // A sweep with halves is another shader, and so is one that computes with them.
      return 'half' in values ? Object.values(HALF).map((half) => ({ ...values, half })) : [values];
    })
  );
}

/** The kernel with each source that its plans have, launched as all of those are. */
function bySource(kernel: Kernel): Kernel[] {
  const { variants, ...rest } = kernel;
  if (!variants) return [kernel];
  const plans = probes(kernel).flatMap((p) => variants(p as Record<string, number>).plans);
  return [...new Set(plans.map(({ source }) => source))].map((source) => {
    const same = plans.filter((plan) => plan.source === source);
    return {
      ...rest,
      ...same[0],
      name: kernel.name,
      launch: (p) => same.flatMap((plan) => plan.launch(p)),
    };
  });
}

/** The entry points that the kernel's launches name. */
function launchedEntries(kernel: Kernel): string[] {
  const entries = probes(kernel).flatMap((p) =>
    kernel.launch(p as Record<string, number>).map(({ entry }) => entry ?? 'main'),
  );
  return [...new Set(entries)].sort();
}

const ELEMENT: Record<Element, string> = { float: 'f32', i32: 'i32', u32: 'u32', any: 'u32' };
const ACCESS: Record<Access, string> = { in: 'read', out: 'read_write', inout: 'read_write' };
const KIND: Record<Exclude<ParamKind, 'override'>, string> = {
  u32: 'u32',
  i32: 'i32',
  f32: 'f32',
  u32x8: 'array<vec4<u32>, 2>',
};

/** What the shader must declare, by the kernel object. */
function declared(kernel: Kernel): Record<string, string[]> {
  const fields = Object.entries(kernel.params).flatMap(([name, kind]) =>
    kind === 'override' ? [] : [`${name}: ${KIND[kind]}`],
  );
  return {
    bindings: Object.entries(
      kernel.scratch ? { ...kernel.bindings, scratch: write } : kernel.bindings,
    ).map(
      ([name, { access, element }], i) =>
        `0 ${i} storage, ${ACCESS[access]} ${name}: array<${ELEMENT[element]}>`,
    ),
    uniforms: fields.length > 0 ? ['1 0 uniform params: Params'] : [],
    fields,
    overrides: overrideNames(kernel).map((name) => `${name}: u32`),
    entries: launchedEntries(kernel),
  };
}

/** What the WGSL text declares. */
function written({ source }: Kernel): Record<string, string[]> {
  const text = source.replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ');
  const all = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map((match) => match.slice(1).join(' ').trim());
  const buffers = all(/@group\((\d+)\) ?@binding\((\d+)\) ?var<([^>]*)> (\w+ ?: ?[^;]+);/g);
  const [struct = ''] = all(/struct Params \{([^}]*)\}/g);
  return {
    // A shader may see floats in fours, or in what a pipeline's alias names.
    bindings: buffers
      .filter((buffer) => !buffer.includes('uniform'))
      .map((buffer) =>
        buffer.replace(/array<vec4<f32>>|(?<=scratch: )array<(?:u32|Quad)>/, 'array<f32>'),
      ),
    uniforms: buffers.filter((buffer) => buffer.includes('uniform')),
    fields: [...struct.matchAll(/(\w+: (?:array<.*?>, \d+>|\w+))/g)].map(([field]) => field),
    overrides: all(/\boverride (\w+: \w+)/g),
    entries: all(/@compute @workgroup_size\([^)]*\) fn (\w+)/g).sort(),
  };
}

// Held for as long as the device: Dawn ends the process when it outlives its `GPU`.
let gpu: GPU;
let device: GPUDevice;
const uncaptured: string[] = [];

beforeAll(async () => {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  gpu = create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("Dawn's null backend gave no adapter");
  device = await adapter.requestDevice({ requiredFeatures: ['shader-f16'] });
  device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
});

afterEach(async () => {
  await device.queue.onSubmittedWorkDone();
  expect(uncaptured.splice(0)).toEqual([]);
});

afterAll(() => device.destroy());

/** What Dawn holds against a kernel: its messages on the module, and each pipeline it refuses. */
async function complaints(kernel: Kernel): Promise<string[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: kernel.name, code: kernel.source });
  const bound = [...Object.values(kernel.bindings), ...(kernel.scratch ? [write] : [])];
  const storage = bound.map(({ access }, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: access === 'in' ? 'read-only-storage' : 'storage' } as const,
  }));
  const buffer = { type: 'uniform', hasDynamicOffset: true } as const;
  const layout = device.createPipelineLayout({
    bindGroupLayouts: [
      device.createBindGroupLayout({ entries: storage }),
      device.createBindGroupLayout({
        entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer }],
      }),
    ],
  });
  const { messages } = await module.getCompilationInfo();
  const found = messages.map(
    ({ type, lineNum, message }) => `${type}, line ${lineNum}: ${message}`,
  );
  for (const entryPoint of launchedEntries(kernel)) {
    for (const constants of specialisations(kernel)) {
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

test('every shader has one kernel, and every kernel its shader', () => {
  const names = Object.keys(sources).map((path) => path.slice(path.lastIndexOf('/') + 1, -5));
  expect(kernels.map(({ name }) => name).sort()).toEqual(names.sort());
  for (const kernel of kernels.flatMap(bySource)) {
    expect(kernel.source).toContain(sources[`../../shaders/${kernel.name}.wgsl`]);
  }
});

describe.each(kernels.flatMap(bySource))('$name', (kernel) => {
  test('compiles, and makes every pipeline', async () => {
    expect(await complaints(kernel)).toEqual([]);
  });

  test('says the same in WGSL and in the kernel object', () => {
    expect(written(kernel)).toEqual(declared(kernel));
  });
});

const good = defineKernel({
  name: 'good',
  source: /* wgsl */ `
    override op: u32;
    struct Params { n: u32, }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @group(1) @binding(0) var<uniform> params: Params;
    @compute @workgroup_size(1)
    fn main() { y[0] = x[params.n] + f32(op); }`,
  bindings: { x: read, y: write },
  params: { op: 'override', n: 'u32' },
  cpu() {},
  launch: () => [{ workgroups: [1, 1, 1] }],
}) as unknown as Kernel;

describe('a wrong kernel is caught', () => {
  OVERRIDES['good.op'] = FLAG;
  const edit = (from: string, to: string): Kernel => {
    expect(good.source).toContain(from);
    return { ...good, source: good.source.replace(from, to) };
  };

  test('while the right one passes', async () => {
    expect(await complaints(good)).toEqual([]);
    expect(written(good)).toEqual(declared(good));
  });

  test.each([
    ['broken WGSL', 'x[params.n]', 'x[params.m]'],
    ['a warning', 'fn main() {', 'fn main() { return;'],
    ['a binding too many', '@binding(1)', '@binding(2)'],
    ['an access', 'read>', 'read_write>'],
    ['no such override', 'override op', '@id(3) override op'],
    ['no such entry point', 'fn main', 'fn other'],
  ])('by Dawn: %s', async (_, from, to) => {
    expect(await complaints(edit(from, to))).not.toEqual([]);
  });

  test.each([
    ['a name', ' y: array', ' z: array'],
    ['an order', 'binding(0) var<storage, read> x', 'binding(1) var<storage, read> x'],
    ['an access', 'read_write', 'read'],
    ['an element type', 'y: array<f32>', 'y: array<i32>'],
    ['a field', 'n: u32', 'm: u32'],
    ["a field's type", 'n: u32', 'n: f32'],
    ['a field too many', 'n: u32,', 'n: u32, m: array<vec4<u32>, 2>,'],
    ['an override', 'override op', 'override mode'],
    ["an override's type", 'op: u32', 'op: i32'],
    ['an entry point', 'fn main', 'fn other'],
  ])('by its text: %s', (_, from, to) => {
    expect(written(edit(from, to))).not.toEqual(declared(good));
  });
});

describe('a real device', () => {
  let backend: WebGpuBackend;

  // One for each test: an error stays with its device.
  beforeEach(async () => {
    const adapter = await (await requestGpu()).requestAdapter();
    backend = await WebGpuBackend.open(adapter!);
  });

  afterEach(() => backend.destroy());

  const broken: Kernel = { ...good, name: 'broken', source: good.source.replace('f32(op)', 'no') };
  const line = broken.source.split('\n').findIndex((text) => text.includes('fn main')) + 1;
  const report = new RegExp(
    `^shader broken, line ${line}: .*'no'.*\\n *fn main\\(\\) \\{ y\\[0\\] = x\\[params.n\\] \\+ no; \\}$`,
  );

  /** Runs the broken shader, and gives what `wait` then rejects with. */
  async function errorOf(wait: (y: ReturnType<typeof backend.alloc>) => Promise<unknown>) {
    const x = backend.alloc('f32', 4);
    const y = backend.alloc('f32', 4);
    backend.run({ ...broken }, { x, y }, { op: 0, n: 1 });
    return wait(y).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  test.each([
    ['read', (y) => backend.read(y)],
    ['finish', () => backend.finish()],
  ] satisfies [string, Parameters<typeof errorOf>[0]][])(
    'reports broken WGSL at the next %s, with shader, line and source',
    async (_, wait) => {
      const error = await errorOf(wait);
      expect(error).toBeInstanceOf(ShaderError);
      expect((error as Error).message).toMatch(report);
    },
  );
});
