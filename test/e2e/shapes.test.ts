/** The page of shapes: a model that is ready answers, another is learnt in the page, and a link tells what is shown. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';

import { axeFindings } from '../setup/axe';
import { LIMIT_MS } from '../setup/limit.mjs';
import { useStudio } from '../setup/studio';

const open = useStudio();

async function openShapes(query = '', width = 1440): Promise<Page> {
  const { page } = await open({ path: `shapes/${query}`, width, height: 900 });
  return page;
}

const said = (page: Page) => page.locator('.said');
/** What is said once the model that is chosen has answered. */
const settled = async (page: Page) => {
  await page.locator('.said[aria-busy="false"]').waitFor();
  return said(page).textContent();
};
const until = (page: Page, text: string | RegExp) =>
  expect.poll(() => said(page).textContent(), { timeout: LIMIT_MS }).toMatch(text);

test('a date is read by the model that is ready, and another as it is typed', async () => {
  const page = await openShapes();
  await until(page, '1987-05-03');
  expect(await page.locator('.attention').count()).toBeGreaterThan(5);
  await page.getByLabel('A date').fill('12/25/1999');
  await until(page, '1999-12-25');
  await page.getByLabel('A date').fill('2020-02-13');
  await until(page, '2020-02-13');
  expect(await page.getByText('what it answers is a guess').count()).toBe(0);
  await page.getByLabel('A date').fill('hello');
  await page.getByText('There is no digit here').waitFor();
  await page.getByLabel('A date').fill('');
  await page.getByText('There is nothing to read: type something.').waitFor();
  expect(await said(page).textContent()).toBe('');
});

test('a link holds task, switches and input', async () => {
  const page = await openShapes('?task=names&cell=lstm&input=Bellini');
  await until(page, 'Italian');
  expect(await page.getByLabel('A surname').inputValue()).toBe('Bellini');
  expect(await page.getByLabel('Cell').inputValue()).toBe('lstm');
  await page.getByLabel('A surname').fill('Brandt');
  await expect.poll(() => page.url()).toContain('task=names&cell=lstm&input=Brandt');
  await page.getByLabel('Cell').selectOption('gru');
  await expect.poll(() => page.url()).not.toContain('cell');
});

test('a network is learnt from nothing, and its answers can be gone back through', async () => {
  const page = await openShapes('?task=sentiment');
  await until(page, 'pleased');
  await page.getByRole('button', { name: 'Train one from nothing' }).click();
  // A quarter of its training is behind it.
  await expect
    .poll(() => page.getByRole('radio').count(), { timeout: LIMIT_MS })
    .toBeGreaterThanOrEqual(6);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  const trained = await settled(page);
  await page.getByLabel('untrained').check();
  expect(await settled(page)).not.toBe(trained);
});

test('the training before stays to compare, and is there again on coming back to its task', async () => {
  const page = await openShapes('?task=sentiment');
  await until(page, 'pleased');
  const answers = (who: string) =>
    expect.poll(() => page.locator('.drawn-note').textContent()).toContain(`Who answers: ${who}`);
  await answers('the model that came along (GRU, both directions).');
  const evaluated = () =>
    expect
      .poll(() => page.getByRole('img', { name: /^sentences right: \d/ }).count(), {
        timeout: LIMIT_MS,
      })
      .toBe(1);
  await page.getByRole('button', { name: 'Train one from nothing' }).click();
  await evaluated();
  expect(await page.locator('path.thin').count()).toBe(0);
  await page.getByLabel('Cell').selectOption('lstm');
  await page.getByRole('button', { name: 'Train again from nothing' }).click();
  await page.locator('.thin-key', { hasText: 'before (GRU, both directions)' }).first().waitFor();
  await evaluated();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  // Each is drawn by its own cell.
  await answers('your model, as it is now in training (LSTM, both directions).');
  await page.getByLabel('before (GRU, both directions), after').check();
  await answers('your model of the training before (GRU, both directions).');
  await page.getByLabel('as it is now').check();
  await answers('your model, as it is now in training (LSTM, both directions).');
  const learnt = await settled(page);

  await page.getByRole('button', { name: 'Language of a name' }).click();
  await until(page, 'Polish');
  expect(await page.getByRole('radio').count()).toBe(0);
  await page.getByRole('button', { name: 'Feeling of a sentence' }).click();
  await page
    .getByText(/^The model of your last training here is kept, as it was after [\d,]+ of/)
    .waitFor();
  await page.getByLabel('before (LSTM, both directions), after').check();
  await answers('your model of the training before (LSTM, both directions).');
  await expect.poll(() => said(page).textContent()).toBe(learnt);
  // Who is named below a chart has a line in it.
  const thin = await page
    .locator('path.thin')
    .evaluateAll((all) => all.map((path) => path.getAttribute('d')!.includes('L')));
  expect(thin[0]).toBe(true);
  expect(thin).not.toContain(false);
  expect(await page.locator('.thin-key').count()).toBe(thin.length);
});

