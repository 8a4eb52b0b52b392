// The first steps of the reference workload from one seed, on the CPU, on WebGPU in Node (Dawn) and
// on WebGPU in Chrome, taking turns a step at a time:
//
//   npm run bench:steps -- FILE [--steps 20]
//
// Prints each step's loss, the largest relative difference from the CPU, and the milliseconds of a
// step. WebGPU takes whatever adapter there is; name a Vulkan driver for Dawn by VK_ICD_FILENAMES.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { CHROMIUM_FLAGS, findChrome, findSwiftShader } from '../scripts/browser.mjs';
import { loadLethe, REFERENCE, serveSources } from './load.mjs';
import { median } from './statistics.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string', default: '20' } },
});
if (!positionals[0]) throw new Error('name the text: npm run bench:steps -- FILE');
const text = await readFile(positionals[0], 'utf8');
const config = { ...REFERENCE, seed: 1 };
process.env.VK_ICD_FILENAMES ??= findSwiftShader();

const server = await serveSources();
await server.listen();
const { openDevice, CharTrainer } = await loadLethe(server);

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} adapter
 * @property {() => Promise<{ loss: number, milliseconds: number }>} step
 */

/**
 * @param {'cpu' | 'webgpu'} kind
 * @returns {Promise<Contender>}
 */
async function inNode(kind) {
  const device = await openDevice(kind);
  const trainer = new CharTrainer(device, text, config);
  return {
    name: kind === 'cpu' ? 'cpu' : 'dawn',
    adapter: device.description,
    async step() {
      const begin = performance.now();
      await trainer.trainStep();
      const report = await trainer.report();
      return { loss: report?.loss ?? NaN, milliseconds: performance.now() - begin };
    },
  };
}

/**
 * @param {import('playwright-core').Page} page
 * @returns {Promise<Contender>}
 */
async function inChrome(page) {
  const base = server.resolvedUrls?.local[0] ?? '';
  // Any address of the server will do: the module is imported from there.
  const blank = { contentType: 'text/html', body: '<title>bench</title>' };
  await page.route('**/blank', (route) => route.fulfill(blank));
  await page.goto(`${base}blank`);
  const module = await page.evaluateHandle(
    (url) => /** @type {Promise<typeof import('./chrome_steps')>} */ (import(url)),
    '/bench/chrome_steps.ts',
  );
  return {
    name: 'chrome',
    adapter: await module.evaluate(
      ({ begin }, [text, config]) => begin(text, config),
      /** @type {const} */ ([text, config]),
    ),
    step: () => module.evaluate(({ step }) => step()),
  };
}

const browser = await chromium.launch({
  executablePath: findChrome(),
  headless: false,
  args: CHROMIUM_FLAGS,
});
const contenders = [
  await inNode('cpu'),
  await inNode('webgpu'),
  await inChrome(await browser.newPage()),
];
for (const { name, adapter } of contenders) console.log(`${name}: ${adapter}`);
/** @type {number[][]} */
const times = contenders.map(() => []);
const worst = contenders.map(() => 0);
for (let step = 1; step <= Number(values.steps); step++) {
  /** @type {number[]} */
  const losses = [];
  for (const [i, contender] of contenders.entries()) {
    const { loss, milliseconds } = await contender.step();
    losses.push(loss);
    times[i].push(milliseconds);
    worst[i] = Math.max(worst[i], Math.abs(loss - losses[0]) / losses[0]);
  }
  console.log(`step ${step}: ${losses.map((loss) => loss.toFixed(6)).join('  ')}`);
}
for (const [i, { name }] of contenders.entries()) {
  // The first step compiles.
  console.log(
    `${name}: largest relative difference ${worst[i].toExponential(1)}, ` +
      `${median(times[i].slice(1)).toFixed(0)} ms a step, first ${times[i][0].toFixed(0)} ms`,
  );
}
await browser.close();
await server.close();
process.exit();
