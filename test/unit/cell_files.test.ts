/** What is written down of the cells is what the registry gives; `npm run build:cells` writes it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { cellFiles } from '../setup/cell_files';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = await cellFiles();

test.each([...files])('%s', async (path, text) => {
  await expect(text).toMatchFileSnapshot(`${root}${path}`);
});

test('there is no shader of a cell that is no more', () => {
  const there = readdirSync(`${root}shaders/cells`).map((name) => `shaders/cells/${name}`);
  expect(there.filter((path) => !files.has(path))).toEqual([]);
});