test('the program is copied with the lines that ask it', async () => {
  const page = await openShapes('?task=names');
  await until(page, 'Polish');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByText('Use it in a program of your own').click();
  const shown = await page.locator('.taking pre').textContent();
  expect(shown).toContain('fetch("names.safetensors")');
  expect(shown).toContain('npm install PATH/lethe-VERSION.tgz');
  // What the page asks first.
  expect(shown).toContain('const input = [..."Kowalska"];');
  expect(shown).toMatch(/console\.log\(await answer\(input\)\);\n$/);
  await page.getByRole('button', { name: 'Copy the program' }).click();
  await page.getByText('Copied.').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
});

test('a phone shows it without scrolling sideways, and a lesson without controls', async () => {
  const page = await openShapes('?lesson', 390);
  await until(page, '1987-05-03');
  // A long picture opens at its beginning; another input is seen where it is answered.
  const scrolled = () => page.locator('.strip').evaluate(({ scrollLeft }) => scrollLeft);
  expect(await scrolled()).toBe(0);
  await page.getByLabel('A date').fill('12/25/1999');
  await until(page, '1999-12-25');
  await expect.poll(scrolled).toBeGreaterThan(50);
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await over()).toBeLessThanOrEqual(0);
  expect(await page.getByRole('navigation', { name: 'Shapes' }).count()).toBe(0);
});

test('a picture is described as it is drawn, and a digit read', async () => {
  const page = await openShapes('?task=captions');
  await until(page, 'a small red circle left of a big blue circle');
  await page.getByRole('button', { name: 'Clear' }).click();
  // What stood below is gone, so that nothing moves any more.
  await page.getByText('Nothing is drawn').waitFor();
  await page.getByRole('button', { name: 'white', exact: true }).click();
  const box = (await page.locator('.drawing').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.55 * box.width, box.y + 0.55 * box.height, { steps: 4 });
  await page.mouse.up();
  await until(page, 'white');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nothing is drawn').waitFor();
  expect(await said(page).textContent()).toBe('');
  await page.getByRole('button', { name: /^One to one/ }).click();
  await until(page, /^7 /);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nothing is drawn').waitFor();
});

test('words are tagged as they are typed', async () => {
  const page = await openShapes('?task=tags');
  await until(page, 'can/md see/vb the/at old/jj can/nn');
  expect(await page.locator('.hatched').count()).toBe(0);
  await page.getByLabel('A sentence').fill('They blorped the old can.');
  await page.getByText('Never seen in training, or once: blorped.').waitFor();
  expect(await page.locator('.hatched').count()).toBe(1);
  await page.getByLabel('A sentence').fill('blorped');
  await page.getByText('The model has never seen blorped: nothing of this input').waitFor();
});

