/** docs/reliability.md names a test for each fault; `npm run build:reliability` writes its tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';

import { FAULTS, faultTables } from '../setup/faults/tables';
import { testTitles } from '../setup/test_titles';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `${root}docs/reliability.md`;

const NAMED = Object.values(FAULTS).flatMap((faults) =>
  faults.flatMap(({ fault, tests }) => tests.map(([file, title]) => [fault, file, title] as const)),
);

test('every fault has a test', () => {
  const faults = Object.values(FAULTS).flat();
  expect(faults.filter(({ tests }) => tests.length === 0)).toEqual([]);
  expect(new Set(faults.map(({ fault }) => fault)).size).toBe(faults.length);
});

const files = new Set(NAMED.map(([, file]) => file));
const titles = new Map(
  Array.from(files, (file) => [file, testTitles(readFileSync(`${root}test/${file}`, 'utf8'))]),
);

test.each(NAMED)('%s: %s has the test: %s', (_, file, title) => {
  const { tests, rows } = titles.get(file)!;
  expect(tests.has(title) || rows.has(title)).toBe(true);
});

test('a title is that of a test that runs, or the first text of a row of its table', () => {
  const source = `
    test('one', () => {});
    test.each([['a row', 1], ['another', 2]])('%s is two', (_, x) => expect(x).toBe(2));
    describe('no test', () => { const text = 'nor this'; expect(text).toBe('nor that'); });
    // test('in a comment', () => {});
    test('without a body');
    test.skip('skipped', () => {});
    test.each([['of none', 1]]).skip('%s', () => {});
    test.todo('to be done', () => {});
    test.fails('broken', () => {});
    describe.skip('a suite', () => { test('in it', () => {}); });
    const TABLE = [['of a constant', 3]];
    const other = ['of no table'];
    describe.each(TABLE)('%s', () => { test.for([['of a list', 4]])('%s is four', () => other); });`;
  const { tests, rows } = testTitles(source);
  expect([...tests]).toEqual(['one', '%s is two', '%s is four']);
  expect([...rows]).toEqual(['a row', 'another', 'of a constant', 'of a list']);
});

test('the tables of the page are those of the list', async () => {
  const text = readFileSync(page, 'utf8');
  const tables = /(<!-- tables: [^>]*-->\n)[^]*(\n<!-- end of the tables -->)/;
  expect(text).toMatch(tables);
  const made = text.replace(tables, (_, begin, end) => `${begin}\n${faultTables()}\n${end}`);
  const options = { ...(await resolveConfig(page)), filepath: page };
  await expect(await format(made, options)).toMatchFileSnapshot(page);
});
