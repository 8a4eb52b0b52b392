/**
 * How the slices of a step's products come together, in subgroups of every size that an adapter may have: the generated
 * text is followed line by line, for all threads of a workgroup. Adapters in software have subgroups of 4 or 8.
 */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import { scanParams } from '../../src/kernels/scan_config';
import { tileSource } from '../../src/kernels/webgpu/scan_source';
import type { Tile } from '../../src/kernels/webgpu/scan_source';
import { nameOf, shapesOf, tileOf } from '../../src/kernels/webgpu/scan_step';

interface Thread {
  readonly lane: number;
  readonly line: number;
  readonly slice: number;
  readonly values: Map<string, number>;
}

/** What is in `parts` in the end, by its index, when each thread begins with these sums. */
function partsOf(tile: Tile, threads: readonly Thread[]): Map<number, number> {
  const { source } = tileSource(tile);
  const [, body] = /fn join\([^]*?\{\n([^]*?)\n {2}finish/.exec(source)!;
  const { lanes, lines, rows, quads } = tile;
  const parts = new Map<number, number>();
  let stores = threads;
  const of = ({ values }: Thread, name: string) => values.get(name.replace('sums.', ''))!;
  const bit = ({ slice }: Thread, name: string) => (slice & Number(name.slice('upper'.length))) > 0;
  for (const text of body.split('\n').map((line) => line.trim())) {
    const made = /^let (part\w+) = (.*);$/.exec(text);
    const condition = /^if \((.*)\) \{$/.exec(text);
    const store = /^parts\[at \+ (\d+)u \* LANES\] = (.*);$/.exec(text);
    if (made) {
      const [, name, how] = made;
      const exchange = /^exchange\((\S+), (\S+), (\w+), (\d+)u\)$/.exec(how);
      const added = /^(\S+) \+ subgroupShuffleXor\(\1, (\d+)u\)$/.exec(how);
      const results = threads.map((thread, i) => {
        const other = threads[i ^ Number(exchange?.[4] ?? added![2])];
        if (added) return of(thread, added[1]) + of(other, added[1]);
        const [, low, high, upper] = exchange!;
        // It sends the half that it does not keep.
        const sent = bit(other, upper) ? low : high;
        return of(thread, bit(thread, upper) ? high : low) + of(other, sent);
      });
      threads.forEach(({ values }, i) => values.set(name, results[i]));
    } else if (condition) {
      const bits = [...condition[1].matchAll(/thread\.slice & (\d+)u\) == 0u/g)].map(([, digits]) =>
        Number(digits),
      );
      stores = threads.filter(({ slice }) => bits.every((each) => (slice & each) === 0));
    } else if (store) {
      const first = /let first = (.*);/.exec(body)![1];
      for (const thread of stores) {
        const begin = [...first.matchAll(/select\(0u, (\d+)u, (\w+)\)/g)]
          .map(([, half, upper]) => (bit(thread, upper) ? Number(half) : 0))
          .reduce((a, b) => a + b, 0);
        const part = Math.floor(thread.slice / tile.shuffled);
        const place = (part * lines + thread.line) * rows * quads + begin + Number(store[1]);
        const at = place * lanes + thread.lane;
        expect(parts.has(at)).toBe(false);
        parts.set(at, of(thread, store[2]));
      }
    }
  }
  return parts;
}

const CASES = [4, 8, 16, 32, 64, 128].flatMap((least) => {
  const limits = { invocations: 256, workgroupBytes: 16_384, subgroups: { least, most: 128 } };
  return [...[1, 2, 3, 4].map((sums) => ({ sums, depth: 1 })), { sums: 1, depth: 4 }].flatMap(
    (extent) =>
      shapesOf(scanParams({ time: 2, batch: 100, hidden: 512 }), extent, limits)
        .map((shape) => [least, nameOf(shape), extent.sums, tileOf(shape, extent, limits)] as const)
        .filter(([, , , tile]) => tile.shuffled > 1),
  );
});

test('some shapes shuffle in subgroups of each size, and none without subgroups', () => {
  for (const least of [8, 16, 32, 64, 128]) {
    expect(CASES.some(([size]) => size === least)).toBe(true);
  }
  const extent = { sums: 4, depth: 1 };
  const shapes = shapesOf(scanParams({ time: 2, batch: 100, hidden: 512 }), extent, LEAST_LIMITS);
  for (const shape of shapes) expect(tileOf(shape, extent, LEAST_LIMITS).shuffled).toBe(1);
});

test.each(CASES)('subgroups of %i, %s, %i sums of a unit', (least, _, __, tile) => {
  const { lanes, lines, rows, slices, quads, shuffled } = tile;
  const names = [...Array(rows * quads).keys()].map((i) => {
    const letter = quads > 1 ? 'abcd'[i % quads] : '';
    return `sum${Math.floor(i / quads)}${letter}`;
  });
  // Whole numbers, so that their sums are exact: each thread's own.
  const threads = Array.from({ length: lanes * lines * slices }, (_unused, local) => ({
    ...{ lane: local % lanes, line: Math.floor(local / lanes) % lines },
    slice: Math.floor(local / (lanes * lines)),
    values: new Map(names.map((name, i) => [name, (local + 1) * 1009 + i * i])),
  }));
  const expected = new Map<string, number>();
  for (const { lane, line, values } of threads) {
    names.forEach((name, i) => {
      const key = [line, i, lane].join();
      expected.set(key, (expected.get(key) ?? 0) + values.get(name)!);
    });
  }
  // No thread shuffles with one of another subgroup.
  expect(shuffled * lanes * lines).toBeLessThanOrEqual(least);
  const parts = partsOf(tile, threads);
  const count = slices / shuffled;
  expect(parts.size).toBe(count * lines * names.length * lanes);
  for (const [key, sum] of expected) {
    const [line, i, lane] = key.split(',').map(Number);
    const all = Array.from({ length: count }, (_unused, part) =>
      parts.get(((part * lines + line) * names.length + i) * lanes + lane),
    );
    expect(all.reduce<number>((a, b) => a + b!, 0)).toBe(sum);
  }
});
