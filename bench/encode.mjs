// JavaScript of replayed steps beside that of another checkout, which takes turns with it in one process: a training
// step of one layer, and steps of so many dispatches, of which the difference tells what one more takes. The floor
// is a bare loop over the WebGPU calls that a replay makes, with the same pipelines and bind groups. In Node Dawn's
// part is in it; in a page it is in the browser's GPU process.
//
//   npm run bench:encode -- [--against FOLDER] [--rounds 300] [--browser] [--hardware]
//
// FOLDER has its node_modules. --browser measures in a page of Chromium. The adapter is SwiftShader, in Node unless
// VK_ICD_FILENAMES names a driver; --hardware leaves the choice to the machine.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { BUILT, buildCheckout } from './build.mjs';
import { openBlank } from './chromium.mjs';
import { LONG, measure, SHORT } from './encode_turns.mjs';
import { REFERENCE } from './load.mjs';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '300' },
    browser: { type: 'boolean', default: false },
    hardware: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const here = fileURLToPath(new URL('..', import.meta.url));
/** Folders by the names of the contenders. */
const checkouts = { ...(values.against && { against: values.against }), here };

/** @param {'node' | 'browser'} platform */
async function build(platform) {
  /** @type {Record<string, string[]>} */
  const built = {};
  const root = platform === 'node' ? BUILT : '/';
  for (const [name, folder] of Object.entries(checkouts)) {
    const modules = await buildCheckout(folder, `${name}-${platform}`, platform);
    built[name] = modules.map((module) => `${root}${module}`);
  }
  return built;
}

async function inNode() {
  if (!values.hardware) process.env.VK_ICD_FILENAMES ??= findSwiftShader();
  return measure(await build('node'), REFERENCE, rounds);
}

async function inPage() {
  const built = await build('browser');
  const { page, close } = await openBlank({ hardware: values.hardware });
  try {
    return await page.evaluate(async ([path, ...options]) => {
      /** @type {typeof import('./encode_turns.mjs')} */
      const { measure } = await import(path);
      return measure(...options);
    }, /** @type {const} */ (['/encode_turns.mjs', built, REFERENCE, rounds]));
  } finally {
    await close();
  }
}

const { adapter, figures } = await (values.browser ? inPage() : inNode());
console.log(`${adapter}, microseconds, lower quartiles of ${rounds}`);
for (const { name, dispatches, training, short, long, further } of figures) {
  console.log(
    `${name.padEnd(8)} a training step of ${dispatches} dispatches ${training.toFixed(0)}; ` +
      `of ${SHORT} ${short.toFixed(0)}, of ${LONG} ${long.toFixed(0)}: ` +
      `${further.toFixed(2)} a further dispatch`,
  );
}
const [against, ours] = figures;
if (values.against) {
  /** @param {'training' | 'short' | 'long' | 'further'} key */
  const ratio = (key) => (ours[key] / against[key]).toFixed(2);
  console.log(
    `ratio    training ${ratio('training')}; ${SHORT} ${ratio('short')}; ${LONG} ${ratio('long')}; ` +
      `further ${ratio('further')}`,
  );
}
// Nothing else ends Dawn's process.
process.exit();
