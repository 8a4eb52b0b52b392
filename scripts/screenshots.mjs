// Every page of the site, at the sizes of a desk and of a phone, light and dark:
//
//   npm run screenshots -- [FOLDER] [--only PAGE...]
//
// PAGE is one of studio (before a run, and after one), shapes, recognise, toys, embed and docs.
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { withBuiltPages } from './built-pages.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** Milliseconds for what a view computes when it is opened, and for a page to take its size. */
const [SETTLED, RESIZED] = [3000, 500];
/** Milliseconds that the longest training may take. */
const TRAINED = 600_000;

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true } },
});
const folder = resolve(positionals[0] ?? 'screenshots');

/** What is taken of each page. */
const SCENES = { studio, shapes, recognise, toys, embed, docs };
const unknown = (options.only ?? []).find((name) => !(name in SCENES));
if (unknown !== undefined)
  throw new Error(`--only ${unknown}: choose of ${Object.keys(SCENES).join(', ')}`);

await mkdir(folder, { recursive: true });
await withBuiltPages('site', async (browser, baseURL) => {
  for (const [name, scenes] of Object.entries(SCENES)) {
    if (options.only && !options.only.includes(name)) continue;
    const page = await browser.newPage({ baseURL });
    await scenes(page);
    await page.close();
  }
});

/**
 * Takes what the page shows, at all sizes and in both schemes.
 *
 * @param {Page} page
 * @param {string} name
 * @param {{ first?: boolean }} how `first` for the first screen alone, of the page as it is loaded at that size.
 */
async function take(page, name, { first = false } = {}) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      if (first) await page.reload();
      await page.waitForTimeout(RESIZED);
      const path = join(folder, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: !first });
      console.log(path);
    }
  }
  await page.setViewportSize(SIZES.desk);
}

/** @param {Page} page @param {string} name */
async function press(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
}

/** @param {Page} page */
async function studio(page) {
  const views = page.locator('nav.views a');
  const all = async (/** @type {string} */ when) => {
    for (const view of await views.all()) {
      await view.click();
      await page.waitForTimeout(SETTLED);
      await take(page, `studio-${when}-${new URL(page.url()).hash.slice(1)}`);
    }
  };
  await page.setViewportSize(SIZES.desk);
  await page.goto('./');
  await page.getByRole('status').getByText('Ready', { exact: true }).waitFor();
  await all('before');
  await page.goto('./');
  await page.locator('.settings-fold').click();
  await take(page, 'studio-settings');
  // Two runs, so that there is something to compare.
  for (const [hidden, steps] of [
    [32, 120],
    [64, 320],
  ]) {
    await page.getByLabel('Hidden units').fill(String(hidden));
    await press(page, 'Start');
    await page.waitForFunction(
      (least) =>
        Number(document.querySelector('[data-figure=step]')?.textContent?.replace(',', '')) > least,
      steps,
      { timeout: TRAINED },
    );
    await press(page, 'Pause');
    if (hidden === 32) await press(page, 'Reset');
  }
  await all('after');
}

/** @param {Page} page */
async function shapes(page) {
  await page.setViewportSize(SIZES.desk);
  await page.goto('shapes/');
  for (const shape of await page.locator('.shape-choice button').all()) {
    await shape.click();
    const tasks = await page.locator('.topic-choice button').all();
    for (const task of tasks.length > 0 ? tasks : [shape]) {
      await task.click();
      await page.locator('.said').filter({ hasText: /\S/ }).waitFor();
      await page.waitForTimeout(SETTLED);
      await take(page, `shapes-${new URL(page.url()).searchParams.get('task') ?? 'first'}`);
    }
  }
}

/** @param {Page} page */
async function recognise(page) {
  await page.setViewportSize(SIZES.desk);
  await page.goto('recognise/');
  const lessons = page.getByRole('radiogroup', { name: 'What is read' }).getByRole('radio');
  for (const [i, lesson] of (await lessons.all()).entries()) {
    await lesson.check();
    await page.waitForTimeout(SETTLED);
    await take(page, `recognise-${['digits', 'letters', 'voice'][i] ?? i}`);
  }
  await lessons.nth(1).check();
  await page.getByLabel('Or have it written').fill('lethe');
  await press(page, 'Write');
  await page.getByRole('row', { name: 'Greedy' }).waitFor();
  await page.waitForTimeout(SETTLED);
  await take(page, 'recognise-written');
}

/** @param {Page} page */
async function toys(page) {
  await page.setViewportSize(SIZES.desk);
  await page.goto('toys/');
  const all = await page.locator('.toy-choice button').all();
  for (const [i, toy] of all.entries()) {
    await toy.click();
    await page.waitForTimeout(SETTLED);
    await take(page, `toys-${i}`);
  }
  await press(page, 'Learn');
  await page.locator('.outcome').waitFor({ timeout: TRAINED });
  await take(page, 'toys-learnt');
}

/** @param {Page} page */
async function embed(page) {
  await page.goto('embed/');
  await press(page, 'Write');
  await page.waitForTimeout(SETTLED);
  await take(page, 'embed');
}

/** The first screen of each document. @param {Page} page */
async function docs(page) {
  await page.goto('docs/');
  const links = page.getByRole('navigation', { name: 'Documents' }).locator('a:not([href*="#"])');
  const addresses = await links.evaluateAll((all) =>
    all.map((link) => /** @type {HTMLAnchorElement} */ (link).href),
  );
  for (const address of addresses) {
    await page.goto(address);
    await take(page, `docs-${basename(new URL(address).pathname, '.html')}`, { first: true });
  }
}
