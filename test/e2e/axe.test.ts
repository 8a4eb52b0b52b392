import { createRequire } from 'node:module';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { button, numberIn, status, useStudio } from '../setup/studio';

const axe = createRequire(import.meta.url).resolve('axe-core');
const open = useStudio();

/** What axe finds, as lines of rule, impact and element. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${id} (${impact}): ${html}`),
  );
}

/** Every view, by its link, in light and dark, at a desk's width and a phone's. */
async function findingsOfViews(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const links = page.locator('nav.views a');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 400]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      for (const link of await links.all()) {
        await link.click();
        await page.locator('main').waitFor();
        await page.waitForTimeout(500);
        const lines = await findings(page);
        if (lines.length > 0) found[`${page.url()} ${colorScheme} ${width}`] = lines;
      }
    }
  }
  return found;
}

test('axe finds nothing in any view, before a run and after one', async () => {
  const { page } = await open();
  await expect.poll(() => status(page)).toBe('Ready');
  await page.addScriptTag({ path: axe });
  expect(await findingsOfViews(page)).toEqual({});

  await page.locator('nav.views a').first().click();
  await page.getByLabel('Hidden units').fill('16');
  await page.getByLabel('Device').selectOption('cpu');
  await button(page, 'Start').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThan(100);
  await button(page, 'Pause').click();
  await expect.poll(() => status(page)).toMatch(/^Paused after/);
  expect(await findingsOfViews(page)).toEqual({});
});
