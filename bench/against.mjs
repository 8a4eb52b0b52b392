// A training step in Node on WebGPU beside that of another checkout, which takes turns with it in one process:
//
//   npm run bench:against -- FOLDER [--workload w1,w2,w3] [--seq 3] [--rounds 8] [--hardware]
//
// FOLDER has its node_modules. --seq leaves out most of the steps in time, for drivers in software. Each turn is
// a step, and waits until the device is done. SwiftShader unless VK_ICD_FILENAMES names a driver; --hardware
// leaves the choice to the machine.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { buildLibrary } from './build.mjs';
import { REFERENCE } from './load.mjs';
import { summarise } from './statistics.mjs';
import { makeJob } from './workloads.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    workload: { type: 'string', default: 'w1' },
    seq: { type: 'string' },
    rounds: { type: 'string', default: '8' },
    hardware: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (!folder) throw new Error('name a checkout: npm run bench:against -- FOLDER');
if (!values.hardware) process.env.VK_ICD_FILENAMES ??= findSwiftShader();
const rounds = Number(values.rounds);

/**
 * @param {string} from
 * @param {string} name
 */
async function load(from, name) {
  return { name, library: await buildLibrary(from, name) };
}

const here = fileURLToPath(new URL('..', import.meta.url));
const checkouts = [await load(folder, 'against'), await load(here, 'here')];
for (const workload of values.workload.split(',')) {
  const found = makeJob(workload);
  const { text, cell, layers, hidden, batch, seed } = found;
  const seq = values.seq === undefined ? found.seq : Number(values.seq);
  const contenders = [];
  for (const { name, library } of checkouts) {
    const device = await library.openDevice('webgpu');
    const size = { cell, layers, hidden, embedding: hidden, batch, seq, seed, validFraction: 0 };
    const trainer = new library.CharTrainer(device, text, { ...REFERENCE, ...size });
    const step = async () => {
      const begin = performance.now();
      await trainer.trainStep();
      await device.finish();
      return performance.now() - begin;
    };
    // A plain one, trials, a recorded one, and one that is replayed.
    for (let i = 0; i < 4; i++) await step();
    contenders.push({ name, device, step, times: /** @type {number[]} */ ([]) });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { step, times } of contenders) times.push(await step());
  }
  console.log(`${workload}, ${seq} steps in time, ${contenders[0].device.description}, ms a step`);
  const [against, ours] = contenders.map(({ name, times }) => {
    const { median, min, max } = /** @type {NonNullable<ReturnType<typeof summarise>>} */ (
      summarise(times)
    );
    const figures = [median, min, max].map((value) => value.toFixed(1));
    console.log(`${name.padEnd(8)} median ${figures[0]}, least ${figures[1]}, most ${figures[2]}`);
    return { median, min };
  });
  const ratios = [ours.median / against.median, ours.min / against.min];
  console.log(`ratio    median ${ratios[0].toFixed(2)}, least ${ratios[1].toFixed(2)}`);
  for (const { device } of contenders) device.dispose();
}
// Nothing else ends Dawn's process.
process.exit();
