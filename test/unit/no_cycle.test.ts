/** The lint rule against imports in a circle. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { noCycle } from '../../scripts/no-cycle.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lethe-cycle-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What the rule says of the first of some files. */
async function lint(files: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const [name] = Object.keys(files);
  const messages = new Linter({ cwd: folder }).verify(
    files[name],
    [
      {
        files: ['**/*.{ts,mjs}'],
        languageOptions: { parser: tseslint.parser },
        plugins: { lethe: { rules: { 'no-cycle': noCycle } } },
        rules: { 'lethe/no-cycle': 'error' },
      },
    ],
    { filename: join(folder, name) },
  );
  return messages.map(({ message }) => message);
}

test.each([
  ["import { b } from './b';", ''],
  ["import type { B } from './b';", ''],
  ["export type { B } from './b';", ''],
  ["export * from './b';", ''],
  ["export const later = () => import('./b');", ''],
  ["export type B = import('./b').B;", ''],
  ["import type { C } from './c';", ', by ./b, ./a'],
])('%s', async (line, through) => {
  const files = {
    'a.ts': line,
    'b.ts': "import type { A } from './a';",
    'c.ts': "export { C } from './b';",
  };
  const expected = `This import leads back here${through || ', by ./a'}.`;
  expect(await lint(files)).toEqual([expected]);
});

test('imports that lead elsewhere, or to a circle of others, are none', async () => {
  const files = {
    'a.ts': "import type { B } from './b';\nimport './style.css';\nimport 'node:fs';",
    'b.ts': "export * from './c';",
    'c.ts': "export * from './b';",
    'style.css': '',
  };
  expect(await lint(files)).toEqual([]);
});
