/** What the autotuner is told of a scan. */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import type { Limits } from '../../src/backend/kernel';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import { tileSource } from '../../src/kernels/webgpu/scan_source';
import { nameOf, shapesOf, tileOf } from '../../src/kernels/webgpu/scan_step';
import { fitsRegisters } from '../../src/kernels/webgpu/scan_whole';
import { CELLS } from '../setup/cells';
import { DEFAULT_LIMITS } from '../setup/pipelines';
import '../setup/webgpu_kernels';

test.each([
  ['forward', 5],
  ['backward', 6],
] as const)('a ragged batch is tuned as an even one of its mean size, %s', (direction, end) => {
  const kernel = scanKernels(CELLS.gru)[direction];
  const of = (given: Parameters<typeof scanParams>[0]) =>
    kernel.candidates(scanParams({ ...given, end }), LEAST_LIMITS);
  const even = of({ time: 5, batch: 4, hidden: 16 });
  // A trial's buffers hold anything: no table tells it where rows begin.
  const ragged = of({ time: 5, batch: 9, rows: 24, ragged: 1, hidden: 16 });
  expect(ragged.sizeClass).toBe(even.sizeClass);
  expect(ragged.trial).toEqual(even.trial);
  expect(even.trial).toMatchObject({ ragged: 0, batch: 4, rows: 20, end });
});

test.each([
  ['lstm', 256, 128],
  ['lstm', 128, 64],
  ['gru', 256, 128],
  ['gru', 128, 64],
  ['mgu', 256, 128],
  ['rnn', 256, 256],
  ['rnn', 1024, 256],
  ['rnn', 128, 128],
  ['indrnn', 256, 0],
] as const)(
  '%s, %i threads: registers hold the matrix up to %i units',
  (name, invocations, most) => {
    const limits = { ...LEAST_LIMITS, invocations };
    for (let hidden = 1; hidden < 300; hidden++) {
      expect(fitsRegisters(CELLS[name], hidden, limits), `${hidden}`).toBe(hidden <= most);
      if (!CELLS[name].dense) continue;
      const { forward, backward } = scanKernels(CELLS[name]);
      for (const { candidates } of [forward, backward]) {
        const { configs } = candidates(scanParams({ time: 2, batch: 2, hidden }), limits);
        expect(configs[0].name.startsWith('whole')).toBe(hidden <= most);
      }
    }
  },
);

test('where a workgroup may have 512 threads, half as much of a matrix in each is tried too', () => {
  const { forward, backward } = scanKernels(CELLS.lstm);
  for (const { candidates } of [forward, backward]) {
    const wholeOf = (hidden: number, invocations: number) => {
      const limits = { ...DEFAULT_LIMITS, invocations };
      const { configs } = candidates(scanParams({ time: 2, batch: 2, hidden }), limits);
      const names = configs.map(({ name }) => name);
      return names.filter((name) => name.startsWith('whole'));
    };
    expect(wholeOf(128, 1024)).toEqual(['whole, 256 threads', 'whole, 512 threads']);
    expect(wholeOf(128, 256)).toEqual(['whole, 256 threads']);
    expect(wholeOf(96, 1024)).toEqual(['whole, 192 threads', 'whole, 384 threads']);
    // There the first has few floats as it is.
    expect(wholeOf(64, 1024)).toEqual(['whole, 128 threads']);
  }
});

test('a long sequence is cut into dispatches, each far from a watchdog', () => {
  const p = scanParams({ time: 1600, batch: 64, hidden: 128, end: 1601 });
  const { backward } = scanKernels(CELLS.lstm);
  const [whole] = backward.candidates(p, DEFAULT_LIMITS).configs;
  const parts = whole.launch(p).map(({ params }) => [params!.begin, params!.end]);
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.map(([begin]) => begin)).toEqual([0, ...parts.slice(0, -1).map(([, end]) => end)]);
  expect(parts.at(-1)![1]).toBe(1601);
  const small = scanParams({ time: 50, batch: 32, hidden: 128 });
  expect(whole.launch(small)).toHaveLength(1);
  expect(whole.launch(scanParams({ time: 5, batch: 0, hidden: 128 }))).toEqual([]);
});

