/** Rung 2 for the kernel that writes text: of cells of every kind, on WebGPU against its CPU reference. */
import { expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import type { CellDefinition } from '../../src/cell/definition';
import { canWrite, writeKernel, writerParams } from '../../src/kernels/write_text';
import { CELLS } from '../setup/cells';
import { DEFAULT_LIMITS } from '../setup/pipelines';
import { CURVED, numbers, row } from './kernels/harness';

type Case = ReturnType<typeof writerParams>;

/** One slice of the depth and many, more quads than threads, rows that are no multiple of four. */
const CASES = [
  { layers: 1, hidden: 1, vocabulary: 1, streams: 1, count: 3, capacity: 2 },
  { layers: 2, hidden: 5, vocabulary: 7, streams: 3, count: 4, capacity: 5 },
  { layers: 1, hidden: 17, vocabulary: 66, streams: 2, count: 5, capacity: 8 },
  { layers: 3, hidden: 32, vocabulary: 9, streams: 1, count: 3, capacity: 4 },
  { layers: 1, hidden: 270, vocabulary: 65, streams: 1, count: 2, capacity: 4 },
  { layers: 1, hidden: 3, vocabulary: 600, streams: 2, count: 2, capacity: 4 },
  { layers: 2, hidden: 4, vocabulary: 3, streams: 5, count: 0, capacity: 4 },
].map((sizes) => writerParams(sizes));

/** All that is drawn is compared with the CPU's: far apart, so that rounding tips no draw. */
function starts(cell: CellDefinition, { layers, hidden: H, vocabulary, streams, capacity }: Case) {
  const [G, S, V] = [cell.gates.length, cell.state.length, cell.vectors.length];
  const matrix = H * 4 * Math.ceil((G * H) / 4);
  const matrices = (cell.dense ? layers : 0) + layers - 1;
  const small = (n: number) => numbers(n, -1, 1).map((value) => value / Math.sqrt(H));
  const weights = small(matrices * matrix + H * 4 * Math.ceil(vocabulary / 4));
  const biases = (cell.biased ? 2 * G : G) + V;
  return {
    weights,
    table: numbers(vocabulary * G * H, -2, 2),
    vectors: numbers(layers * biases * H + vocabulary, -1, 1),
    settings: Float32Array.of(0.7, 0, 1),
    cursor: Uint32Array.from({ length: 4 * streams }, (_, i) => [i, 2, 3, 0][i % 4]),
    id: Int32Array.from({ length: streams }, (_, i) => i % vocabulary),
    drawn: new Int32Array(streams * capacity).fill(-1),
    states: small(S * layers * streams * H),
  };
}

test.each(Object.entries(CELLS))('%s', async (_, cell) => {
  const cases = cell.name === 'lstm' ? CASES : cell.biased ? CASES.slice(1, 3) : [CASES[1]];
  await row(writeKernel(cell), CURVED, cases, (p) => starts(cell, p)).run();
});

test('with few threads, in several dispatches, and in a folded line', async () => {
  const kernel = writeKernel(CELLS.lstm);
  const { candidates, ...rest } = kernel;
  const narrow = { ...rest, ...candidates(CASES[1], LEAST_LIMITS).configs[0] };
  await row(kernel, CURVED, [CASES[1]], (p) => starts(CELLS.lstm, p)).runFolded();
  const cut = {
    ...narrow,
    launch: (p: Case) =>
      narrow.launch(p).flatMap((launch) => {
        const count = Number(launch.params!.count);
        return Array.from({ length: count }, () => ({
          ...launch,
          params: { ...launch.params, count: 1 },
        }));
      }),
  };
  await row(cut, CURVED, CASES.slice(1, 3), (p) => starts(CELLS.lstm, p)).run();
});

test('serves what fits, and cuts it into dispatches of bounded work', () => {
  const { lstm, gru } = CELLS;
  const serves = (layers: number, hidden: number, vocabulary = 100) =>
    canWrite(lstm, { layers, hidden, vocabulary }, { invocations: 256, workgroupBytes: 16_384 });
  expect([serves(1, 512), serves(2, 256), serves(3, 256)]).toEqual([true, true, true]);
  expect([serves(2, 512), serves(1, 1024), serves(1, 128, 3000)]).toEqual([false, false, false]);
  expect(canWrite(gru, { layers: 1, hidden: 128, vocabulary: 65 }, LEAST_LIMITS)).toBe(true);
  const sizes = { layers: 1, hidden: 512, vocabulary: 100 };
  const long = writerParams({ ...sizes, streams: 40, count: 1000, capacity: 1000 });
  const [config] = writeKernel(lstm).candidates(long, DEFAULT_LIMITS).configs;
  const counts = config.launch(long).map(({ params }) => params!.count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
  expect(Math.max(...counts) * 512 * 2148 * 3).toBeLessThan(2 ** 27);
});
