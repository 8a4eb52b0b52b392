// What a visitor of the studio waits for, in a headless Chromium on the built pages:
//
//   npm run bench:studio -- [FILE]
//
// First paint; from Start to the first character that is written, and to the first training step (an LSTM of 128 units, batch 32, 50 steps in
// time), kernels compiled; the longest waits between two frames while it trains; scripts with gzip;
// and, in Node, n-grams of order 10 over the first megabyte of a text.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

import { CHROMIUM_FLAGS, findChrome } from '../scripts/browser.mjs';
import { studioScriptBytes } from '../scripts/studio-scripts.mjs';
import { serveSources } from './load.mjs';

const ROOT = join(import.meta.dirname, '..');
const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`;
/** Milliseconds over which frames are watched. */
const WATCHED_MS = 5000;

const configFile = join(ROOT, 'vite.pages.config.ts');
await build({ configFile, logLevel: 'error' });
const kilobytes = (await studioScriptBytes(join(ROOT, 'dist-pages'))) / 1000;
console.log(`scripts of the first view, workers included: ${kilobytes.toFixed(0)} KB with gzip`);

const server = await preview({ configFile, preview: { port: 0, open: false } });
const [url] = server.resolvedUrls?.local ?? [];
for (const device of ['cpu', 'webgpu']) {
  const browser = await chromium.launch({
    executablePath: findChrome(),
    headless: false,
    args: CHROMIUM_FLAGS,
  });
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByText('Ready', { exact: true }).waitFor();
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  );
  await page.locator('.settings-fold').click();
  await page.getByLabel('Device').selectOption(device);
  const begin = performance.now();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const patience = { polling: 20, timeout: 120_000 };
  await page.waitForFunction(
    () => (document.querySelector('.paper .written')?.textContent ?? '') !== '',
    null,
    patience,
  );
  const character = performance.now() - begin;
  await page.waitForFunction(
    () => document.querySelector('[data-figure=step]') !== null,
    null,
    patience,
  );
  const first = performance.now() - begin;
  const gaps = await page.evaluate(async (/** @type {number} */ watched) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times = [performance.now()];
    while (times[times.length - 1] - times[0] < watched) {
      await frame();
      times.push(performance.now());
    }
    return times.slice(1).map((time, i) => time - times[i]);
  }, WATCHED_MS);
  gaps.sort((a, b) => b - a);
  console.log(
    `${device}: first paint ${paint.toFixed(0)} ms; after Start, the first character ${seconds(character)}, ` +
      `the first step ${seconds(first)}; ` +
      `${gaps.length} frames in ${WATCHED_MS / 1000} s, the longest wait ${gaps[0].toFixed(0)} ms`,
  );
  await browser.close();
}
await server.close();

const file = process.argv[2];
if (file) {
  const sources = await serveSources();
  const { ngramEntropies, splitText, Vocabulary } =
    /** @type {typeof import('../src/text/index')} */ (
      await sources.ssrLoadModule('/src/text/index.ts')
    );
  const text = (await readFile(file, 'utf8')).slice(0, 2 ** 20);
  const vocabulary = Vocabulary.fromText(text);
  const { train, valid } = splitText(vocabulary.encode(text), 0.1);
  const begin = performance.now();
  const entropies = ngramEntropies(train, valid, {
    maxOrder: 10,
    vocabularySize: vocabulary.size,
  });
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `n-grams up to order 10 of ${text.length} characters: ${seconds.toFixed(1)} s, ` +
      `${entropies[9].toFixed(3)} nats per character`,
  );
  await sources.close();
}