const SIZES = [1, 7, 129, 512, 1023].flatMap((hidden) =>
  [1, 32, 100, 3000].map((batch) => scanParams({ time: 2, batch, hidden })),
);
const ADAPTERS: Limits[] = [
  LEAST_LIMITS,
  { invocations: 256, workgroupBytes: 16_384 },
  ...[4, 8, 32, 128].map((least) => ({
    ...{ invocations: 256, workgroupBytes: 32_768, subgroups: { least, most: 128 } },
  })),
];
/** Sums of a unit and their depth, of an RNN, MGU, GRU and LSTM, forward and back. */
const EXTENTS = [1, 2, 3, 4].flatMap((gates) => [
  { sums: gates, depth: 1 },
  { sums: 1, depth: gates },
]);

test.each(ADAPTERS)(
  'four to six shapes of a step, and the first by the class of sizes: %j',
  (limits) => {
    const kernels = [CELLS.lstm, CELLS.gru, CELLS.mgu, CELLS.rnn].flatMap((cell) => {
      const { forward, backward } = scanKernels(cell);
      return [forward, backward];
    });
    for (const { candidates } of kernels) {
      for (const p of SIZES.filter(({ hidden }) => hidden > 256)) {
        const { configs } = candidates(p, limits);
        const names = new Set(configs.map((config) => config.name));
        expect(names.size).toBeGreaterThanOrEqual(4);
        expect(names.size).toBeLessThanOrEqual(6);
        expect(new Set(configs.map(({ source }) => source)).size).toBe(names.size);
      }
      const of = (batch: number, hidden: number) =>
        candidates(scanParams({ time: 2, batch, hidden }), limits);
      expect(of(100, 512).sizeClass).toBe(of(65, 500).sizeClass);
      expect(of(100, 512).sizeClass).not.toBe(of(50, 512).sizeClass);
      expect(of(100, 512).configs[0]).not.toBe(of(1, 512).configs[0]);
    }
  },
);

test('a cell of three gates has three quarters of the weights of one of four', () => {
  const weightsOf = (name: 'lstm' | 'gru', direction: 'forward' | 'backward') => {
    const p = scanParams({ time: 2, batch: 0, hidden: 512 });
    const [config] = scanKernels(CELLS[name])[direction].candidates(p, DEFAULT_LIMITS).configs;
    return config.scratch!(p);
  };
  for (const direction of ['forward', 'backward'] as const) {
    expect(weightsOf('lstm', direction)).toBe(4 * 4 * 512 * (512 / 4));
    expect(weightsOf('gru', direction)).toBe(3 * 4 * 512 * (512 / 4));
  }
});

test.each(ADAPTERS)('every shape keeps to the limits of an adapter: %j', (limits) => {
  for (const p of SIZES) {
    for (const extent of EXTENTS) {
      const shapes = shapesOf(p, extent, limits);
      expect(new Set(shapes.map(nameOf)).size).toBe(shapes.length);
      for (const shape of shapes) {
        const tile = tileOf(shape, extent, limits);
        const { lanes, lines, rows, slices, quads, units, sums, shuffled, held } = tile;
        expect(lanes * lines * slices).toBeLessThanOrEqual(limits.invocations);
        const parts = (slices / shuffled) * lines * held * quads * lanes;
        expect(16 * parts).toBeLessThanOrEqual(limits.workgroupBytes);
        expect(sums * units).toBe(4 * quads);
        expect((lanes * units) % 4).toBe(0);
        expect(held).toBeLessThanOrEqual(rows);
        const { subgroups } = limits;
        if (shuffled > 1) expect(subgroups!.least % (lanes * lines * shuffled)).toBe(0);
        expect(tileSource(tile).enable).toBe(shuffled > 1 ? 'enable subgroups;\n' : '');
      }
    }
  }
});

test.each([
  // Rows and columns of a workgroup, and slices, as measured on a large GPU.
  ['forward', 100, 512, '13 rows by 8 x 2 columns, 16 slices'],
  ['forward', 50, 512, '13 rows by 8 columns, 16 slices'],
  ['forward', 32, 128, '4 rows by 8 columns, 32 slices'],
  ['backward', 100, 512, '13 rows by 4 x 2 columns, 64 slices'],
  ['backward', 50, 512, '13 rows by 4 columns, 64 slices'],
  ['backward', 32, 128, '4 rows by 4 columns, 64 slices'],
] as const)('an LSTM %s, B %i, H %i: %s first', (direction, batch, hidden, name) => {
  const limits = {
    ...{ invocations: 256, workgroupBytes: 16_384, subgroups: { least: 32, most: 32 } },
  };
  const p = scanParams({ time: 10, batch, hidden });
  const names = scanKernels(CELLS.lstm)
    [direction].candidates(p, limits)
    .configs.map((config) => config.name);
  expect(names.find((each) => each.includes('slices'))).toBe(name);
});
