// What a visitor of the page of shapes waits for, in a headless Chromium on the built pages:
//
//   npm run bench:shapes -- [TASK ...]
//
// Scripts beyond the studio's, with gzip; then for each task (all of them when none is named) from opening the page to the first
// answer of the model that comes along, from "Train one from nothing" to its end, the figures that the page gives then, the
// longest task of the page's thread while it trains, and the longest wait between two frames.
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

import { CHROMIUM_FLAGS, findChrome } from '../scripts/browser.mjs';
import { bytesBeyondStudio } from '../scripts/studio-scripts.mjs';

const ROOT = join(import.meta.dirname, '..');
/** In the order of the page. */
const TASKS = [
  ...['digit', 'sunspots', 'captions', 'names', 'sentiment', 'dates', 'phones', 'sums'],
  ...['tags', 'truecasing', 'frames'],
];
/** For a training on a machine that does other work. */
const PATIENCE = { polling: 50, timeout: 600_000 };
/** Milliseconds in which a new window loads what belongs to the browser itself. */
const SETTLE_MS = 3000;

const named = process.argv.slice(2);
const configFile = join(ROOT, 'vite.pages.config.ts');
await build({ configFile, logLevel: 'error' });
const bytes = await bytesBeyondStudio(join(ROOT, 'dist-pages'), 'shapes/index.html');
console.log(`scripts beyond the studio's: ${(bytes / 1000).toFixed(0)} KB with gzip`);

const server = await preview({ configFile, preview: { port: 0, open: false } });
const [url] = server.resolvedUrls?.local ?? [];
const browser = await chromium.launch({
  executablePath: findChrome(),
  headless: false,
  args: CHROMIUM_FLAGS,
});
for (const task of named.length > 0 ? named : TASKS) {
  const page = await browser.newPage();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await page.goto(`${url}shapes/?task=${task}`, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.querySelector('.said')?.textContent, null, PATIENCE);
  const first = await page.evaluate(() => performance.now());
  await page.evaluate(watch);
  const begin = performance.now();
  await page.getByRole('button', { name: 'Train one from nothing' }).click();
  await page.waitForFunction(
    () => document.querySelector('.standing')?.textContent?.startsWith('Done.'),
    null,
    PATIENCE,
  );
  const seconds = (performance.now() - begin) / 1000;
  const { blocked, gap } = await page.evaluate(
    () =>
      /** @type {{ waits: { blocked: number, gap: number } }} */ (/** @type {unknown} */ (window))
        .waits,
  );
  const standing = await page.locator('.standing').textContent();
  console.log(
    `${task}: first answer ${(first / 1000).toFixed(2)} s; trained in ${seconds.toFixed(0)} s; the longest task ` +
      `${blocked === 0 ? 'below 50' : blocked.toFixed(0)} ms, the longest wait between frames ${gap.toFixed(0)} ms. ${standing}`,
  );
  await page.close();
}
await browser.close();
await server.close();

/** In the page: keeps the longest task (a browser tells those of 50 ms and more) and the longest wait between two frames. */
function watch() {
  const waits = { blocked: 0, gap: 0 };
  Object.assign(window, { waits });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) waits.blocked = Math.max(waits.blocked, duration);
  }).observe({ type: 'longtask' });
  let before = performance.now();
  const frame = () => {
    const now = performance.now();
    waits.gap = Math.max(waits.gap, now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
