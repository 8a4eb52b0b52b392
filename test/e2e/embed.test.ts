import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { PAGES } from '../../demos/shared/pages.mjs';
import { CHROMIUM_FLAGS, findChrome } from '../../scripts/browser.mjs';
import { studioScriptBytes } from '../../scripts/studio-scripts.mjs';
import { LIMIT_MS } from '../setup/limit.mjs';
import { watch } from '../setup/studio';
import { tutorialCode } from '../setup/tutorial';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

let server: Server;
let browser: Browser;

beforeAll(async () => {
  // As `npm run build` does; the test runner says otherwise.
  vi.stubEnv('NODE_ENV', 'production');
  await build({ logLevel: 'error', root, configFile: join(root, 'vite.config.ts') });
  vi.unstubAllEnvs();
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    readFile(join(root, pathname)).then(
      (body) => {
        const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
        response.writeHead(200, { 'Content-Type': type }).end(body);
      },
      () => response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: findChrome(),
    headless: false,
    args: CHROMIUM_FLAGS,
    timeout: LIMIT_MS,
  });
});

afterAll(async () => {
  await browser.close();
  server.close();
});

async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage();
  watch(page);
  const { port } = server.address() as { port: number };
  await page.goto(`http://127.0.0.1:${port}/${path}`);
  return page;
}

/** The page's own scripts, with gzip, in bytes. */
async function scriptBytes(): Promise<number> {
  const assets = join(root, 'dist-pages/assets');
  const files = (await readdir(assets, { recursive: true })).filter((file) =>
    /^(embed[/\\]index|writer)-[^/\\]+\.js$/.test(file),
  );
  expect(files).toHaveLength(2);
  const sizes = files.map(async (file) => gzipSync(await readFile(join(assets, file))).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('the scripts of the first view of the studio, and of its workers, stay below 170 KB', async () => {
  const bytes = await studioScriptBytes(join(root, 'dist-pages'));
  expect(bytes).toBeLessThan(170_000);
  // The worker alone has the library.
  expect(bytes).toBeGreaterThan(50_000);
});

test('the page with a trained model has a small script', async () => {
  expect(await scriptBytes()).toBeLessThan(17_000);
});

test('the header links to the pages that there are', async () => {
  const source = await readFile(join(root, 'demos/embed/index.html'), 'utf8');
  const links = Array.from(source.matchAll(/<a href="([^"]+)"[^>]*>([^<]+)<\/a>/g));
  expect(links.map(([, href, title]) => ({ href, title }))).toEqual(
    PAGES.map(({ title, folder }) => ({
      href: folder === 'embed/' ? './' : `../${folder}`,
      title,
    })),
  );
});

test('the program has thirteen lines, the page shows it, and it writes', async () => {
  const source = await readFile(join(root, 'demos/embed/writer.js'), 'utf8');
  expect(source.trim().split('\n')).toHaveLength(13);

  const page = await openPage('dist-pages/embed/index.html');
  expect(await page.locator('#code').textContent()).toBe(source);
  const text = page.locator('#text');
  await page.getByRole('button', { name: 'Write' }).click();
  await expect.poll(async () => (await text.textContent())!.length).toBe('The ferry'.length + 300);
  expect(await text.textContent()).toMatch(/^The ferry/);
  await page.getByRole('textbox').fill('漢The');
  await page.getByRole('button', { name: 'Write' }).click();
  await expect.poll(async () => (await text.textContent())!.length).toBe('The'.length + 300);
  expect(await text.textContent()).toMatch(/^The/);
});

/** As text: the test runner would rewrite its imports. */
const WRITER = `
  import { openDevice } from 'ROOT/dist/index.js';
  import { readWriter } from 'ROOT/dist/sample/index.js';
  import { loadModel, readCheckpoint, sampleText } from 'ROOT/dist/train/index.js';

  const file = await fetch('ROOT/demos/embed/model.safetensors');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { model, vocabulary } = loadModel(await openDevice('cpu'), readCheckpoint(bytes));
  const text = await sampleText(model, vocabulary, { length: 50, seed: 3 });
  if (readWriter(bytes).sampleText({ length: 50, seed: 3 }) !== text) throw new Error('two texts');
  if (self.document) document.title = text;
  else postMessage(text);
`;

test('the built package is plain modules, for a page and for a worker', async () => {
  const page = await openPage('dist-pages/embed/index.html');
  const content = WRITER.replaceAll('ROOT', new URL(page.url()).origin);
  await page.addScriptTag({ type: 'module', content });
  await expect.poll(async () => (await page.title()).length).toBe(50);
  const fromWorker = await page.evaluate((source) => {
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  }, content);
  expect(String(fromWorker).replaceAll(/\s+/g, ' ').trim()).toBe(await page.title());
});

test('docs/tutorials/page.md is a page that learns and writes', async () => {
  const folder = join(root, '.cache/tutorials/page');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), await tutorialCode('page', 'html'));
  await symlink(join(root, 'dist'), join(folder, 'lethe'));
  const page = await openPage('.cache/tutorials/page/index.html');
  const state = page.locator('#state');
  await expect.poll(() => state.textContent(), { timeout: LIMIT_MS }).toMatch(/^Step 200 on /);
  expect(await page.locator('#text').textContent()).toMatch(/^The (river|sea|shore)/);
  await page.close();
});
