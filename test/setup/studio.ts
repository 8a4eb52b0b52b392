/** The studio in a real headless Chromium, for tests. */
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { createServer } from 'vite';
import type { PreviewServer, ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';

import { CHROMIUM_FLAGS, findChrome } from '../../scripts/browser.mjs';
import { servePages } from '../../scripts/built-pages.mjs';
import { PAGES } from './built_pages';
import { LIMIT_MS } from './limit.mjs';

const ROOT = join(import.meta.dirname, '../..');

export interface Studio {
  browser: Browser;
  context: BrowserContext;
  page: Page;
}

interface Opening {
  /** The page, below the studio's address, with its query. */
  path?: string;
  width?: number;
  height?: number;
  /** Of a browser of its own. Without, tests of a file share one, and each has a profile of its own. */
  flags?: readonly string[];
}

/** A server of the sources, file by file, so that a test can import one of them. */
async function serveSources(): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: join(ROOT, 'vite.pages.config.ts'),
    // Servers of files that run side by side do not write the same one.
    cacheDir: join(ROOT, '.cache/vite', process.env['VITEST_POOL_ID'] ?? ''),
    // A file that is saved meanwhile does not reload the page.
    server: { port: 0, open: false, watch: null, hmr: false },
    logLevel: 'error',
    // A dependency found late would reload the page too.
    optimizeDeps: { noDiscovery: true },
  });
  return server.listen();
}

function launch(flags: readonly string[]): Promise<Browser> {
  const executablePath = findChrome();
  if (!executablePath) {
    throw new Error('no Chrome or Chromium found: install one, or set CHROME_PATH');
  }
  return chromium.launch({ executablePath, headless: false, args: [...flags], timeout: LIMIT_MS });
}

/**
 * Serves the pages to the tests of a file, as they are built or, of `sources`, as they are written; what it gives
 * back opens one in a browser that was never there.
 */
export function useStudio({ sources = false } = {}): (opening?: Opening) => Promise<Studio> {
  let server: PreviewServer | ViteDevServer;
  let shared: Promise<Browser> | undefined;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await (sources ? serveSources() : servePages(PAGES));
  });
  afterEach(async () => {
    const ended = await Promise.allSettled(ends.splice(0).map((end) => end()));
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
  afterAll(async () => {
    await (await shared)?.close();
    await server.close();
  });

  return async ({ path = '', width = 1280, height = 720, flags } = {}) => {
    // One that has crashed is not the next test's.
    if (!(await shared)?.isConnected()) shared = undefined;
    const browser = await (flags ? launch(flags) : (shared ??= launch(CHROMIUM_FLAGS)));
    const context = await browser.newContext({ viewport: { width, height } });
    ends.push(() => (flags ? browser.close() : context.close()));
    const page = await context.newPage();
    watch(page);
    await page.goto(server.resolvedUrls!.local[0] + path);
    return { browser, context, page };
  };
}

/** An error of the page, or on its console, fails the test. */
export function watch(page: Page): void {
  page.setDefaultTimeout(LIMIT_MS);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  onTestFinished(() => expect(errors).toEqual([]));
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`);
export const status = (page: Page) => page.getByRole('status').textContent();

export async function numberIn(page: Page, name: string): Promise<number> {
  return Number((await figure(page, name).textContent())!.replaceAll(',', ''));
}

/** Opens one of the lines above Start, if it is not open. */
async function unfold(page: Page, name: 'settings' | 'text'): Promise<void> {
  const fold = page.locator(`.${name}-fold`);
  if ((await fold.getAttribute('aria-expanded')) !== 'true') await fold.click();
}

/** Opens the settings of the Train view. */
export const openSettings = (page: Page) => unfold(page, 'settings');

/** Where the text of the Train view is edited, opened. */
export async function textBox(page: Page): Promise<Locator> {
  await unfold(page, 'text');
  return page.getByRole('textbox', { name: 'Text', exact: true });
}

/** Chooses a file as the text of the Train view, once the page has looked for the run before. */
export async function chooseTextFile(
  page: Page,
  file: { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  const input = page.getByLabel('Text file');
  await expect.poll(() => input.isEnabled()).toBe(true);
  await input.setInputFiles(file);
}

/** Takes a text of one's own on the Train view. */
export async function ownText(page: Page, text: string): Promise<void> {
  await page.getByRole('radio', { name: 'Your own' }).check();
  await (await textBox(page)).fill(text);
}

/** Opens the menu that saves a run and opens one. */
export async function openMenu(page: Page): Promise<void> {
  const menu = page.locator('.keep');
  if ((await menu.getAttribute('open')) === null) await menu.locator('summary').click();
}

/** Fills the Train view with a text, and with a model that learns it within seconds. */
export async function chooseTiny(
  page: Page,
  text: string,
  choice: { cell: string; device?: string; fields?: Readonly<Record<string, number>> },
): Promise<void> {
  const { cell, device = 'cpu', fields } = choice;
  await ownText(page, text);
  await openSettings(page);
  await page.getByLabel('Cell').selectOption(cell);
  const numbers = {
    ...{ 'Hidden units': 16, Embedding: 0, 'Sequence length': 16, Batch: 4 },
    ...{ 'Learning rate': 0.02, ...fields },
  };
  for (const [label, value] of Object.entries(numbers)) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
  }
  await page.getByLabel('Device').selectOption(device);
  await page.getByLabel('Stop after', { exact: true }).fill('0');
  // As the library has them, instead of those by which the page begins.
  await page.getByText('More settings').click();
  await page.getByLabel('Schedule', { exact: true }).selectOption('constant');
  for (const label of ['Dropout', 'Warm-up'])
    await page.getByLabel(label, { exact: true }).fill('0');
  await page.getByText('More settings').click();
}
