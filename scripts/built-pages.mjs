/** The built pages in a headless Chromium. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

import { CHROMIUM_FLAGS, findChrome } from './browser.mjs';

/** A page with these has threads on the CPU. */
const ISOLATING = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Serves built pages at a free port, isolated.
 *
 * @param {string} outDir
 */
export function servePages(outDir) {
  return preview({
    ...{ configFile: false, root: outDir, logLevel: 'error', build: { outDir } },
    preview: { port: 0, headers: ISOLATING },
  });
}

/**
 * Builds the pages into a temporary folder, and serves them while `work` looks at them. What was begun is ended whatever fails.
 *
 * @param {string | undefined} mode of Vite's: `site` for the documents too.
 * @param {(browser: import('playwright-core').Browser, url: string) => Promise<void>} work
 */
export async function withBuiltPages(mode, work) {
  const outDir = await mkdtemp(join(tmpdir(), 'lethe-site-'));
  /** @type {(() => Promise<unknown>)[]} */
  const ends = [() => rm(outDir, { recursive: true })];
  try {
    const configFile = fileURLToPath(new URL('../vite.pages.config.ts', import.meta.url));
    await build({ configFile, mode, logLevel: 'error', build: { outDir } });
    const server = await servePages(outDir);
    ends.push(() => server.close());
    const browser = await chromium.launch({
      executablePath: findChrome(),
      headless: false,
      args: CHROMIUM_FLAGS,
    });
    ends.push(() => browser.close());
    await work(browser, /** @type {string} */ (server.resolvedUrls?.local[0]));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
