/** Contenders in a page of a headless Chromium, each in a browser of its own. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { CHROMIUM_FLAGS, findChrome, HARDWARE_FLAGS } from '../scripts/browser.mjs';
import { BUILT } from './build.mjs';

/**
 * Shared memory, and with it threads of WebAssembly, are for isolated pages only; their clock is
 * finer too.
 */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const BENCH = fileURLToPath(new URL('.', import.meta.url));

/** Serves what is built, and the modules of this folder; the address, and how to stop. */
export async function servePages() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.endsWith('.mjs')) {
      response.writeHead(200, { ...ISOLATED, 'Content-Type': 'text/html' });
      response.end('<!doctype html><title>bench</title>');
      return;
    }
    readFile(join(BUILT, pathname))
      .catch(() => readFile(join(BENCH, pathname)))
      .then(
        (body) => {
          response.writeHead(200, { ...ISOLATED, 'Content-Type': 'text/javascript' });
          response.end(body);
        },
        () => response.writeHead(404).end(),
      );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {boolean} hardware whether the adapter is the machine's */
function launch(hardware) {
  return chromium.launch({
    executablePath: findChrome(),
    headless: false,
    args: hardware ? HARDWARE_FLAGS : CHROMIUM_FLAGS,
    // On these the program exits, and the browser with it; Playwright alone would let it go on.
    ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
  });
}

/**
 * An empty page that can import what is served.
 *
 * @param {{ hardware: boolean }} options
 */
export async function openBlank({ hardware }) {
  const server = await servePages();
  const browser = await launch(hardware);
  const close = async () => {
    await browser.close();
    server.close();
  };
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {string} url of the server
 * @param {string} module a file of it
 * @param {string} backend
 * @param {import('./types').Job} job
 * @param {{ hardware: boolean }} options
 * @returns {Promise<import('./types').Contender>}
 */
export async function openPage(url, module, backend, job, { hardware }) {
  const browser = await launch(hardware);
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const handle = await page.evaluateHandle(
      (path) => /** @type {Promise<import('./types').ContenderModule>} */ (import(path)),
      `/${module}`,
    );
    const start = performance.now();
    const on = await handle.evaluate(
      ({ begin }, [job, backend]) => begin(job, backend),
      /** @type {const} */ ([job, backend]),
    );
    const beginMs = performance.now() - start;
    return {
      on,
      beginMs,
      turn: (steps) => handle.evaluate(({ turn }, steps) => turn(steps), steps),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
