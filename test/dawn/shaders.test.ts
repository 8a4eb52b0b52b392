/**
 * Rung 1: every shader compiles, makes every pipeline that its kernel can ask for, and says the
 * same as its kernel object. Dawn's null backend validates and runs nothing, so this needs no
 * adapter.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { Access, Element, ParamKind, PlainKernel } from '../../src/backend/kernel';
import { LEAST_LIMITS, PARAMS_BINDING, write } from '../../src/backend/kernel';
import {
  bySource,
  complaints,
  DEFAULT_LIMITS,
  edited,
  good,
  kernels,
  launchedEntries,
  overrideNames,
  SPOILT,
} from '../setup/pipelines';

const sources = import.meta.glob<string>('../../shaders/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** Of configurations with subgroups too. */
const everySource = kernels.flatMap((kernel) =>
  bySource(kernel, { ...DEFAULT_LIMITS, subgroups: { least: 4, most: 128 } }),
);

const ELEMENT: Record<Element, string> = { float: 'f32', i32: 'i32', u32: 'u32', any: 'u32' };
const ACCESS: Record<Access, string> = { in: 'read', out: 'read_write', inout: 'read_write' };
const KIND: Record<Exclude<ParamKind, 'override'>, string> = {
  u32: 'u32',
  i32: 'i32',
  f32: 'f32',
  u32x8: 'array<vec4<u32>, 2>',
};

/** What the shader must declare, by the kernel object. */
function declared(kernel: PlainKernel): Record<string, string[]> {
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
    uniforms: fields.length > 0 ? [`0 ${PARAMS_BINDING} uniform params: Params`] : [],
    fields,
    overrides: overrideNames(kernel).map((name) => `${name}: u32`),
    entries: launchedEntries(kernel),
  };
}

/** What the WGSL text declares. */
function written({ source }: PlainKernel): Record<string, string[]> {
  const text = source.replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ');
  const all = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map((match) => match.slice(1).join(' ').trim());
  const buffers = all(/@group\((\d+)\) ?@binding\((\d+)\) ?var<([^>]*)> (\w+ ?: ?[^;]+);/g).sort();
  const [struct = ''] = all(/struct Params \{([^}]*)\}/g);
  return {
    // A shader may see floats in fours.
    bindings: buffers
      .filter((buffer) => !buffer.includes('uniform'))
      .map((buffer) =>
        buffer
          .replace(/array<vec4<(f32|u32)>>/, 'array<$1>')
          .replace(/(?<=scratch: )array<u32>/, 'array<f32>'),
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
  device = await adapter.requestDevice({ requiredFeatures: ['subgroups'] });
  device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
});

afterEach(async () => {
  await device.queue.onSubmittedWorkDone();
  expect(uncaptured.splice(0)).toEqual([]);
});

afterAll(() => device.destroy());

test('every shader is a kernel configuration, and every kernel has its shader', () => {
  const names = Object.keys(sources).map((path) => path.slice(path.lastIndexOf('/') + 1, -5));
  const used = everySource.map(({ name, source }) => {
    const own = names.filter((shader) => source.includes(sources[`../../shaders/${shader}.wgsl`]));
    expect(own, name).toHaveLength(1);
    return own[0];
  });
  expect([...new Set(used)].sort()).toEqual(names.sort());
  expect(names).toEqual(expect.arrayContaining(kernels.map(({ name }) => name)));
});

describe.each(everySource)('$name', (kernel) => {
  test('compiles, and makes every pipeline', async () => {
    expect(await complaints(device, kernel)).toEqual([]);
  });

  test('says the same in WGSL and in the kernel object', () => {
    expect(written(kernel)).toEqual(declared(kernel));
  });
});

test('every kernel makes its pipelines within the limits of compatibility mode', async () => {
  const adapter = await gpu.requestAdapter({ featureLevel: 'compatibility' });
  const least = await adapter!.requestDevice();
  const { limits } = least;
  expect(limits.maxComputeInvocationsPerWorkgroup).toBe(LEAST_LIMITS.invocations);
  expect(limits.maxComputeWorkgroupStorageSize).toBe(LEAST_LIMITS.workgroupBytes);
  const refused: string[][] = [];
  for (const kernel of kernels.flatMap((kernel) => bySource(kernel, LEAST_LIMITS))) {
    const held = await complaints(least, kernel);
    if (held.length > 0) refused.push([kernel.name, ...held]);
  }
  expect(refused).toEqual([]);
  least.destroy();
});

describe('a wrong kernel is caught', () => {
  test('while the right one passes', async () => {
    expect(await complaints(device, good)).toEqual([]);
    expect(written(good)).toEqual(declared(good));
  });

  test.each([...SPOILT, ['a warning', 'fn main() {', 'fn main() { return;']])(
    'by Dawn: %s',
    async (_, from, to) => {
      expect(await complaints(device, edited(good, from, to))).not.toEqual([]);
    },
  );

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
    expect(written(edited(good, from, to))).not.toEqual(declared(good));
  });
});
