/** Rung 2 for the scan: of cells of every kind, on WebGPU against its CPU reference. */
import { describe, expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import type { Bindings, Kernel, Limits } from '../../src/backend/kernel';
import { CellDefinition } from '../../src/cell/definition';
import { scanEngines, scanKernels } from '../../src/kernels/scan';
import { shapeConfig } from '../../src/kernels/scan_candidates';
import { scanParams } from '../../src/kernels/scan_config';
import type { SCAN, ScanParams } from '../../src/kernels/scan_config';
import type { CellEntry } from '../../src/nn/cells/entry';
import { CELLS as REGISTRY } from '../../src/nn/cells/registry';
import { CELLS } from '../setup/cells';
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

type ScanKernel = Kernel<Bindings, typeof SCAN>;
const kernelOf = (cell: CellDefinition, direction: 'forward' | 'backward'): ScanKernel =>
  scanKernels(cell)[direction] as unknown as ScanKernel;

/** The kernel with what it has for an adapter of other limits. */
const under = (kernel: ScanKernel, limits: Limits): ScanKernel => ({
  ...kernel,
  candidates: (p) => kernel.candidates!(p, limits),
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
function first<B extends Bindings>(kernel: Kernel<B, typeof SCAN>, p: ScanParams) {
  const { candidates, scratch: _, ...rest } = kernel;
  return { ...rest, ...candidates!(p, gpu.tunable.limits).configs[0] };
}

const REGISTERED = Object.values<CellEntry>(REGISTRY).flatMap(({ kind }) =>
  kind instanceof CellDefinition && kind.dense ? [kind] : [],
);

test('each cell of the registry, whole sequences at once', async () => {
  const p = scanParams({ time: 3, batch: 2, hidden: 6 });
  for (const cell of REGISTERED) {
    const { forward, backward } = scanKernels(cell);
    const sizes = sizesOf(cell, p);
    expect(first(forward, p).name).toContain('whole');
    await check(first(forward, p), CURVED, p, sizes);
    await check(first(backward, p), CURVED, { ...p, end: p.time + 1 }, sizes);
  }
});

test('every configuration of whole sequences that the adapter has threads for', async () => {
  const p = scanParams({ time: 3, batch: 2, hidden: 66 });
  const { forward, backward } = scanKernels(CELLS.lstm);
  const sizes = sizesOf(CELLS.lstm, p);
  const wholes = <B extends Bindings>({
    candidates,
    scratch: _,
    ...rest
  }: Kernel<B, typeof SCAN>) =>
    candidates!(p, { ...gpu.tunable.limits, software: false })
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
  const few = <B extends Bindings>(kernel: Kernel<B, typeof SCAN>): Kernel<B, typeof SCAN> => ({
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

/** Of a real GPU; this one's software has the plain shapes alone, and runs the others too. */
const GPU: Limits = { invocations: 256, workgroupBytes: 16_384 };
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
