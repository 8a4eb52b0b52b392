/** The view "What it gets wrong" of the studio, in a real browser. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { button, chooseTiny, figure, useStudio } from '../setup/studio';

const TEXT = 'She said "yes, of course" and left (at once).\nHe said "no".\n'.repeat(30);
const CLEAR = 'rgba(0, 0, 0, 0)';

const open = useStudio();

async function openPage(heldOut?: number): Promise<Page> {
  const { page } = await open();
  await chooseTiny(page, TEXT, { cell: 'lstm' });
  if (heldOut !== undefined) {
    if (!(await page.getByLabel('Held out', { exact: true }).isVisible())) {
      await page.getByText('More settings').click();
    }
    await page.getByLabel('Held out', { exact: true }).fill(String(heldOut));
  }
  await button(page, 'Step').click();
  await page.getByRole('link', { name: 'What it gets wrong', exact: true }).click();
  return page;
}

const told = async (page: Page, name: string): Promise<string> =>
  (await figure(page, name).textContent())!;

/** How many characters have a colour. */
async function coloured(page: Page): Promise<number> {
  const colours = await page
    .locator('.coloured span')
    .evaluateAll((all) => all.map((span) => getComputedStyle(span).backgroundColor));
  return colours.filter((colour) => colour !== CLEAR).length;
}

test('kinds of error: they add up, each has its definition, and its errors in the text', async () => {
  const page = await openPage();
  // It may read the text once more, of the same step.
  await expect.poll(() => told(page, 'read-at')).toBe('As of step 1.');
  // 180 of the 1,800 characters are held out, and a model of one step knows none of them.
  expect(await told(page, 'errors')).toMatch(/^Of 180 held-out characters, 180 \(100 %\)/);
  const counts = await page.locator('.errors-kinds .count').allTextContents();
  expect(counts).toHaveLength(6);
  const errors = counts.map(Number);
  expect(errors.reduce((sum, count) => sum + count, 0)).toBe(180);
  // The text repeats itself, so n-grams know nearly all of it.
  expect(errors[0]).toBeGreaterThan(150);
  await expect.poll(() => coloured(page)).toBe(180);

  const bar = page.locator('.errors-bar button');
  expect(await bar.count()).toBe(errors.filter((count) => count > 0).length);
  await bar.first().click();
  await expect.poll(() => coloured(page)).toBe(errors[0]);
  await bar.first().click();
  await expect.poll(() => coloured(page)).toBe(180);

  const first = page.locator('.errors-kinds details').first();
  await first.locator('summary').click();
  expect(await first.textContent()).toContain('An n-gram model');
  const rows = await first.locator('td').allTextContents();
  expect(rows.reduce((sum, count) => sum + Number(count), 0)).toBe(errors[0]);
});

test('the network beside an n-gram, by order and character by character', async () => {
  const page = await openPage();
  await expect.poll(() => page.locator('[data-figure="gain"]').count()).toBe(1);
  const gain = await told(page, 'gain');
  expect(gain).toMatch(/^The network loses: 3\.\d+ nats a character, the \d+-gram 0\.\d+\.$/);
  await page.getByLabel('Compare with').selectOption('1');
  await expect.poll(() => told(page, 'gain')).toMatch(/the 1-gram [23]\.\d+/);
  const cells = await page.locator('.errors-compared td:nth-child(2)').allTextContents();
  expect(cells.map(Number)).toEqual([0, 0, 0, 180]);

  await page.getByLabel('Coloured by').selectOption('difference');
  await expect.poll(() => page.locator('.errors-text .legend').textContent()).toContain('better');
  await page.locator('.coloured span').nth(5).hover();
  await expect
    .poll(() => told(page, 'error-readout'))
    .toMatch(/network \d+(\.\d)? %, 1-gram \d+(\.\d)? %; short patterns$/);
  await page.locator('.readout input').focus();
  await page.keyboard.press('End');
  await expect.poll(() => page.locator('.readout').textContent()).toContain('Character 180');
});

test('says so where nothing is held out, and where there is no model', async () => {
  const page = await openPage(0);
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toMatch(/^Nothing of the text is held out/);
  await button(page, 'Reset').click();
  await expect.poll(() => page.locator('main').textContent()).toContain('There is no model yet.');
});
