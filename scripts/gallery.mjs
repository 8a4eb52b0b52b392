// Makes the pictures of docs/gallery.md: pages of the site with networks that come trained, or learn in seconds.
//
//   npm run gallery
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { withBuiltPages } from './built-pages.mjs';

/** @typedef {import('playwright-core').Page} Page */

const VIEWPORT = { width: 1280, height: 800 };
/** Pictures are as wide as the text beside which they stand. */
const SCALE = 0.75;
/** Milliseconds for what a page computes when it is opened. */
const SETTLED = 10_000;
/** Milliseconds that the longest training may take. */
const TRAINED = 600_000;

const folder = fileURLToPath(new URL('../docs/gallery', import.meta.url));

/**
 * What is on each picture: an address, the scheme, and what is done before it is taken.
 *
 * @type {Readonly<Record<string, { path: string, dark?: boolean, before?: (page: Page) => Promise<void> }>>}
 */
const PICTURES = {
  studio: { path: '?model=loud' },
  cells: { path: '?model=loud#cells' },
  errors: { path: '?model=story#errors', dark: true },
  shapes: { path: 'shapes/?task=dates', before: answered },
  recognise: {
    path: 'recognise/',
    async before(page) {
      const lessons = page.getByRole('radiogroup', { name: 'What is read' }).getByRole('radio');
      await lessons.nth(1).check();
      await page.getByLabel('Or have it written').fill('lethe');
      await page.getByRole('button', { name: 'Write', exact: true }).click();
      await page.getByRole('row', { name: 'Greedy' }).waitFor();
    },
  },
  toys: {
    path: 'toys/',
    dark: true,
    async before(page) {
      await page.getByRole('button', { name: 'Learn', exact: true }).click();
      await page.locator('.outcome').waitFor({ timeout: TRAINED });
    },
  },
};

/** @param {Page} page */
async function answered(page) {
  await page.locator('.said').filter({ hasText: /\S/ }).waitFor({ timeout: TRAINED });
}

await mkdir(folder, { recursive: true });
await withBuiltPages(undefined, async (browser, baseURL) => {
  for (const [name, { path, dark = false, before }] of Object.entries(PICTURES)) {
    const page = await browser.newPage({
      baseURL,
      viewport: VIEWPORT,
      colorScheme: dark ? 'dark' : 'light',
    });
    await page.goto(path);
    await before?.(page);
    await page.waitForTimeout(SETTLED);
    // Playwright's own screenshots are no WebP.
    const devtools = await page.context().newCDPSession(page);
    const { data } = await devtools.send('Page.captureScreenshot', {
      format: 'webp',
      quality: 80,
      clip: { x: 0, y: 0, ...VIEWPORT, scale: SCALE },
    });
    await writeFile(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
    console.log(`docs/gallery/${name}.webp`);
    await page.close();
  }
});
