// The trained models that the studio brings, of the texts that it brings:
//
//   node scripts/train-models.mjs [ID...]
//
// Trains those named, or all, on the CPU, keeps each where its held-out loss was lowest, and writes
// demos/train/models/ID.safetensors, in bfloat16. Prints what each took, its losses as trained and as
// written, and the unit that follows each probe best on the held-out text. Seeds are fixed; the weights
// differ in their last bits between engines with relaxed SIMD and without.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadLethe, serveSources } from '../bench/load.mjs';
import { inBfloat16 } from './bfloat16.mjs';

/** @typedef {Partial<import('../src/train/config').TrainConfig>} Config */

/** @satisfies {Config} */
const COMMON = /** @type {const} */ ({
  cell: 'lstm',
  hidden: 128,
  embedding: 32,
  batch: 16,
  seq: 100,
  lr: 0.004,
  schedule: 'cosine',
  warmup: 50,
  validFraction: 0.1,
  seed: 1,
});

/** @type {Record<string, Config & { steps: number }>} */
const CONFIGS = {
  story: { ...COMMON, dropout: 0.2, steps: 3000 },
  code: { ...COMMON, dropout: 0.1, steps: 3000 },
  loud: { ...COMMON, dropout: 0.1, steps: 3000 },
};

/** For going on from them in the studio: a rate from which nothing is unlearnt, and no end. */
const TRAIN_ON = /** @type {const} */ ({
  lr: 0.0005,
  schedule: 'constant',
  warmup: 0,
  steps: null,
});

/** Characters of the held-out text that are looked through for units. */
const LOOKED_AT = 4000;

const { positionals } = parseArgs({ allowPositionals: true });
const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);
const lethe = /** @type {typeof import('../src/train/index')} */ (
  await server.ssrLoadModule('/src/train/index.ts')
);
const inspect = /** @type {typeof import('../src/inspect/index')} */ (
  await server.ssrLoadModule('/src/inspect/index.ts')
);
const { TEXTS } = /** @type {typeof import('../demos/train/texts')} */ (
  await server.ssrLoadModule('/demos/train/texts.ts')
);
// The studio fetches its texts; here they lie on the disk.
globalThis.fetch = /** @param {unknown} url */ async (url) =>
  new Response(await readFile(fileURLToPath(/** @type {URL} */ (url))));

/**
 * @param {string} id
 * @returns {Promise<void>}
 */
async function make(id) {
  const text = await TEXTS.find((one) => one.id === id)?.load();
  const config = CONFIGS[id];
  if (text === undefined || !config)
    throw new Error(`${id}: choose of ${Object.keys(CONFIGS).join(', ')}`);
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, text, config);
  const before = process.cpuUsage();
  let best = { step: 0, loss: Infinity, bytes: new Uint8Array() };
  for await (const event of lethe.train(trainer, {
    ...{ logEvery: 100, evalEvery: 100, sampleEvery: 0, sample: {} },
  })) {
    if (event.kind !== 'report' || !event.improved || event.valLoss === undefined) continue;
    const bytes = await lethe.saveCheckpoint(trainer, lethe.markText(text, id));
    best = { step: event.step, loss: event.valLoss, bytes };
  }
  trainer.dispose();
  const { user, system } = process.cpuUsage(before);
  const file = inBfloat16(lethe.modelOnly(best.bytes), (metadata) => {
    /** @type {{ config: Config }} */
    const header = JSON.parse(metadata.lethe);
    return {
      ...metadata,
      lethe: JSON.stringify({ ...header, config: { ...header.config, ...TRAIN_ON } }),
    };
  });
  await writeFile(new URL(`../demos/train/models/${id}.safetensors`, import.meta.url), file);

  const { model, vocabulary } = lethe.loadModel(device, lethe.readCheckpoint(file));
  const heldOut = text.slice(Math.floor(text.length * (1 - COMMON.validFraction)));
  const loss = await lethe.evaluate(model, vocabulary.encode(heldOut), {
    batch: COMMON.batch,
    seq: COMMON.seq,
  });
  console.log(
    `${id}: ${file.length} bytes, ${((user + system) / 1e6).toFixed(0)} s of processors, ` +
      `best at step ${best.step}: ${best.loss.toFixed(3)}, as written ${loss.toFixed(3)} nats a character`,
  );
  const part = heldOut.slice(0, LOOKED_AT);
  const traces = await inspect.traceCells(model, vocabulary.encode(part));
  for (const [name, probe] of Object.entries(inspect.PROBES)) {
    const [{ unit, correlation }] = inspect.findUnits(traces, probe(part));
    console.log(`  ${name}: unit ${unit}, ${correlation.toFixed(3)}`);
  }
  model.dispose();
  device.dispose();
}

await mkdir(new URL('../demos/train/models', import.meta.url), { recursive: true });
for (const id of positionals.length > 0 ? positionals : Object.keys(CONFIGS)) await make(id);
await server.close();
