/** The page of toys: three cells learn one side by side, and the page says who managed. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { axeFindingsInBoth } from '../setup/axe';
import { LIMIT_MS } from '../setup/limit.mjs';
import { button, useStudio } from '../setup/studio';

const open = useStudio();

async function openToys(width = 1440): Promise<Page> {
  const { page } = await open({ path: 'toys/', width, height: 900 });
  return page;
}

/** Points of each of the three curves. */
const points = (page: Page): Promise<number[]> =>
  page
    .locator('.line-chart path[style]')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')!.split(/[ML]/).length - 1));

const learn = async (page: Page, toy: string): Promise<void> => {
  await button(page, toy).click();
  await button(page, 'Learn').click();
  await expect
    .poll(async () => Math.min(...(await points(page))), { timeout: LIMIT_MS })
    .toBeGreaterThanOrEqual(2);
};

test('three cells learn side by side, rest, go on, and the outcome is told', async () => {
  const page = await openToys();
  await page.getByLabel('Cell 1').selectOption('mgu');
  await learn(page, 'Parity');
  expect(await points(page)).toHaveLength(3);
  expect(await page.locator('.level-key').textContent()).toMatch(/^without memory \d+ %$/);
  expect(await page.locator('.line-chart .key:not(.level-key)').allTextContents()).toEqual([
    expect.stringMatching(/^MGU \d+ %$/),
    expect.stringMatching(/^LSTM \d+ %$/),
    expect.stringMatching(/^GRU \d+ %$/),
  ]);
  await button(page, 'Pause').click();
  await button(page, 'Go on').waitFor();
  expect(await page.locator('.shown .good, .shown .bad').count()).toBeGreaterThan(100);
  await button(page, 'Go on').click();
  await expect
    .poll(() => page.locator('.outcome strong').textContent(), { timeout: LIMIT_MS })
    .toMatch(/managed/);
  // What is shown of a toy is gone with it.
  await button(page, 'Adding').click();
  expect(await page.locator('.outcome').count()).toBe(0);
  expect(await points(page)).toEqual([0, 0, 0]);
});

test('axe finds nothing, and a phone shows it without scrolling sideways', async () => {
  const page = await openToys(390);
  await learn(page, 'Counting');
  await button(page, 'Pause').click();
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  for (const toy of ['Counting', 'Adding', 'Copying', 'Brackets']) {
    if (toy !== 'Counting') await button(page, toy).click();
    expect(await over()).toBeLessThanOrEqual(0);
    expect(await axeFindingsInBoth(page)).toEqual([]);
  }
});
