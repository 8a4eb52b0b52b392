/** Under a Content-Security-Policy the package says what it lacks, and has it where that is allowed: as docs/embedding.md has it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LIMIT_MS } from '../../test/setup/limit.mjs';
import { attempt, complain } from './complaints.mjs';
import { root } from './install.mjs';

/** @typedef {import('./judge.mjs').Report} Report */

const WORKERS = "worker-src 'self' blob:";
const ALLOWED = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; ${WORKERS}`;

const NONCE = 'rAnd0m';
const STRICT = `script-src 'nonce-${NONCE}' 'strict-dynamic' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'`;

/** The policies of the document: each stands there as it is. */
const DOCUMENTED = [
  ALLOWED,
  STRICT,
  "require-trusted-types-for 'script'; trusted-types lethe default",
];

/** For the page's own worker, under Trusted Types. */
const DEFAULT_POLICY = `
trustedTypes.createPolicy('default', {
  createScriptURL(url) {
    const { href } = new URL(url, location.href);
    return href.startsWith(\`\${location.origin}/\`) ? href : null; // null: refused
  },
});
`;

/**
 * What is to be seen under each policy.
 *
 * @param {string} hash of the inline script
 * @returns {Record<string, { plain: boolean, threads: boolean }>}
 */
const policies = (hash) => ({
  "default-src 'self'": { plain: true, threads: false },
  [ALLOWED]: { plain: false, threads: true },
  [ALLOWED.replace(`; ${WORKERS}`, '')]: { plain: false, threads: false },
  [STRICT]: { plain: false, threads: true },
  [STRICT.replace(" 'wasm-unsafe-eval'", '')]: { plain: true, threads: false },
  [`${STRICT}; worker-src 'self'`]: { plain: false, threads: false },
  [STRICT.replace(`nonce-${NONCE}`, hash)]: { plain: false, threads: true },
  [`${STRICT}; ${DOCUMENTED[2]}`]: { plain: false, threads: true },
  [`${STRICT}; ${DOCUMENTED[2].replace(' lethe', '')}`]: { plain: false, threads: false },
});

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} address of a page with the project's bundle
 * @param {Record<string, string>} headers that everything is served with: workers have their own
 */
export async function checkPolicies(browser, address, headers) {
  const document = readFileSync(join(root, 'docs/embedding.md'), 'utf8');
  for (const shown of [...DOCUMENTED, DEFAULT_POLICY]) {
    if (!document.includes(shown)) complain(`docs/embedding.md does not show: ${shown}`);
  }
  const html = await (await fetch(address)).text();
  const [script, src] = /<script\b[^>]* src="([^"]*)".*?<\/script>/.exec(html) ?? ['', ''];
  // What an allowed script appends is allowed by 'strict-dynamic', and so is what that imports.
  const inline = `document.head.append(Object.assign(document.createElement('script'), { type: 'module', src: '${src}' }))`;
  const hash = `sha256-${createHash('sha256').update(inline).digest('base64')}`;
  const withNonce = html.replace('<script', `<script nonce="${NONCE}"`);
  for (const [policy, expected] of Object.entries(policies(hash))) {
    await attempt(`under the policy ${policy}`, async () => {
      const page = await browser.newPage();
      try {
        headers['Content-Security-Policy'] = policy;
        if (policy.includes('trusted-types')) await page.addInitScript(DEFAULT_POLICY);
        const body = policy.includes(hash)
          ? html.replace(script, `<script>${inline}</script>`)
          : withNonce;
        await page.route(address, async (route) => {
          await route.fulfill({ response: await route.fetch(), body });
        });
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
        const threads = await page.evaluate('largeProducts()');
        if (threads !== (expected.threads ? 3 : 1)) complain(`${policy}: ${threads} threads`);
        // The page's own worker is one.
        if (page.workers().length !== threads) {
          complain(`${policy}: ${page.workers().length} workers with ${threads} threads`);
        }
      } finally {
        await page.close();
      }
    });
  }
}
