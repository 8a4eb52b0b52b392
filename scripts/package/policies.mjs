/** Under a Content-Security-Policy the package says what it lacks, and has it where that is allowed. */
import { LIMIT_MS } from '../../test/setup/limit.mjs';
import { attempt, complain } from './complaints.mjs';

/** @typedef {import('./judge.mjs').Report} Report */

/** As docs/embedding.md has them. */
const DOCUMENTED =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:";

const POLICIES = {
  "default-src 'self'": { plain: true, threads: false },
  [DOCUMENTED]: { plain: false, threads: true },
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'": { plain: false, threads: false },
};

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} address of a page with the project's bundle
 * @param {Record<string, string>} headers that everything is served with: workers have their own
 */
export async function checkPolicies(browser, address, headers) {
  for (const [policy, expected] of Object.entries(POLICIES)) {
    await attempt(`under the policy ${policy}`, async () => {
      const page = await browser.newPage();
      try {
        headers['Content-Security-Policy'] = policy;
        await page.goto(address);
        await page.waitForFunction('"outcome" in globalThis', undefined, { timeout: LIMIT_MS });
        const [own, worker] = /** @type {Report[]} */ (await page.evaluate('outcome'));
        for (const { description, reason, losses, error } of [own.cpu, worker.cpu]) {
          if (error !== undefined || losses.length === 0) complain(`${policy}: ${error}`);
          const said =
            description === 'CPU (plain JavaScript)' && /'wasm-unsafe-eval'/.test(reason);
          const silent = description === 'CPU' && reason === 'asked for';
          if (!(expected.plain ? said : silent)) complain(`${policy}: ${description}, ${reason}`);
        }
        await page.evaluate('largeProducts()');
        // The page's own worker is one.
        const threads = page.workers().length > 1;
        if (threads !== expected.threads) complain(`${policy}: ${page.workers().length} workers`);
      } finally {
        await page.close();
      }
    });
  }
}
