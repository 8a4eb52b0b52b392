// A training step of the reference workload with f32 and with f16 arithmetic, on the same device, taking
// turns:
//
//   npm run bench:arithmetic -- [--steps 20] [--hidden 128] [--layers 1] [--batch 32] [--hardware]
//
// Prints the median and the least milliseconds of a step, loss read, and the ratio of the medians. It
// is Dawn in Node on lavapipe unless VK_ICD_FILENAMES names a driver; --hardware leaves the choice to
// the machine. lavapipe computes f16 by way of f32, so it tells nothing of what f16 gains on a GPU.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { f16Environment } from '../scripts/browser.mjs';
import { loadLethe, REFERENCE, serveSources } from './load.mjs';
import { median } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '20' },
    hidden: { type: 'string', default: '128' },
    layers: { type: 'string', default: '1' },
    batch: { type: 'string', default: '32' },
    hardware: { type: 'boolean', default: false },
  },
});
const driver = f16Environment();
if (!values.hardware && !process.env.VK_ICD_FILENAMES && driver['VK_ICD_FILENAMES']) {
  const env = { ...process.env, ...driver };
  const again = spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' });
  process.exit(again.status ?? 1);
}

const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);
const { bundledText } = /** @type {typeof import('../src/text/bundled')} */ (
  await server.ssrLoadModule('/src/text/bundled.ts')
);
const device = await openDevice('webgpu');
const [hidden, layers, batch] = [values.hidden, values.layers, values.batch].map(Number);
const config = { ...REFERENCE, hidden, layers, batch, seed: 1 };
const contenders = /** @type {const} */ (['f32', 'f16']).map((arithmetic) => ({
  arithmetic,
  trainer: new CharTrainer(device, bundledText, { ...config, arithmetic }),
  /** @type {number[]} */
  milliseconds: [],
}));
// The first step compiles, the second is recorded, once the configurations are timed.
for (const { trainer } of contenders) {
  await trainer.trainStep();
  await device.tune({ budget: 60_000 });
  await trainer.trainStep();
  await trainer.report();
}
for (let step = 0; step < Number(values.steps); step++) {
  for (const { trainer, milliseconds } of contenders) {
    const begin = performance.now();
    await trainer.trainStep();
    await trainer.report();
    milliseconds.push(performance.now() - begin);
  }
}
console.log(`${device.description}, LSTM ${layers} x ${hidden}, B ${batch}, T ${config.seq}`);
for (const { arithmetic, milliseconds } of contenders) {
  const [middle, least] = [median(milliseconds), Math.min(...milliseconds)];
  console.log(`${arithmetic}: median ${middle.toFixed(1)} ms, least ${least.toFixed(1)}`);
}
const [f32, f16] = contenders.map(({ milliseconds }) => median(milliseconds));
console.log(`f16 to f32: ${(f16 / f32).toFixed(2)}`);
await server.close();
// Nothing else ends Dawn's process.
process.exit();
