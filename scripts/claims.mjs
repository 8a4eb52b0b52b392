// What the studio finds in a network after a run of its first settings, on each text that it brings:
//
//   node scripts/claims.mjs [ID...] [--steps N] [--keep FOLDER]
//
// Trains on the CPU, has the network read the stretch that the page would choose, and prints what "Show me
// the best" leads to and the findings beside it. Each is measured once more on the text that was held out, beside the
// largest correlation that units and probes have there by chance.
// FOLDER keeps the networks, and those that are in it are not trained again. Seeds are fixed; the weights
// differ in their last bits between engines with relaxed SIMD and without.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadLethe, serveSources } from '../bench/load.mjs';

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string' }, keep: { type: 'string' } },
});

const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);
/** @param {string} path */
const load = (path) => server.ssrLoadModule(path);
const lethe = /** @type {typeof import('../src/train/index')} */ (
  await load('/src/train/index.ts')
);
const { TEXTS } = /** @type {typeof import('../demos/train/texts')} */ (
  await load('/demos/train/texts.ts')
);
const form = /** @type {typeof import('../demos/train/form')} */ (
  await load('/demos/train/form.ts')
);

// The studio fetches its texts; here they lie on the disk.
globalThis.fetch = /** @param {unknown} url */ async (url) =>
  new Response(await readFile(fileURLToPath(/** @type {URL} */ (url))));

const inspect = /** @type {typeof import('../src/inspect/index')} */ (
  await load('/src/inspect/index.ts')
);
const { richestStretch } = /** @type {typeof import('../demos/train/cells/stretch')} */ (
  await load('/demos/train/cells/stretch.ts')
);
const { PROBE_TITLES } = /** @type {typeof import('../demos/train/cells/probe_words')} */ (
  await load('/demos/train/cells/probe_words.ts')
);

/** Characters that are read: of the stretch, as the page begins with, and of the held-out text at most. */
const [READ, READ_HELD_OUT] = [3000, 5000];

/** Places that probes are moved to, evenly over the text, to see what comes by chance. */
const SHIFTS = 10;

/**
 * A checkpoint of a network after a run of the settings that the page begins with.
 *
 * @param {import('../src/index').Device} device
 * @param {string} id
 * @param {string} text
 */
async function trained(device, id, text) {
  const { train } = form.runSettings.value;
  const steps = Number(options.steps ?? train.steps);
  if (!(Number.isInteger(steps) && steps > 0)) {
    throw new Error(`--steps ${options.steps}: a whole number above 0 is needed`);
  }
  // Of other settings or another text, a kept network is another one.
  const mark = createHash('sha256')
    .update(JSON.stringify([train, text]))
    .digest('hex')
    .slice(0, 8);
  const path = join(options.keep ?? '', `${id}-${steps}-${mark}.safetensors`);
  if (options.keep !== undefined && existsSync(path)) return readFile(path);
  const trainer = new CharTrainer(device, text, train);
  const quiet = { evalEvery: 0, sampleEvery: 0, sample: {} };
  for await (const event of lethe.train(trainer, { steps, logEvery: 200, ...quiet }))
    if (event.kind === 'report')
      console.error(`${id}: step ${event.step}, ${event.loss.toFixed(2)}`);
  const bytes = await lethe.saveCheckpoint(trainer, lethe.markText(text, id));
  trainer.dispose();
  if (options.keep !== undefined) {
    await mkdir(options.keep, { recursive: true });
    await writeFile(path, bytes);
  }
  return bytes;
}

/**
 * The largest correlation of any unit with any probe, at the places of another part of the text: what trying all of
 * them brings by chance.
 *
 * @param {readonly import('../src/inspect/index').LayerTrace[]} traces
 * @param {string} text
 */
function byChance(traces, text) {
  let most = 0;
  for (const name of inspect.probesOf(text)) {
    const values = inspect.PROBES[name](text);
    for (let i = 1; i <= SHIFTS; i++) {
      const by = Math.round((i * values.length) / (SHIFTS + 1));
      const shifted = [...values.subarray(by), ...values.subarray(0, by)];
      const [{ correlation }] = inspect.findUnits(traces, shifted);
      most = Math.max(most, Math.abs(correlation));
    }
  }
  return most;
}

/** @param {number} value */
const signed = (value) => (value < 0 ? '-' : '+') + Math.abs(value).toFixed(2);

/**
 * Prints the findings of a text, the one that the page opens with first.
 *
 * @param {string} id
 * @param {string} text
 */
async function report(id, text) {
  form.source.value = { name: id, text };
  const device = await openDevice('cpu');
  const checkpoint = lethe.readCheckpoint(await trained(device, id, text));
  const { model, vocabulary } = lethe.loadModel(device, checkpoint);
  const characters = Array.from(text);
  const from = await richestStretch(text, READ);
  const part = characters.slice(from, from + READ).join('');
  const first = Math.floor(characters.length * (1 - checkpoint.header.config.validFraction));
  const heldOut = characters.slice(first, first + READ_HELD_OUT).join('');
  const claims = inspect.claimUnits(await inspect.traceCells(model, vocabulary.encode(part)), part);
  const unseen = await inspect.traceCells(model, vocabulary.encode(heldOut));
  const chance = byChance(unseen, heldOut).toFixed(2);
  const seen = new Set();
  for (const { layer, unit, probe, correlation, memory, holds } of claims) {
    if (!holds || seen.has(probe)) continue;
    seen.add(probe);
    const there = inspect
      .findUnits(unseen, inspect.PROBES[probe](heldOut))
      .find((match) => match.layer === layer && match.unit === unit);
    const figures = [correlation, memory, there?.correlation ?? NaN].map(signed);
    console.log(`| ${[id, PROBE_TITLES[probe], `${unit}`, ...figures, chance].join(' | ')} |`);
  }
  if (seen.size === 0) console.log(`| ${id} | nothing that convinces | | | | | ${chance} |`);
  model.dispose();
  device.dispose();
}

console.log(
  '| text | the unit follows | unit | r | beyond the character | r, held out | by chance |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const { id, load } of TEXTS) {
  if (positionals.length === 0 || positionals.includes(id)) await report(id, await load());
}
await server.close();
// The page's way to give way to others keeps Node alive.
process.exit();