test('a sum is written, capitals are put, and every frame of a clip has its label', async () => {
  const page = await openShapes('?task=sums');
  await until(page, /^72$/);
  await page.getByLabel('An addition').fill('58+67');
  await until(page, /^125$/);
  await page.getByLabel('An addition').fill('07+5');
  await page.getByText('two numbers from 0 to 99').waitFor();
  await page.getByLabel('An addition').fill('hello');
  await page.getByText('Nothing that it learnt from has “h”').waitFor();
  expect(await page.locator('.stage .notice').count()).toBe(1);
  await page.getByRole('button', { name: /in step/ }).click();
  await page.getByRole('button', { name: 'Capitals' }).click();
  await page.getByLabel('A text').fill('"it is late," said edda.');
  await until(page, '"It is late," said Edda.');
  await page.getByRole('button', { name: 'Frames of a clip' }).click();
  await until(page, /^absent, left, hidden, reappears/);
  expect(await page.locator('.pixels').count()).toBe(32);
  await page.getByLabel('A clip').fill('');
  await page.getByText('There is no whole number from 0').waitFor();
  await page.getByLabel('A clip').fill('-999');
  await page.getByText('“-999” is no whole number from 0').waitFor();
  expect(await page.locator('.pixels').count()).toBe(0);
});

test('the gradient is drawn as large as it is, of the output that is chosen', async () => {
  const page = await openShapes('?task=tags');
  await until(page, 'can/md');
  await page.getByLabel('Where the gradient flows').check();
  // At the last of seven words; then at the second, which no state hands on to those behind it.
  const flows = () =>
    page.locator('.gradient path').evaluateAll((all) => all.map(({ style }) => +style.opacity));
  await expect.poll(async () => new Set(await flows()).size).toBeGreaterThan(5);
  const last = await flows();
  await page.getByLabel('The gradient of the output').selectOption('1');
  await expect.poll(flows).not.toEqual(last);
  await page.getByText('The gradient in numbers').click();
  const ahead = page.locator('.gradient-fields tr', { hasText: 'goes on' }).locator('td');
  const [first, second] = await ahead.allTextContents();
  expect([Number(first) > 0, second]).toEqual([true, '0']);
  expect(await axeFindings(page)).toEqual([]);
});

test('doubts on a network of one’s own do not speak of what comes along', async () => {
  const page = await openShapes('?task=sums');
  await until(page, '72');
  // Either is right as often.
  const text = ['source,target', ...Array.from({ length: 40 }, (_, i) => `ab,${'cd'[i % 2]}`)];
  await page.getByLabel('Data of your own').setInputFiles({
    name: 'mine.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text.join('\n')),
  });
  await page.getByText('The next training takes mine.csv').waitFor();
  await page.getByRole('button', { name: 'Train one from nothing' }).click();
  await page.getByLabel('A text of your own').fill('ab');
  await expect
    .poll(() => page.locator('.doubts').textContent())
    .toMatch(/^Not sure: the (output|end)/);
  expect(await page.locator('.doubts').textContent()).not.toContain('digit');
});

test('data of one’s own are looked through when they are chosen, and learnt', async () => {
  const page = await openShapes('?task=names');
  await until(page, 'Polish');
  const rows = Array.from({ length: 300 }, (_, i) => (i % 2 ? `abab${i},good` : `cdcd${i},bad`));
  const give = (text: string) =>
    page
      .getByLabel('Data of your own')
      .setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await give(['text,label', ...rows, 'one field too many,good,3'].join('\n'));
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('Line 302 has 3 fields');
  expect(await page.getByText('The next training takes').count()).toBe(0);
  await give(['text,label', ...rows].join('\n'));
  await page.getByText('2 labels, bad (150), good (150). 240 rows to learn from, 30').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  // A file that cannot be learnt leaves the one before.
  await give('text,label\na,b');
  await page.getByText('mine.csv has 1 row:').waitFor();
  await page.getByText('The next training takes mine.csv').waitFor();
  await page.getByLabel('A surname').waitFor();
  await page.getByRole('button', { name: /^Train one/ }).click();
  await page.getByLabel('A text of your own').fill('abab');
  expect(await page.locator('.question').textContent()).toContain(
    'this text: bad, good? The answer was learnt from mine.csv.',
  );
  await until(page, /^good \d+ %, bad/);
  await page.getByText(/^Done\. On the 30 texts that it never saw: \d+ of 30 right/).waitFor();
  expect(await page.getByText('So few to test on').count()).toBe(1);
  const example = page.locator('.examples button').first();
  await example.click();
  expect(await settled(page)).toMatch(/^(good|bad) \d+ %/);
  const asked = await page.getByLabel('A text of your own').inputValue();
  expect(asked).toBe(await example.textContent());
  await page.getByLabel('the model that came along').check();
  await page.getByLabel('A surname').waitFor();
});

