/** Choices that are shipped for adapters: by adapter, and of configurations that there are. */
import { expect, test } from 'vitest';

import { SHIPPED, shippedFor } from '../../src/backend/webgpu/shipped';
import type { Shipped } from '../../src/backend/webgpu/shipped';
import { configurations } from '../setup/pipelines';
import { CANDIDATES } from '../../src/nn/stack';
import { CELLS } from '../setup/cells';

const known = new Map<string, Set<string>>(
  Object.values(CELLS).map(({ name }) => [`${name} layers`, new Set(CANDIDATES)]),
);
for (const [kernel, { name }] of configurations()) {
  known.set(kernel, (known.get(kernel) ?? new Set()).add(name));
}

/** Keys whose kernel, or whose configuration, does not exist. */
function unknown(shipped: readonly Shipped[]): string[] {
  return shipped.flatMap(({ fastest }) =>
    Object.entries(fastest)
      .filter(([key, name]) => !known.get(key.slice(0, key.indexOf(':')))?.has(name))
      .map(([key]) => key),
  );
}

test('name configurations that there are', () => {
  expect(unknown(SHIPPED)).toEqual([]);
});

test.each([
  ['a kernel', 'no kernel: 1,2', 'steps'],
  ['a configuration', 'scatter_add: any', 'of old'],
])('%s that there is not is found', (_, key, name) => {
  expect(unknown([{ adapters: /./, fastest: { [key]: name } }])).toEqual([key]);
});

test('are those of the entries that fit, the last of them first', () => {
  const among: Shipped[] = [
    { adapters: /^google /, fastest: { a: 'x', b: 'x' } },
    { adapters: /^google swiftshader/, fastest: { b: 'y' } },
    { adapters: /^nvidia/, fastest: { a: 'z' } },
  ];
  expect(shippedFor('google swiftshader 5.0.0', among)).toEqual({ a: 'x', b: 'y' });
  expect(shippedFor('intel', among)).toEqual({});
});
