/** What `npm run bench:kernels` tells of kernels: on the CPU, and by formula. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { costOf } from '../../bench/cost.mjs';
import { layerStep } from '../../src/kernels/layer_step';
import { matmul } from '../../src/kernels/matmul';
import { matmulParams } from '../../src/kernels/matmul_params';
import { packTensors } from '../../src/kernels/pack_tensors';
import { scanKernels } from '../../src/kernels/scan';
import { scanParams } from '../../src/kernels/scan_config';
import { unpackTensors } from '../../src/kernels/unpack_tensors';
import { writeKernel, writerParams } from '../../src/kernels/write_text';
import type { Kernel } from '../../src/backend/kernel';
import { CELLS } from '../setup/cells';
import { scanSizes } from '../setup/scan_cases';

/** Of each kernel its calls, operations and bytes, in millions. */
async function kernelsOf(workload: string) {
  const args = ['bench/kernels.mjs', '--device', 'cpu', '--count', '--workload', workload];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [title, , ...rows] = stdout.trim().split('\n');
  const cells = rows.map((row) => row.trim().split(/ {2,}/));
  const lines = new Map(
    cells.map(([name, calls, , mflop, mb]) => [name, [calls, mflop, mb].map(Number)]),
  );
  return { title, lines };
}

test('a training step on the CPU: each product and scan once', async () => {
  const { title, lines } = await kernelsOf('b8');
  expect(title).toBe('b8, a step: LSTM 1x128, B=8, T=50, V=65; CPU');
  // 400 rows by four matrices of 128 x 128.
  const [calls, mflop] = lines.get('scan_forward')!;
  expect([calls, mflop]).toEqual([1, 52.4]);
  expect(lines.get('scan_backward')!.slice(0, 2)).toEqual([1, 52.4]);
  expect(lines.get('matmul 400 x 65 x 128')!.slice(0, 2)).toEqual([1, 6.66]);
  expect(lines.get('adam')![0]).toBe(1);
});

test('a text that is written, and one that is read', async () => {
  const written = await kernelsOf('sample');
  expect(written.title).toContain('sample, 1000 characters');
  expect(written.lines.get('draw_token')![0]).toBe(1000);
  expect(written.lines.has('adam')).toBe(false);
  const read = await kernelsOf('eval');
  expect(read.title).toContain('eval, a window of 512');
  expect(read.lines.get('scan_forward')).toEqual([1, 1074, expect.any(Number)]);
  expect(read.lines.has('scan_backward')).toBe(false);
});

const of = (sizes: Record<string, number>) =>
  Object.fromEntries(Object.entries(sizes).map(([name, length]) => [name, { length }]));
const cost = (kernel: unknown, sizes: Record<string, number>, params: object) =>
  costOf(kernel as Kernel, of(sizes), params as Record<string, number>);

test('operations and bytes at the least', () => {
  const product = matmulParams({ m: 2, n: 3, k: 5, has_bias: 1 });
  expect(cost(matmul, { a: 10, b: 15, bias: 3, out: 6 }, product)).toEqual({
    ...{ operations: 60, bytes: 4 * (10 + 15 + 3 + 6) },
  });
  const p = scanParams({ time: 2, batch: 3, hidden: 4 });
  const sizes = scanSizes(CELLS.lstm, p);
  expect(cost(scanKernels(CELLS.lstm).forward, sizes, p)).toEqual({
    ...{ operations: 2 * 6 * 64, bytes: 4 * (64 + 2 * 96 + sizes.states) },
  });
  const step = { by_id: 0, rows: 2, hidden: 4 };
  const layer = { weight_hh: 64, weight_ih: 64, input: 8, id: 2, vectors: 16, h: 8, next: 8 };
  expect(cost(layerStep(CELLS.lstm), { ...layer, rest: 8 }, step)).toEqual({
    ...{ operations: 2 * 2 * 128, bytes: 4 * (128 + 16 + 8 + 16 + 16) },
  });
  const byId = cost(layerStep(CELLS.lstm), { ...layer, rest: 8 }, { ...step, by_id: 1 });
  expect(byId).toEqual({ operations: 2 * 2 * 64, bytes: 4 * (64 + 16 + 32 + 16 + 16) });
  const sizesOf = { layers: 1, hidden: 4, vocabulary: 8, streams: 2, count: 10, capacity: 10 };
  const written = { weights: 96, table: 128, vectors: 24, states: 16 };
  expect(cost(writeKernel(CELLS.lstm), written, writerParams(sizesOf))).toEqual({
    ...{ operations: 2 * 20 * 96, bytes: 4 * (96 + 24 + 32 + 20 * 16 + 20) },
  });
  // Of 7 and 64 elements; what stands for the others is not read.
  const packs = { n0: 7, n1: 64, n2: 0, n3: 0, n4: 0, n5: 0, n6: 0, pad: 64 };
  const bound = { x0: 7, x1: 64, x2: 7, x3: 7, x4: 7, x5: 7, x6: 7, flat: 5000 };
  expect(cost(packTensors, bound, packs).bytes).toBe(4 * (71 + 128));
  expect(cost(unpackTensors, bound, { ...packs, pad: 1 }).bytes).toBe(4 * 2 * 71);
});
