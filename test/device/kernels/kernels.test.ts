/**
 * Rung 2: every kernel on WebGPU against its CPU reference.
 */
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../../src/backend/kernel';
import { withFiles } from '../../../src/backend/webgpu/shader_files';
import { axpy } from '../../../src/kernels/axpy';
import { fill } from '../../../src/kernels/fill';
import { check, ROUNDED, SUMMED } from './harness';
import { ELEMENTWISE } from './elementwise';
import { MATMUL } from './matmul';
import { REDUCTIONS } from './reductions';
import { LOSSES } from './losses';
import { MOVES } from './moves';
import { OPTIMIZERS } from './optimizers';

const TABLE = [...ELEMENTWISE, ...MATMUL, ...REDUCTIONS, ...LOSSES, ...MOVES, ...OPTIMIZERS];

const modules = import.meta.glob<Record<string, unknown>>('../../../src/kernels/*.ts', {
  eager: true,
});

const NAMED = TABLE.map((one) => [one.kernel.name, one] as const);

test('every kernel has a row', () => {
  const named = Object.values(modules)
    .flatMap((module) => Object.values(module))
    .filter((value) => typeof value === 'object' && value !== null && 'bindings' in value)
    .map((kernel) => (kernel as Kernel).name);
  expect(named.length).toBeGreaterThan(0);
  expect([...new Set(TABLE.map(({ kernel }) => kernel.name))].sort()).toEqual(named.sort());
});

const FOLDABLE = NAMED.filter(([, { foldable }]) => foldable);

test.each(NAMED)('%s', (_, { run }) => run());

test.each(FOLDABLE)('%s, its workgroups folded to two dimensions', (_, { runFolded }) =>
  runFolded(),
);

describe('the harness', () => {
  const params = { n: 63, value: 2 };
  test.each([
    ['an element left out', { ...fill, launch: () => [] }],
    [
      'a write past the end',
      { ...fill, source: withFiles(fill.source).replace('>= params.n', '> params.n') },
    ],
    [
      'a wrong number',
      { ...fill, source: withFiles(fill.source).replace('params.value', '2.001') },
    ],
  ])('sees %s', async (_, broken) => {
    await expect(check(broken, SUMMED, params, { out: 63 })).rejects.toThrow('fill');
  });
});

test('elements past 65,535 workgroups are reached', async () => {
  const n = 65_535 * 64 + 65;
  await check(axpy, ROUNDED, { n, alpha: 0.5 }, { x: n, y: n });
});
