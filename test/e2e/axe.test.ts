import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { axeFindings, axeFindingsInBoth } from '../setup/axe';
import {
  button,
  numberIn,
  openMenu,
  openSettings,
  status,
  textBox,
  useStudio,
} from '../setup/studio';

const open = useStudio();

/** Every view, by its link, at a desk's width and a phone's, in light and dark. */
async function findingsOfViews(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const links = page.locator('nav.views a');
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 800 });
    for (const link of await links.all()) {
      await link.click();
      await page.locator('main:not([aria-busy])').waitFor();
      await page.waitForTimeout(500);
      const lines = await axeFindingsInBoth(page);
      if (lines.length > 0) found[`${page.url()} ${width}`] = lines;
    }
  }
  return found;
}

test('axe finds nothing in any view, before a run and after one', async () => {
  const { page } = await open();
  await expect.poll(() => status(page)).toBe('Ready');
  expect(await findingsOfViews(page)).toEqual({});

  await page.locator('nav.views a').first().click();
  await openSettings(page);
  await textBox(page);
  await page.getByText('More settings').click();
  await openMenu(page);
  expect(await axeFindings(page)).toEqual([]);
  await page.getByLabel('Hidden units').fill('16');
  await page.getByLabel('Device').selectOption('cpu');
  await button(page, 'Start').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(100);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused after/);
  expect(await findingsOfViews(page)).toEqual({});
});
