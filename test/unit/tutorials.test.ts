/** The programs of docs/tutorials run as they stand there, and print what the pages say; tagger.md has a test of its own. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { afterEach, expect, test, vi } from 'vitest';

import { tutorialCode } from '../setup/tutorial';

afterEach(() => vi.restoreAllMocks());

test.each(['classifier', 'forecaster'])('docs/tutorials/%s.md', async (name) => {
  const folder = resolve('.cache/tutorials');
  await mkdir(folder, { recursive: true });
  const file = `${folder}/${name}.mjs`;
  await writeFile(file, await tutorialCode(name, 'js'));
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(/* @vite-ignore */ file);
  const lines = log.mock.calls.map((values) => values.join(' '));
  const told = (await tutorialCode(name, 'text')).split('\n').filter((line) => line !== '');
  const fractions = /\d+\.\d+/g;
  const words = (all: string[]): string[] => all.map((line) => line.replaceAll(fractions, 'n'));
  expect(words(lines)).toEqual(words(told));
  // An engine with relaxed SIMD rounds otherwise.
  const numbers = (all: string[]): number[] => all.join('\n').match(fractions)!.map(Number);
  const right = numbers(told);
  for (const [i, number] of numbers(lines).entries()) {
    expect(Math.abs(number - right[i])).toBeLessThanOrEqual(0.2 * right[i]);
  }
});

test('there are four', async () => {
  const names = ['classifier.md', 'forecaster.md', 'page.md', 'tagger.md'];
  expect((await readdir('docs/tutorials')).sort()).toEqual(names);
});
