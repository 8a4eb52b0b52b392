/**
 * Every kernel on WebGPU against its CPU reference: rows of a table, and what compares them.
 *
 * Both backends start from the same bits: random inputs, outputs full of a sentinel, and a margin
 * of sentinels behind every buffer. All that a kernel may write is then compared, margins too, so
 * that an element left out, or written where none should be, shows.
 */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

import type { DeviceBuffer } from '../../../src/backend/backend';
import { CpuBackend } from '../../../src/backend/cpu/cpu_backend';
import type { DType, NumberArray } from '../../../src/backend/dtype';
import { hostArray } from '../../../src/backend/dtype';
import type {
  Binding,
  Bindings,
  Kernel,
  Launch,
  Params,
  ParamValues,
  PlainKernel,
} from '../../../src/backend/kernel';
import { WebGpuBackend } from '../../../src/backend/webgpu/webgpu_backend';
import { requestGpu } from '../../setup/gpu';
import '../../setup/webgpu_kernels';

const cpu = new CpuBackend({ reference: true });
export let gpu: WebGpuBackend;

beforeAll(async () => {
  const adapter = await (await requestGpu()).requestAdapter();
  gpu = await WebGpuBackend.open(adapter!);
});
// Throws what the GPU refused.
afterEach(() => gpu.finish());
afterAll(() => gpu.destroy());

/**
 * What a buffer holds at first: these numbers; or so many random ones in [-1, 1), of the sentinel
 * where the kernel only writes.
 */
type Start = number | NumberArray;
type Starts<B extends Bindings> = { readonly [K in keyof B]: Start };
export interface Tolerance {
  absolute: number;
  relative: number;
}

export const EXACT: Tolerance = { absolute: 0, relative: 0 };
export const ROUNDED: Tolerance = { absolute: 1e-6, relative: 1e-6 };
export const SUMMED: Tolerance = { absolute: 1e-5, relative: 1e-5 };
/** For a thousand numbers of either sign, summed in another order than the reference's. */
export const LONG_SUM: Tolerance = { absolute: 5e-5, relative: 1e-5 };
/** For what goes through exp, log or tanh. */
export const CURVED: Tolerance = { absolute: 2e-5, relative: 2e-5 };
/** What WGSL promises of sin and cos, from -pi to pi. */
export const TRIGONOMETRIC: Tolerance = { absolute: 2 ** -11, relative: 0 };

const SENTINEL = -98_765.5;
const MARGIN = 67;

/** Small and quick (mulberry32); each case has its own seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` numbers in [low, high); with `step` only multiples of it, so that there are ties. */
export function numbers(length: number, low: number, high: number, step = 0): Float32Array {
  const next = generator(length + 31 * high);
  return Float32Array.from({ length }, () => {
    const value = low + (high - low) * next();
    return step ? Math.floor(value / step) * step : value;
  });
}

/** `length` ids, two past either end of [0, n) included. */
export function someIds(length: number, n: number): Int32Array {
  return Int32Array.from(numbers(length, -2, n + 2), Math.floor);
}

function dtypeOf({ element }: Binding, start: Start): DType {
  if (start instanceof Int32Array || element === 'i32') return 'i32';
  return start instanceof Uint32Array || element === 'u32' ? 'u32' : 'f32';
}

/** The first contents of a buffer, with its margin. */
function begin(binding: Binding, start: Start, seed: number): NumberArray {
  const length = typeof start === 'number' ? start : start.length;
  const dtype = dtypeOf(binding, start);
  // A NaN behind an input spoils every sum that it gets into, even times 0.
  const margin = binding.access === 'in' && dtype === 'f32' ? NaN : SENTINEL;
  const array = hostArray(dtype, length + MARGIN).fill(margin);
  if (typeof start !== 'number') array.set(start);
  else if (binding.access !== 'out') {
    const next = generator(seed);
    for (let i = 0; i < length; i++) array[i] = 2 * next() - 1;
  }
  return array;
}

type Results<B extends Bindings> = { [K in keyof B]: NumberArray };

/** Runs a kernel and gives back, with margins, what each buffer holds then. */
export async function runOn<B extends Bindings, P extends Params>(
  backend: CpuBackend | WebGpuBackend,
  kernel: Kernel<B, P>,
  params: ParamValues<P>,
  starts: Starts<B>,
): Promise<Results<B>> {
  const names = Object.keys(kernel.bindings) as (keyof B & string)[];
  const buffers = {} as Record<keyof B, DeviceBuffer>;
  names.forEach((name, i) => {
    const contents = begin(kernel.bindings[name], starts[name], i + 1);
    buffers[name] = backend.alloc(dtypeOf(kernel.bindings[name], starts[name]), contents.length);
    (backend as WebGpuBackend).write(buffers[name] as never, contents);
  });
  backend.run(kernel, buffers, params);
  const results = await Promise.all(
    names.map(async (name) => {
      return [name, await (backend as WebGpuBackend).read(buffers[name] as never)] as const;
    }),
  );
  for (const name of names) backend.free(buffers[name] as never);
  return Object.fromEntries(results) as Results<B>;
}

