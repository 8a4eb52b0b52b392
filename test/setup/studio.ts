/** The studio in a real headless Chromium, for tests. */
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createServer } from 'vite';
import type { ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';

import { CHROMIUM_FLAGS, findChrome } from '../../scripts/browser.mjs';
import { LIMIT_MS } from './limit.mjs';

export interface Studio {
  browser: Browser;
  context: BrowserContext;
  page: Page;
}

/** Serves the studio to the tests of a file; what it gives back opens it in a browser of its own. */
export function useStudio(): (flags?: readonly string[]) => Promise<Studio> {
  let server: ViteDevServer;
  let browser: Browser | undefined;

  beforeAll(async () => {
    server = await createServer({
      configFile: fileURLToPath(new URL('../../vite.pages.config.ts', import.meta.url)),
      // A file that is saved meanwhile does not reload the page.
      server: { port: 0, open: false, watch: null, hmr: false },
      logLevel: 'error',
      // A dependency found late would reload the page too.
      optimizeDeps: { noDiscovery: true },
    });
    await server.listen();
  });
  afterEach(async () => {
    await browser?.close();
    browser = undefined;
  });
  afterAll(() => server.close());

  return async (flags = CHROMIUM_FLAGS) => {
    const executablePath = findChrome();
    if (!executablePath) {
      throw new Error('no Chrome or Chromium found: install one, or set CHROME_PATH');
    }
    browser = await chromium.launch({
      executablePath,
      headless: false,
      args: [...flags],
      timeout: LIMIT_MS,
    });
    const context = await browser.newContext();
    const page = await context.newPage();
    watch(page);
    await page.goto(server.resolvedUrls!.local[0]);
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

/** Fills the Train view with a text, and with a model that learns it within seconds. */
export async function chooseTiny(
  page: Page,
  text: string,
  choice: { cell: string; device?: string; fields?: Readonly<Record<string, number>> },
): Promise<void> {
  const { cell, device = 'cpu', fields } = choice;
  await page.getByRole('textbox', { name: 'Text' }).fill(text);
  await page.getByLabel('Cell').selectOption(cell);
  const numbers = {
    ...{ 'Hidden units': 16, Embedding: 0, 'Sequence length': 16, Batch: 4 },
    ...{ 'Learning rate': 0.02, ...fields },
  };
  for (const [label, value] of Object.entries(numbers)) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
  }
  await page.getByLabel('Device').selectOption(device);
}