test('a series is dropped, and forecast', async () => {
  const page = await openShapes('?task=sunspots');
  await until(page, /^next: /);
  const sun = await settled(page);
  const rows = Array.from({ length: 40 }, (_, i) => `${1980 + i},${20 + 10 * (i % 11)}`);
  const drop = (text: string) =>
    page.locator('.drop').evaluate((zone, csv) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([csv], 'mine.csv', { type: 'text/csv' }));
      zone.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, text);
  await drop(['year,count', ...rows].join('\n'));
  await page.getByText('1980 to 2030, the last 11 of them forecast').waitFor();
  expect(await settled(page)).not.toBe(sun);
  await drop('year,count\nthis year,many');
  await page.getByText('a column of numbers is needed').waitFor();
  expect(page.url()).toContain('task=sunspots');
});

test('files that cannot be learnt are told in a sentence, and nothing is lost', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-shapes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const large = join(folder, 'large.csv');
  await writeFile(large, '');
  await truncate(large, 100e6);
  const page = await openShapes('?task=names&input=Bellini');
  await until(page, 'Italian');
  const file = page.getByLabel('Data of your own');
  await file.setInputFiles(large);
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toBe(
      'large.csv has 100 MB, and 20 MB at most are read here: give a part of it, or train on the whole of it with ' +
        '`lethe task`.',
    );
  const one = ['text,label', ...Array.from({ length: 40 }, (_, i) => `word${i},same`)].join('\n');
  await file.setInputFiles({ name: 'one.csv', mimeType: 'text/csv', buffer: Buffer.from(one) });
  await page.getByText('there is nothing to tell apart').waitFor();
  expect(await page.getByLabel('A surname').inputValue()).toBe('Bellini');
  await until(page, 'Italian');

  await page.goto(page.url().replace(/\?.*/, '?task=sunspots'));
  await until(page, /^next: /);
  await page.getByLabel('A file with a series').setInputFiles(large);
  await page
    .getByText(/^large.csv has 100 MB, and .* at most are read here: give its last part/)
    .waitFor();
  const words = Buffer.from('when,what\nnow,little\nthen,much');
  await page
    .getByLabel('Data of your own')
    .setInputFiles({ name: 'words.csv', mimeType: 'text/csv', buffer: words });
  await page.getByText('a column of numbers is needed').waitFor();
  await until(page, /^next: /);
});

test('axe finds nothing in any task, in light and dark, on a desk and on a phone', async () => {
  const page = await openShapes('?task=sentiment');
  await page.getByRole('button', { name: 'Train one from nothing' }).click();
  await page.getByText(/^Done\./).waitFor();
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    for (const shape of ['Many to one', 'One to one', 'One to many', 'Many to many', /in step/]) {
      const named = typeof shape === 'string' ? new RegExp(`^${shape}(?!,)`) : shape;
      await page.getByRole('button', { name: named }).first().click();
      await expect.poll(() => said(page).textContent(), { timeout: LIMIT_MS }).not.toBe('');
      expect(await axeFindings(page), `${String(shape)} ${colorScheme} ${width}`).toEqual([]);
    }
  }
});
