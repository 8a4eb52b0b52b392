// Every view of the studio, before a run and after one, at the widths of a desk and of a phone:
//
//   npm run screenshots -- [FOLDER]
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import { createServer } from 'vite';

import { CHROMIUM_FLAGS, findChrome } from './browser.mjs';

const WIDTHS = { desk: 1280, phone: 400 };
/** For what a view computes when it is opened. */
const SETTLED = 3000;

const folder = resolve(process.argv[2] ?? 'screenshots');
await mkdir(folder, { recursive: true });

const server = await createServer({
  configFile: fileURLToPath(new URL('../vite.pages.config.ts', import.meta.url)),
  server: { port: 0, open: false, watch: null, hmr: false },
  logLevel: 'error',
});
await server.listen();
const [url] = server.resolvedUrls?.local ?? [];
const browser = await chromium.launch({
  executablePath: findChrome(),
  headless: false,
  args: CHROMIUM_FLAGS,
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(
    () => document.querySelector('[role=status]')?.textContent === 'Ready',
  );
  await takeAll('before');
  await page.goto(url);
  await page.getByLabel('Hidden units').fill('64');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForFunction(
    () => Number(document.querySelector('[data-figure=step]')?.textContent?.replace(',', '')) > 320,
    null,
    { timeout: 300_000 },
  );
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await takeAll('after');

  /** @param {string} when */
  async function takeAll(when) {
    const links = page.locator('nav.views a');
    for (const [name, width] of Object.entries(WIDTHS)) {
      for (const scheme of /** @type {const} */ (['light', 'dark'])) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme: scheme });
        for (let i = 0; i < (await links.count()); i++) {
          await links.nth(i).click();
          const view = new URL(page.url()).hash.slice(1);
          await page.waitForTimeout(SETTLED);
          const path = join(folder, `${when}-${view}-${name}-${scheme}.png`);
          await page.screenshot({ path, fullPage: true });
          console.log(path);
        }
      }
    }
  }
} finally {
  await browser.close();
  await server.close();
}
