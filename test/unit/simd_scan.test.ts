/** The scan's SIMD against its reference: cells of every kind, sizes around a vector, threads. */
import { beforeAll, describe, expect, test } from 'vitest';

import type { CellDefinition } from '../../src/cell/definition';
import { OPS } from '../../src/cell/ops';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import type { ScanParams } from '../../src/kernels/scan_config';
import { Random } from '../../src/random';
import { CELLS } from '../setup/cells';
import { compare, threadsReady } from '../setup/fast_cpu';
import { beginsOf, scanSizes } from '../setup/scan_cases';

beforeAll(() => threadsReady(3));

const SHAPES = [
  [1, 1, 1],
  [4, 1, 3],
  [3, 2, 4],
  [5, 3, 7],
  [2, 9, 64],
  [3, 5, 130],
  [2, 4, 515],
].map(([time, batch, hidden]) => scanParams({ time, batch, hidden }));

const BATCH_SIZES = [11, 10, 10, 6, 3, 1];
const BEGINS = beginsOf(BATCH_SIZES);
const ragged = (hidden: number): ScanParams =>
  scanParams({ time: 6, batch: 12, hidden, rows: BEGINS.at(-1)!, ragged: 1 });

/** Fewer rows than three threads have tiles for: they share the units of each step. */
const FEW_BEGINS = beginsOf([7, 7, 3, 1]);
const FEW = [
  scanParams({ time: 4, batch: 2, hidden: 200 }),
  scanParams({ time: 6, batch: 4, hidden: 200, begin: 1, end: 5 }),
  scanParams({ time: 3, batch: 8, hidden: 200, reverse: 1 }),
  scanParams({ time: 4, batch: 8, hidden: 200, rows: FEW_BEGINS.at(-1)!, ragged: 1 }),
];

const reversed = (p: ScanParams): ScanParams => ({ ...p, reverse: 1 });
const PLAIN = [
  ...SHAPES,
  ...SHAPES.slice(2).map(reversed),
  ...[5, 33].flatMap((hidden) => [ragged(hidden), reversed(ragged(hidden))]),
  // Single steps of a row, for which weights are not packed, and parts of a scan.
  scanParams({ time: 3, batch: 1, hidden: 21 }),
  scanParams({ time: 1, batch: 2, hidden: 21 }),
  scanParams({ time: 5, batch: 6, hidden: 9, begin: 2, end: 4 }),
];
const cases = ({ dense }: CellDefinition): ScanParams[] => {
  const multiplied = PLAIN.map((p) => ({ ...p, recurrent: 0 }));
  return dense ? [...PLAIN, ...multiplied.slice(0, 4)] : multiplied;
};

function unit(length: number): Float32Array {
  const random = new Random(length, 3);
  return Float32Array.from({ length }, () => random.uniform());
}

function sizesOf(cell: CellDefinition, p: ScanParams, begins = BEGINS) {
  const sizes = scanSizes(cell, p);
  const scale = 1 / Math.sqrt(p.hidden);
  const weight = unit(sizes.weight).map((x) => (x - 0.5) * scale);
  return { ...sizes, weight, table: Int32Array.from(begins) };
}

describe.each(Object.entries(CELLS))('%s', (_, cell) => {
  const { forward, backward } = scanKernels(cell);
  /** What a slot holds that nothing needs is nobody's business. */
  const kept = cell.keptSlots.every(Boolean)
    ? forward
    : {
        ...forward,
        fastCpu: (...[arrays, ...others]: Parameters<NonNullable<typeof forward.fastCpu>>) => {
          const before = arrays.gates.slice();
          const done = forward.fastCpu!(arrays, ...others);
          arrays.gates.set(before);
          return done;
        },
      };

  test('forward', () => {
    for (const p of cases(cell)) compare(kept, p, sizesOf(cell, p), 1e-4);
    // Without a recurrent product threads have rows of their own.
    for (const p of FEW) {
      const few = cell.dense ? p : { ...p, recurrent: 0 };
      compare(kept, few, sizesOf(cell, p, FEW_BEGINS), 1e-4);
    }
  });

  test('back', () => {
    for (const p of cases(cell)) {
      const sizes = sizesOf(cell, p);
      const starts = { ...sizes, gates: unit(sizes.gates) };
      compare(backward, p, starts, 2e-4);
      if (p.recurrent && p.end === p.time)
        compare(backward, { ...p, end: p.time + 1 }, starts, 2e-4);
    }
  });
});

test('the cells have every instruction', () => {
  const used = new Set<number>();
  for (const { forward, backward } of Object.values(CELLS)) {
    for (const { code } of [forward, backward]) {
      for (let i = 0; i < code.length; i += 5) used.add(code[i]);
    }
  }
  expect([...used].sort((a, b) => a - b)).toEqual(Object.values(OPS));
});
