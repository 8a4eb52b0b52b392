/** The built site on a plain host, below a path, with the headers that isolate a page and without. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, posix } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { CHROMIUM_FLAGS, findChrome } from '../../scripts/browser.mjs';
import { bytesBeyondStudio, studioScriptBytes } from '../../scripts/studio-scripts.mjs';
import { axeFindings, axeFindingsInBoth } from '../setup/axe';
import { LIMIT_MS } from '../setup/limit.mjs';
import { button, chooseTiny, figure, numberIn, watch } from '../setup/studio';

const root = fileURLToPath(new URL('../../', import.meta.url));
const site = join(root, 'dist-site');
const BELOW = '/some/path/';
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

let browser: Browser;
const servers: Server[] = [];
const hosts = { plain: '', isolating: '' };

/** A host of files, as there are many. */
async function serve(headers: Record<string, string>): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = pathname.startsWith(BELOW) ? pathname.slice(BELOW.length) : '../outside';
    const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
    readFile(join(site, file)).then(
      (body) => {
        const type = TYPES[extname(file)] ?? 'application/octet-stream';
        response.writeHead(200, { 'Content-Type': type, ...headers }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}${BELOW}`;
}

beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const configFile = join(root, 'vite.pages.config.ts');
  await build({ logLevel: 'error', configFile, mode: 'site' });
  vi.unstubAllEnvs();
  hosts.plain = await serve({});
  hosts.isolating = await serve(ISOLATION);
  browser = await chromium.launch({
    executablePath: findChrome(),
    headless: false,
    args: CHROMIUM_FLAGS,
    timeout: LIMIT_MS,
  });
});

afterAll(async () => {
  await browser.close();
  for (const server of servers) server.close();
});

/** A page of a browser that was never there; that it asks anything else than its host, or in vain, fails. */
async function visit(
  host: string,
  path = '',
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext; loads: () => number }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  watch(page);
  const strays: string[] = [];
  let loads = 0;
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(host) && !/^(blob|data):/.test(url)) strays.push(url);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) strays.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (request.isNavigationRequest()) loads++;
  });
  onTestFinished(async () => {
    expect(strays).toEqual([]);
    await context.close();
  });
  await page.goto(host + path);
  return { page, context, loads: () => loads };
}

const isolated = (page: Page) => page.evaluate(() => crossOriginIsolated);

/** Trains some steps in the studio, on the CPU, and gives what it says of the device. */
async function trainSome(page: Page): Promise<string> {
  await chooseTiny(page, 'to be or not to be, that is the question.\n'.repeat(40), {
    cell: 'gru',
    device: 'cpu',
  });
  await button(page, 'Start').click();
  await expect.poll(() => numberIn(page, 'step')).toBeGreaterThanOrEqual(5);
  return (await figure(page, 'device').textContent())!;
}

describe('threads', () => {
  test('a host that sends the headers needs no service worker', async () => {
    const { page, loads } = await visit(hosts.isolating);
    expect(await trainSome(page)).not.toContain('processor cores');
    expect(await isolated(page)).toBe(true);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBe(null);
    expect(loads()).toBe(1);
  });

  test('elsewhere the second load has them, and there is no third', async () => {
    const { page, context, loads } = await visit(hosts.plain);
    // What is asked of a page while it loads anew, in another process, may never be answered.
    const now = () => Promise.race([isolated(page), setTimeout(2000, false)]).catch(() => false);
    await expect.poll(now).toBe(true);
    expect(await trainSome(page)).not.toContain('processor cores');
    expect(loads()).toBe(2);
    // Later visits have them at once, those of other pages too.
    const other = await context.newPage();
    let others = 0;
    other.on('request', (request) => {
      if (request.isNavigationRequest()) others++;
    });
    await other.goto(`${hosts.plain}shapes/`);
    expect(await isolated(other)).toBe(true);
    await expect
      .poll(() => other.locator('.said').textContent(), { timeout: LIMIT_MS })
      .toBe('1987-05-03');
    expect(others).toBe(1);
  });

  test('where no service worker is allowed, the page says what that costs, and trains', async () => {
    const { page, loads } = await visit(hosts.plain, '', { serviceWorkers: 'block' });
    expect(await trainSome(page)).toMatch(/Training uses one of your \d+ processor cores/);
    expect(await isolated(page)).toBe(false);
    expect(loads()).toBe(1);
  });
});

/** Files of the site by their paths. */
async function filesOf(...extensions: string[]): Promise<string[]> {
  const all = await readdir(site, { recursive: true });
  return all
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => extensions.includes(extname(file)));
}

test('every link of every page leads to a page, and to a place in it', async () => {
  const pages = await filesOf('.html');
  expect(pages).toEqual(
    expect.arrayContaining(['index.html', 'embed/index.html', 'docs/index.html', 'docs/ctc.html']),
  );
  const texts = new Map<string, string>();
  for (const file of pages) texts.set(file, await readFile(join(site, file), 'utf8'));
  const every = new Set(await readdir(site, { recursive: true }));
  const broken: string[] = [];
  let checked = 0;
  for (const [file, html] of texts) {
    for (const [, address] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|data|mailto):/.test(address)) continue;
      checked++;
      const [path, anchor] = address.split('#');
      let target = path === '' ? file : posix.join(dirname(file), path);
      if (target === './' || target.endsWith('/')) target = posix.join(target, 'index.html');
      const there = !address.startsWith('/') && every.has(target);
      const found = anchor === undefined || texts.get(target)?.includes(` id="${anchor}"`);
      if (!there || !found) broken.push(`${file}: ${address}`);
    }
  }
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(500);
});

test('nothing names a place on its host, or another host', async () => {
  for (const file of await filesOf('.html', '.css')) {
    const text = await readFile(join(site, file), 'utf8');
    expect(text, file).not.toMatch(
      /(?:src|href)="\/|url\(["']?(?:\/|http)|<(?:script|link|img)[^>]*\s(?:src|href)="http/,
    );
  }
});

const CLASS = 'docs/api/nn/classes/LSTM.html';

test.each(['docs/', 'docs/tasks.html', 'docs/changelog.html', CLASS, 'embed/'])(
  '%s opens, fits a phone, and axe finds nothing',
  async (path) => {
    // Where no page loads anew by itself, while axe looks at it.
    const viewport = { width: 390, height: 844 };
    const { page } = await visit(hosts.isolating, path, { viewport });
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await pages.getByRole('link', { name: 'Docs' }).waitFor();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over).toBeLessThanOrEqual(0);
    expect(await axeFindingsInBoth(page)).toEqual([]);
  },
);

/** Where all is asked: what is found depends on the question alone. */
let searched: Page | undefined;

/** Its errors, and what it was not given. */
const wrong: string[] = [];

/** What the search of the documents shows, by address. */
async function foundFor(question: string): Promise<string[]> {
  if (!searched) {
    searched = await browser.newPage();
    searched.setDefaultTimeout(LIMIT_MS);
    searched.on('pageerror', (error) => wrong.push(error.message));
    searched.on('response', (response) => {
      if (!response.ok()) wrong.push(`${response.status()} ${response.url()}`);
    });
    await searched.goto(`${hosts.plain}docs/`);
  }
  const box = searched.getByRole('searchbox');
  const found = searched.locator('.find a');
  await box.fill('');
  await expect.poll(() => found.count()).toBe(0);
  await box.fill(question);
  await found.first().waitFor();
  const addresses = await found.evaluateAll((links) =>
    links.map((link) => (link as HTMLAnchorElement).href),
  );
  expect(wrong).toEqual([]);
  return addresses.map((address) => address.slice(hosts.plain.length));
}

test('the documents are searched, by keys alone', async () => {
  const { page } = await visit(hosts.plain, 'docs/');
  await page.keyboard.press('/');
  await page.keyboard.type('clip grad');
  const found = page.locator('.find a');
  await found.first().waitFor();
  expect(await found.locator('b').allTextContents()).toContain('clipGradNorm');
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('searchbox').fill('packed sequence');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/docs\/api\/nn\/\w+\/\w+\.html$/);
  expect(await page.locator('h1').textContent()).toMatch(/Packed?(Padded)?Sequence/i);
});

test('a search that did not load says so, and the next letter loads it', async () => {
  const { page } = await visit(hosts.plain, 'docs/');
  await page.route('**/search.json', (route) => route.fulfill({ body: 'cut o' }));
  await page.getByRole('searchbox').pressSequentially('cl');
  const list = page.locator('.find ol');
  await expect.poll(() => list.textContent()).toContain('did not load');
  await page.unroute('**/search.json');
  await page.getByRole('searchbox').pressSequentially('ipGradNrm');
  await page.locator('.find a', { hasText: 'clipGradNorm' }).first().waitFor();
});

test.each([
  'docs/pytorch.html',
  'docs/api/nn/classes/LSTM.html',
  'docs/api/train/classes/Trainer.html',
])('no table of %s is wider than a phone', async (path) => {
  const { page } = await visit(hosts.plain, path, { viewport: { width: 390, height: 844 } });
  const over = await page
    .locator('.wide')
    .evaluateAll((tables) => tables.map((table) => table.scrollWidth - table.clientWidth));
  expect(over.length).toBeGreaterThan(0);
  expect(Math.max(...over)).toBe(0);
});

test('the page of shapes takes at most 101 KB of script beyond the studio', async () => {
  expect(await bytesBeyondStudio(site, 'shapes/index.html')).toBeLessThan(101_000);
});

test.each([
  [
    'pad and mask',
    /^docs\/((tutorials\/classifier|index)\.html#|api\/data\/functions\/padSequences)/,
  ],
  ['resume training exactly', /resumeTraining|embedding\.html#train-one/],
  ['load pytorch state_dict', /^docs\/pytorch\.html/],
  ['why WebGPU is not used', /#when-the-cpu-computes$/],
  ['add a cell', /^docs\/adding-a-cell\.html/],
  ['embed a model in a page', /^docs\/embedding\.html/],
  ['content security policy', /#under-a-content-security-policy$/],
  ['use CTC', /^docs\/ctc\.html/],
  ['clip gradients', /clipGradNorm/],
  ['CSP', /#under-a-content-security-policy$/],
  ['custom cell', /^docs\/adding-a-cell\.html/],
  ['gradclip', /clipGradNorm/],
  ['padding', /^docs\/(tutorials\/classifier|index)\.html#/],
  ['WebGPU not used', /#when-the-cpu-computes$/],
  ['nucleus', /how-characters-are-drawn|SampleOptions/],
  ['device lost', /when-the-gpu-is-lost/],
  ['undo scaling', /forecaster|StandardScaler/],
  ['learning rate schedule', /schedules/],
  ['activations per character', /traceCells|inside\.html/],
  ['gate order LSTM', /cells\.html#lstm|pytorch\.html/],
  ['sample temperature', /tutorials\/page\.html|embedding\.html|SampleOptions/],
])('whoever asks for %s finds it', async (question, answer) => {
  const paths = await foundFor(question);
  expect(
    paths.filter((path) => answer.test(path)),
    paths.join(' '),
  ).not.toEqual([]);
});

test.each([
  ['seq2seq', /tasks\.html#one-sequence-to-another/],
  ['machine translation', /tasks\.html#one-sequence-to-another|translate/],
  ['teacher forcing', /tasks\.html#one-sequence-to-another/],
  ['overfitting', /training\.html#underfitting-and-overfitting$/],
  ['hyperparameters', /training\.html#sizes-and-learning-rate$/],
  ['how many units', /training\.html#sizes-and-learning-rate$/],
  ['bits per character', /training\.html#evaluate|bitsPerCharacter/],
  ['perplexity', /training\.html#evaluate|perplexity/],
  ['out of memory', /training\.html#out-of-memory$/],
  ['gradient accumulation', /training\.html#out-of-memory$/],
  ['training slow', /training\.html#make-training-faster$/],
  ['mixed precision', /training\.html#make-training-faster$/],
  ['profiler', /training\.html#make-training-faster$/],
  ['latency', /#what-an-answer-costs$/],
  ['mobile', /#what-an-answer-costs$/],
  ['quantize', /#a-smaller-model-file$/],
  ['stateful', /#a-model-of-your-own-step-by-step$/],
  ['step by step', /#a-model-of-your-own-step-by-step$/],
  ['autosave', /saveCheckpoint\.html$|#when-the-gpu-is-lost$/],
  ['NaN loss', /#when-the-loss-is-nan$/],
  ['fine-tune', /#a-model-of-your-own$/],
  ['finetune', /#a-model-of-your-own$/],
  ['unfreeze', /#word-vectors$/],
  ['missing values', /#recordings-of-sensors-with-missing-values$/],
  ['Web Worker', /#train-in-a-web-worker$/],
  ['train freezes page', /#train-in-a-web-worker$/],
  ['train in worker', /#train-in-a-web-worker$/],
  ['class weights', /#class-weights-unbalanced-classes$/],
  ['imbalanced', /#class-weights-unbalanced-classes$/],
  ['unbalanced classes', /#class-weights-unbalanced-classes$/],
  ['pos_weight', /#class-weights-unbalanced-classes$/],
  ['label smoothing', /#class-weights-unbalanced-classes$/],
  ['vanishing gradient', /#vanishing-and-exploding-gradients$/],
  ['exploding gradient', /#vanishing-and-exploding-gradients$/],
  ['gradient norm', /#vanishing-and-exploding-gradients$|clipGradNorm/],
  ['validation loss', /tasks\.html#the-trainer$/],
  ['best weights', /tasks\.html#the-trainer$/],
  ['use studio model in Node', /#the-studio$/],
  ['bptt', /#state-from-batch-to-batch/],
  ['tbptt', /#state-from-batch-to-batch/],
  ['truncated backpropagation', /#state-from-batch-to-batch/],
  ['stateful training', /#state-from-batch-to-batch/],
  ['carry hidden state between batches', /#state-from-batch-to-batch/],
  ['memory leak', /#memory-what-to-free/],
  ['memory grows', /#memory-what-to-free/],
  ['tidy', /#memory-what-to-free/],
  ['leak', /#memory-what-to-free/],
  ['covariates', /#several-columns-and-inputs/],
  ['exogenous', /#several-columns-and-inputs/],
  ['multivariate', /#several-columns-and-inputs/],
  ['gate values', /inside\.html#inside-the-cells$/],
  ['forget gate values', /inside\.html#inside-the-cells$/],
  ['timestamps', /ctc\.html#times$/],
])('whoever asks for %s finds it among the first three', async (question, answer) => {
  const first = (await foundFor(question)).slice(0, 3);
  expect(
    first.filter((path) => answer.test(path)),
    first.join(' '),
  ).not.toEqual([]);
});

test.each([
  ['custom cell', /^docs\/adding-a-cell\.html/],
  ['pytorch weights', /^docs\/pytorch\.html/],
])('whoever asks for %s finds it first', async (question, answer) => {
  expect((await foundFor(question))[0]).toMatch(answer);
});

test('the first view of the studio takes at most 170 KB of script', async () => {
  expect(await studioScriptBytes(site)).toBeLessThan(170_000);
});
