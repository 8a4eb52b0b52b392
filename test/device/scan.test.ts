/** Rung 2 for the scan: of cells of every kind, on WebGPU against its CPU reference. */
import { describe, expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import type {
  Bindings,
  KernelConfig,
  Limits,
  PlainKernel,
  TunableKernel,
} from '../../src/backend/kernel';
import type { CellDefinition } from '../../src/cell/definition';
import { scanKernels } from '../../src/kernels/scan';
import { scanEngines, shapeConfig } from '../../src/kernels/webgpu/scan_candidates';
import { scanParams } from '../../src/kernels/scan_config';
import { fitsRegisters } from '../../src/kernels/webgpu/scan_whole';
import type { SCAN, ScanParams } from '../../src/kernels/scan_config';
import { CELLS, REGISTERED } from '../setup/cells';
import { check, CURVED, gpu, numbers, row } from './kernels/harness';
import { beginsOf, scanSizes } from '../setup/scan_cases';

const onDeno = 'Deno' in globalThis;

/** Whole sequences in a dispatch and single steps, by the number of units. */
const SHAPES = [
  [0, 3, 5],
  [3, 0, 5],
  [1, 1, 1],
  [4, 3, 1],
  [3, 5, 3],
  [3, 4, 17],
  [2, 9, 66],
  [2, 2, 128],
  [2, 3, 130],
  [3, 6, 196],
  [300, 1, 2],
].map(([time, batch, hidden]) => scanParams({ time, batch, hidden }));

/** The rows of each step, one of several lengths at once. */
const BATCH_SIZES = [7, 7, 3, 3, 1];
const BEGINS = beginsOf(BATCH_SIZES);
const ragged = (hidden: number) =>
  scanParams({
    ...{ time: BATCH_SIZES.length, batch: 8, hidden, rows: BEGINS.at(-1), ragged: 1 },
  });

const reversed = (p: ScanParams): ScanParams => ({ ...p, reverse: 1 });
/** The products were made before. */
const multiplied = (p: ScanParams): ScanParams => ({ ...p, recurrent: 0 });
const stacked = (p: ScanParams, layers: number): ScanParams =>
  scanParams({ ...p, layers, rows: layers * p.rows });

/** Of one size, so that they share their pipelines. */
const FEW = [
  SHAPES[5],
  reversed(SHAPES[5]),
  multiplied(SHAPES[5]),
  ragged(20),
  reversed(ragged(20)),
];
/** Steps in the middle. */
const PARTS = [
  { ...SHAPES[5], begin: 1, end: 2 },
  { ...ragged(20), begin: 2, end: 4 },
];
// Stacks of layers, the last of them in waves of three steps.
const ALL = [
  ...SHAPES,
  ...[...SHAPES.slice(3, 9), scanParams({ time: 19, batch: 5, hidden: 9, layers: 1 })].map((p, i) =>
    stacked(p, 2 + (i % 2)),
  ),
  ...FEW.slice(1),
];
const cases = (cell: CellDefinition): ScanParams[] => {
  if (!cell.dense) return FEW.map(multiplied);
  return [...(cell.name === 'lstm' && !onDeno ? ALL : [...FEW, stacked(SHAPES[5], 2)]), ...PARTS];
};

/** And back, to the initial state or not. */
const backToo = (p: ScanParams): ScanParams[] =>
  p.time && p.recurrent && p.end === p.time ? [p, { ...p, end: p.time + 1 }] : [p];

/** Weights as small as keeps a long scan from growing. */
const small = (n: number, hidden: number) => numbers(n, -1, 1).map((value) => value / (hidden + 1));

function sizesOf(cell: CellDefinition, p: ScanParams) {
  const sizes = scanSizes(cell, p);
  // Between steps there is no gradient of the output but what comes through the weights, for some cells.
  const dstate = p.begin > 0 ? new Float32Array(sizes.dstate) : sizes.dstate;
  return {
    ...sizes,
    dstate,
    weight: small(sizes.weight, p.hidden),
    table: Int32Array.from(BEGINS),
  };
}

type ScanKernel = TunableKernel<Bindings, typeof SCAN>;
const kernelOf = (cell: CellDefinition, direction: 'forward' | 'backward'): ScanKernel =>
  scanKernels(cell)[direction] as unknown as ScanKernel;

/** The kernel with what it has for an adapter of other limits. */
const under = (kernel: ScanKernel, limits: Limits): ScanKernel => ({
  ...kernel,
  candidates: (p) => kernel.candidates(p, limits),
});

/** All where compilers are quick; a driver in software under Deno takes seconds for some pipelines. */
const MANY: Partial<typeof CELLS> = onDeno ? { lstm: CELLS.lstm, gru: CELLS.gru } : CELLS;

test.each(Object.entries(MANY))('%s, forward', async (_, cell) => {
  const { forward } = scanKernels(cell);
  await row(forward, CURVED, cases(cell), (p) => sizesOf(cell, p)).run();
});

test.each(Object.entries(MANY))('%s, back', async (_, cell) => {
  const { backward } = scanKernels(cell);
  await row(backward, CURVED, cases(cell).flatMap(backToo), (p) => sizesOf(cell, p)).run();
});

/** The kernel in the configuration that is taken before anything is timed. */
function first<B extends Bindings>(kernel: TunableKernel<B, typeof SCAN>, p: ScanParams) {
  const { candidates, ...rest } = kernel;
  return { ...rest, ...candidates(p, gpu.tunable.limits).configs[0] };
}

/** Of a real GPU; this one's software has the plain shapes alone, and runs the others too. */
const GPU: Limits = { invocations: 256, workgroupBytes: 16_384 };

/** As other adapters than software have them, with few threads, so that they compile soon. */
const STEP = { wide: 1, lanes: 4, lines: 1, rows: 3, slices: 4 };

test.each(REGISTERED.map((cell) => [cell.name, cell] as const))(
  '%s of the registry: whole sequences at once, step by step, as a wavefront, and a single step',
  async (_, cell) => {
    const p = scanParams({ time: 3, batch: 2, hidden: 6 });
    for (const direction of ['forward', 'backward'] as const) {
      const kernel = kernelOf(cell, direction);
      const { candidates: _unused, ...rest } = kernel;
      const run = (p: ScanParams, config: KernelConfig<typeof SCAN>) => {
        const end = direction === 'backward' && p.recurrent ? p.time + 1 : p.time;
        return check({ ...rest, ...config }, CURVED, { ...p, end }, sizesOf(cell, p));
      };
      const single = multiplied(scanParams({ time: 1, batch: 2, hidden: 6 }));
      await run(single, first(kernel, single));
      if (!cell.dense) {
        await run(multiplied(p), first(kernel, multiplied(p)));
        continue;
      }
      expect(first(kernel, p).name).toContain('whole');
      await run(p, first(kernel, p));
      // Deno's driver takes seconds for each of these.
      for (const layers of onDeno ? [] : [1, 2]) {
        const config = shapeConfig(scanEngines(cell)[direction], STEP, layers, GPU);
        await run(layers > 1 ? stacked(p, layers) : p, config);
      }
    }
  },
);

test('every configuration of whole sequences that the adapter has threads for', async () => {
  const p = scanParams({ time: 3, batch: 2, hidden: 66 });
  const { forward, backward } = scanKernels(CELLS.lstm);
  const sizes = sizesOf(CELLS.lstm, p);
  const wholes = <B extends Bindings>({ candidates, ...rest }: TunableKernel<B, typeof SCAN>) =>
    candidates(p, { ...gpu.tunable.limits, software: false })
      .configs.filter(({ name }) => name.startsWith('whole'))
      .map((config) => ({ ...rest, ...config }));
  // SwiftShader has 256 threads in a workgroup, Mesa's llvmpipe 1,024.
  const names = ['whole, 192 threads', 'whole, 384 threads'];
  const expected = names.slice(0, gpu.tunable.limits.invocations < 384 ? 1 : 2);
  expect(wholes(forward).map(({ name }) => name)).toEqual(expected);
  for (const kernel of wholes(forward)) await check(kernel, CURVED, p, sizes);
  for (const kernel of wholes(backward)) {
    await check(kernel, CURVED, { ...p, end: p.time + 1 }, sizes);
  }
});

test('a workgroup makes several rows', async () => {
  const few = <B extends Bindings>(
    kernel: PlainKernel<B, typeof SCAN>,
  ): PlainKernel<B, typeof SCAN> => ({
    ...kernel,
    launch: (p) => kernel.launch(p).map((launch) => ({ ...launch, workgroups: [2, 1, 1] })),
  });
  for (const p of [SHAPES[5], ragged(20), reversed(ragged(20))]) {
    const { forward, backward } = scanKernels(CELLS.gru);
    const sizes = sizesOf(CELLS.gru, p);
    await check(few(first(forward, p)), CURVED, p, sizes);
    await check(few(first(backward, p)), CURVED, { ...p, end: p.time + 1 }, sizes);
  }
});

test('an RNN of more units than another cell keeps in registers', async () => {
  const p = scanParams({ time: 3, batch: 2, hidden: 129 });
  const { forward, backward } = scanKernels(CELLS.rnn);
  expect(first(forward, p).name).toContain('whole');
  await check(first(forward, p), CURVED, p, sizesOf(CELLS.rnn, p));
  await check(first(backward, p), CURVED, { ...p, end: p.time + 1 }, sizesOf(CELLS.rnn, p));
});

/** Rows of every shape's workgroup and some, units of no whole quad, a depth that no slices divide. */
const MOST = scanParams({ time: 3, batch: 15, hidden: 35 });
/** With four sums of a unit, three, two and one. */
const FORWARD = onDeno ? [] : [CELLS.lstm, CELLS.gru, CELLS.janet, CELLS.rnn];
/** With gates apart, and without. */
const BACKWARD = onDeno ? [] : [CELLS.lstm, CELLS.gru];

/** On SwiftShader a subgroup has four threads: two slices of two columns, or four of one. Deno has none. */
const JOINED = [
  ['an even number of sums', { wide: 2, lanes: 2, lines: 1, rows: 3, slices: 8 }],
  ['an odd one', { wide: 4, lanes: 1, lines: 1, rows: 3, slices: 8 }],
] as const;

describe.each([
  ['forward', FORWARD],
  ['backward', BACKWARD],
] as const)('every shape, %s', (direction, cells) => {
  test.each(cells.map((cell) => [cell.name, cell] as const))('%s', async (_, cell) => {
    const kernel = kernelOf(cell, direction);
    // A cell with gates apart has other sums where there are layers below.
    const p = cell.biased ? [MOST, stacked(MOST, 2)] : [MOST];
    await row(under(kernel, GPU), CURVED, p, (p) => sizesOf(cell, p)).run();
  });

  test('with as few threads as an adapter may have', async () => {
    const kernel = kernelOf(CELLS.gru, direction);
    const p = [reversed(ragged(18))];
    await row(under(kernel, LEAST_LIMITS), CURVED, p, (p) => sizesOf(CELLS.gru, p)).run();
  });

  test.each(onDeno ? [] : JOINED)('joined by shuffles, %s', async (_, shape) => {
    const { subgroups } = gpu.tunable.limits;
    const limits = { ...GPU, ...(subgroups && { subgroups }) };
    for (const cell of [CELLS.lstm, CELLS.rnn]) {
      const config = shapeConfig(scanEngines(cell)[direction], shape, 2, limits);
      expect(config.source).toContain('subgroupShuffleXor');
      const { candidates: _unused, ...kernel } = kernelOf(cell, direction);
      const p = stacked(MOST, 2);
      await row({ ...kernel, ...config }, CURVED, [p], (p) => sizesOf(cell, p)).run();
    }
  });
});

/** A scan in what it is offered under limits first, and step by step, both ways. */
async function checkWays(cell: CellDefinition, p: ScanParams, limits: Limits): Promise<void> {
  const sizes = sizesOf(cell, p);
  for (const direction of ['forward', 'backward'] as const) {
    const { candidates, ...rest } = kernelOf(cell, direction);
    const { configs } = candidates(p, limits);
    const step = configs.find(({ name }) => name.includes('slices'))!;
    const whole = p.layers === 1 && fitsRegisters(cell, p.hidden, limits);
    expect(configs[0] === step).toBe(!whole);
    const end = direction === 'backward' ? p.time + 1 : p.time;
    for (const config of new Set([configs[0], step])) {
      await check({ ...rest, ...config }, CURVED, { ...p, end }, sizes);
    }
  }
}

/** Sizes that no tile, no quad and no slice divides. */
describe.each(onDeno ? [] : [1, 7, 129, 1023])('%i units', (hidden) => {
  test.each([
    ['as few threads as an adapter may have', LEAST_LIMITS],
    ['those of a GPU without subgroups', GPU],
  ])('%s: whole sequences at once, step by step, and as a wavefront', async (_, limits) => {
    const p = scanParams({ time: 2, batch: 1, hidden });
    // The largest for four sums of a unit alone: the reference takes long.
    for (const cell of hidden > 1000 ? [CELLS.lstm] : [CELLS.lstm, CELLS.gru]) {
      await checkWays(cell, p, limits);
      await checkWays(cell, stacked(p, 2), limits);
    }
  });
});

test.each(onDeno ? [] : [3000])('a batch of %i rows, more than a GPU has cores', async (batch) => {
  const p = scanParams({ time: 2, batch, hidden: 7 });
  await checkWays(CELLS.lstm, p, LEAST_LIMITS);
  await checkWays(CELLS.lstm, stacked(p, 2), LEAST_LIMITS);
});

test('more rows than a dispatch has workgroups for', async () => {
  const { forward } = scanKernels(CELLS.rnn);
  const p = multiplied(scanParams({ time: 1, batch: 4 * 65_535 + 5, hidden: 1 }));
  await row(forward, CURVED, [p], (p) => sizesOf(CELLS.rnn, p)).run();
});

test('the gates saturate, and their gradients are finite', async () => {
  const extremes = Float32Array.of(1e3, -1e3, 1e30, -1e30, 88, -88, 89, -89, 0, -0);
  const n = extremes.length;
  const times = (count: number): Float32Array =>
    Float32Array.from({ length: count * n }, (_, i) => extremes[(i + Math.floor(i / n)) % n]);
  const p = multiplied(scanParams({ time: 1, batch: n, hidden: 1 }));
  for (const cell of [CELLS.lstm, CELLS.gru, CELLS.rnn, CELLS.peephole]) {
    const { forward, backward } = scanKernels(cell);
    const sizes = sizesOf(cell, p);
    const start = { ...sizes, gates: times(cell.slots.length) };
    const { gates, states } = await check(forward, CURVED, p, start);
    const made = { gates: gates.slice(0, sizes.gates), states: states.slice(0, sizes.states) };
    const back = await check(backward, CURVED, p, { ...sizes, ...made });
    expect(back.gates.every(Number.isFinite), cell.name).toBe(true);
  }
});