/** The first few elements that differ, in words. */
function differences(actual: NumberArray, wanted: NumberArray, tolerance: Tolerance): string[] {
  const found: string[] = [];
  for (let i = 0; i < wanted.length && found.length < 4; i++) {
    if (Object.is(actual[i], wanted[i])) continue;
    const room = tolerance.absolute + tolerance.relative * Math.abs(wanted[i]);
    // Not `>`: that would let NaN pass. An infinity is met by itself alone.
    if (Math.abs(actual[i] - wanted[i]) <= room && Math.abs(wanted[i]) !== Infinity) continue;
    found.push(`[${i}] ${actual[i]}, not ${wanted[i]}`);
  }
  return found;
}

/** One case: both backends, compared. `wanted` where the CPU's results are known. */
export async function check<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  tolerance: Tolerance,
  params: ParamValues<P>,
  starts: Starts<B>,
  wanted?: Results<B>,
): Promise<Results<B>> {
  wanted ??= await runOn(cpu, kernel, params, starts);
  const actual = await runOn(gpu, kernel, params, starts);
  for (const name in kernel.bindings) {
    const { access, element } = kernel.bindings[name];
    const exact = access === 'in' || element !== 'float';
    const found = differences(actual[name], wanted[name], exact ? EXACT : tolerance);
    const start = starts[name];
    if (access === 'out' && typeof start === 'number') {
      const [empty] = hostArray(dtypeOf(kernel.bindings[name], start), 1).fill(SENTINEL);
      const hole = actual[name].subarray(0, start).indexOf(empty);
      if (hole >= 0) found.push(`[${hole}] was not written`);
    }
    const length = wanted[name].length - MARGIN;
    expect(found, `${kernel.name} ${JSON.stringify(params)}: ${name} of ${length}`).toEqual([]);
  }
  return actual;
}

export interface Row {
  kernel: Kernel;
  /** Runs the cases. */
  run: () => Promise<void>;
  /** Whether a case may have several workgroups in a line. */
  foldable: boolean;
  /** Runs the largest, in three rows of workgroups, as a very large launch would be. */
  runFolded: () => Promise<void>;
}

/** A kernel's row of the table: how exact it is, its cases, and its buffers for a case. */
export function row<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  tolerance: Tolerance,
  cases: readonly ParamValues<P>[],
  starts: (params: ParamValues<P>) => Starts<B>,
): Row {
  const checkAll = async (configs: readonly Kernel<B, P>[], params: ParamValues<P>) => {
    const begun = starts(params);
    const wanted = await runOn(cpu, kernel, params, begun);
    await Promise.all(configs.map((config) => check(config, tolerance, params, begun, wanted)));
  };
  return {
    kernel: kernel as unknown as Kernel,
    foldable: kernel.candidates !== undefined || cases.some((p) => lineOf(kernel.launch(p)) > 0),
    async run() {
      expect(cases.length).toBeGreaterThan(0);
      for (const params of cases) {
        await checkAll(configsOf(kernel, params), params);
      }
    },
    async runFolded() {
      const widest = widestLines(kernel, cases);
      expect(widest.size, `${kernel.name} with workgroups in a line`).toBeGreaterThan(0);
      for (const [params, configs] of widest) {
        await checkAll(configs.map(fold), params);
      }
    },
  };
}

/** The kernel in each of its configurations for a case. */
function configsOf<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  params: ParamValues<P>,
): PlainKernel<B, P>[] {
  if (!kernel.candidates) return [kernel];
  const { candidates, ...rest } = kernel;
  return candidates(params, gpu.tunable.limits).configs.map((config) => ({ ...rest, ...config }));
}

/** The most workgroups in a line, if one of the launches is a line at all. */
function lineOf(launches: readonly Launch[]): number {
  return Math.max(0, ...launches.map(({ workgroups: [x, y] }) => (y === 1 && x > 1 ? x : 0)));
}

/**
 * The case with the longest line, for each configuration and each set of its entry points: the others find
 * their elements by the same code. With the configurations that it is there for.
 */
function widestLines<B extends Bindings, P extends Params>(
  kernel: Kernel<B, P>,
  cases: readonly ParamValues<P>[],
): Map<ParamValues<P>, PlainKernel<B, P>[]> {
  const widest = new Map<
    string,
    { length: number; params: ParamValues<P>; config: PlainKernel<B, P> }
  >();
  for (const params of cases) {
    for (const config of configsOf(kernel, params)) {
      const launches = config.launch(params);
      const key = [config.name, config.source, ...launches.map(({ entry }) => entry)].join();
      const length = lineOf(launches);
      if (length > (widest.get(key)?.length ?? 0)) widest.set(key, { length, params, config });
    }
  }
  const found = new Map<ParamValues<P>, PlainKernel<B, P>[]>();
  for (const { params, config } of widest.values()) {
    found.set(params, [...(found.get(params) ?? []), config]);
  }
  return found;
}

/** The same workgroups in three rows, with some to spare. */
function fold<B extends Bindings, P extends Params>(kernel: PlainKernel<B, P>): PlainKernel<B, P> {
  return {
    ...kernel,
    launch: (params) =>
      kernel.launch(params).map((launch) => ({
        ...launch,
        workgroups: [Math.ceil(launch.workgroups[0] / 3), 3, 1],
      })),
  };
}
