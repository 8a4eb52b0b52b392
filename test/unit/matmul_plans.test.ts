/** Which configuration a product is made in, and how its depth is split. */
import { describe, expect, test } from 'vitest';

import { LEAST_LIMITS } from '../../src/backend/kernel';
import { matmulParams } from '../../src/kernels/matmul_params';
import { matmulCandidates, matmulPlans, workOf } from '../../src/kernels/webgpu/matmul';
import { tilesSource } from '../../src/kernels/webgpu/matmul_tiles';

const LIMITS = { invocations: 256, workgroupBytes: 16_384 };

/** The plan to take first, and what it comes to. */
function planOf(m: number, n: number, k: number, limits = LIMITS) {
  const p = { m, n, k, batches: 1 };
  const [plan] = matmulPlans(p, limits);
  const { splits, workgroups, split_depth } = workOf(p, plan);
  return { name: plan.name, splits, workgroups, split_depth };
}

describe('the fastest of those that were measured on an H200', () => {
  test.each([
    ['weights of 512 units', [2048, 512, 10_000], 'tiles 128', 4, 256],
    ['input of 512 units', [10_000, 2048, 512], 'tiles 128', 1, 1264],
    ['gradient of the input', [10_000, 512, 2048], 'tiles 128', 2, 632],
    // In 16 splits of 100 each; in whole slices of 16 they are 15.
    ['weights of 128 units', [512, 128, 1600], 'tiles 64', 15, 240],
    ['input of 128 units', [1600, 512, 128], 'tiles 64', 1, 200],
  ] as const)('%s', (_, [m, n, k], name, splits, workgroups) => {
    expect(planOf(m, n, k)).toMatchObject({ name, splits, workgroups });
  });
});

test.each([
  ['weights of a GRU of 512 units', [1536, 512, 2500], 'tiles 128', 5, 240],
  ['weights of an LSTM of 512 units', [2048, 512, 2500], 'tiles 128', 4, 256],
  ['gradient of its input', [2500, 512, 2048], 'tiles 128', 3, 240],
] as const)(
  '%s: one round of workgroups, no second that stays empty',
  (_, [m, n, k], name, ...work) => {
    const [splits, workgroups] = work;
    expect(planOf(m, n, k)).toMatchObject({ name, splits, workgroups });
  },
);

test('a product of few rows takes no tiles', () => {
  expect(planOf(1, 2048, 512)).toMatchObject({ name: 'direct 32', splits: 4 });
  expect(matmulPlans({ m: 16, n: 2048, k: 512, batches: 1 }, LIMITS)).toHaveLength(2);
});

test('splits cover the depth, without an empty one', () => {
  for (const size of [33, 65, 129, 1023]) {
    for (const k of [1, 7, 100, 129, 1023, 10_007]) {
      const p = { m: size, n: size, k, batches: 1 };
      for (const plan of matmulPlans(p, LIMITS)) {
        const { splits, split_depth } = workOf(p, plan);
        expect(splits * split_depth).toBeGreaterThanOrEqual(k);
        expect((splits - 1) * split_depth).toBeLessThan(k);
      }
    }
  }
});

test.each([
  ['128 threads', LEAST_LIMITS],
  ['less workgroup memory', { invocations: 256, workgroupBytes: 16_383 }],
])('within %s there are no tiles of 128', (_, limits) => {
  const names = matmulPlans({ m: 4096, n: 4096, k: 64, batches: 1 }, limits).map(
    ({ name }) => name,
  );
  expect(names).toEqual(['tiles 64', 'direct 64', 'direct 32']);
});

test('a configuration is made once', () => {
  const p = matmulParams({ m: 512, n: 512, k: 512 });
  const [first, second] = [p, { ...p, m: 500 }].map((p) => matmulCandidates(p, LIMITS).configs);
  expect(first.map(({ name }) => name)).toEqual(second.map(({ name }) => name));
  first.forEach((config, i) => expect(config).toBe(second[i]));
});

test('software adapters get loops over depths; others every depth written out', () => {
  const depths = (source: string) => source.split('let upper').length - 1;
  expect(depths(tilesSource(128, 4))).toBe(4);
  const { configs } = matmulCandidates(matmulParams({ m: 512, n: 512, k: 512 }), LIMITS);
  const software = matmulCandidates(matmulParams({ m: 512, n: 512, k: 512 }), {
    ...LIMITS,
    software: true,
  });
  const of = (all: readonly { name: string; source: string }[]) =>
    all.filter(({ name }) => name.includes('tiles')).map(({ source }) => depths(source));
  expect(of(configs)).toEqual([16, 16]);
  expect(of(software.configs)).toEqual([4, 4]);
});
