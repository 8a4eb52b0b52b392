/** Runs the bundles in a headless Chromium. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { chromium } from 'playwright-core';
import { createServer as createViteServer } from 'vite';

import { LIMIT_MS } from '../../test/setup/limit.mjs';
import { CHROMIUM_FLAGS, findChrome } from '../browser.mjs';
import { attempt } from './complaints.mjs';
import { judge } from './judge.mjs';
import { checkPolicies } from './policies.mjs';

/** @typedef {import('./judge.mjs').Report} Report */

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

/**
 * Serves a folder, cross-origin isolated.
 *
 * @param {string} folder
 */
async function serve(folder) {
  /** More of them. @type {Record<string, string>} */
  const headers = {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    readFile(join(folder, pathname)).then(
      (body) => {
        response.writeHead(200, {
          'Content-Type': TYPES[extname(pathname)] ?? 'application/octet-stream',
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
          ...headers,
        });
        response.end(body);
      },
      () => response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, headers, close: () => server.close() };
}

/**
 * What the project's page reports, of itself and of its worker.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 */
async function visit(browser, url) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  try {
    await page.goto(url);
    await page.waitForFunction('"outcome" in globalThis', undefined, { timeout: LIMIT_MS });
    return /** @type {Report[]} */ (await page.evaluate('outcome'));
  } catch (error) {
    throw new Error([/** @type {Error} */ (error).message, ...errors].join('\n'), { cause: error });
  } finally {
    await page.close();
  }
}

/**
 * @param {string} folder the project, with each bundle in a folder of its bundler's name
 * @param {string[]} bundlers
 */
export async function runPages(folder, bundlers) {
  const executablePath = findChrome();
  if (!executablePath) throw new Error('no Chrome or Chromium was found; CHROME_PATH names one');
  const server = await serve(folder);
  const vite = await createViteServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    server: { port: 0, ws: false, hmr: false, watch: null },
    // Not the bundles beside it.
    optimizeDeps: { entries: ['index.html'] },
  });
  await vite.listen();
  const browser = await chromium.launch({ executablePath, headless: false, args: CHROMIUM_FLAGS });
  try {
    const urls = Object.fromEntries(
      bundlers.map((name) => [name, `${server.url}${name}/index.html`]),
    );
    urls['the server of vite'] = vite.resolvedUrls?.local[0] ?? '';
    for (const [name, url] of Object.entries(urls)) {
      await attempt(`the page of ${name}`, async () => {
        const [page, worker] = await visit(browser, url);
        judge(`the page of ${name}`, page);
        judge(`the worker of ${name}`, worker);
      });
    }
    await checkPolicies(browser, `${server.url}${bundlers[0]}/index.html`, server.headers);
  } finally {
    await browser.close();
    await vite.close();
    server.close();
  }
}
