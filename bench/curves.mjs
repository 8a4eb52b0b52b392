// Learning curves of the reference workload, beside PyTorch's:
//
//   npm run bench:curves -- FILE [--cells lstm,gru,rnn] [--seeds 1,2,3] [--steps 1000]
//                                [--device cpu]
//
// Prints the held-out loss of every run and its smoothed loss of training, the mean of the seeds, its
// deviation from PyTorch's figure for the Tiny Shakespeare text (char-rnn's sample, 1,115,394
// characters), and the device's live bytes after step 10 and at the end.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { loadLethe, REFERENCE, serveSources } from './load.mjs';
import { mean } from './statistics.mjs';

// Held-out losses of PyTorch 1.13 in this setting, by scripts/pytorch_char_lm.py, nats per character.
/** @type {Record<string, Record<number, number>>} */
const PYTORCH = {
  lstm: { 100: 2.241, 300: 1.989, 1000: 1.775 },
  gru: { 100: 2.179, 300: 1.938, 1000: 1.748 },
  rnn: { 100: 2.198, 300: 2.002, 1000: 1.831 },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cells: { type: 'string', default: 'lstm,gru,rnn' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '1000' },
    device: { type: 'string', default: 'cpu' },
  },
});
if (!positionals[0]) throw new Error('name the text: npm run bench:curves -- FILE');
const text = await readFile(positionals[0], 'utf8');
const steps = Number(values.steps);
const milestones = [100, 300, 1000].filter((step) => step <= steps);

const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);

/** @typedef {{ held: number, smoothed: number }} Losses */

/**
 * One run.
 *
 * @param {string} cell
 * @param {number} seed
 * @returns {Promise<Losses[]>} by milestone
 */
async function learn(cell, seed) {
  const device = await openDevice(/** @type {'cpu'} */ (values.device));
  const trainer = new CharTrainer(device, text, {
    ...REFERENCE,
    cell: /** @type {'lstm'} */ (cell),
    seed,
  });
  let early = 0;
  /** @type {Losses[]} */
  const losses = [];
  while (trainer.step < steps) {
    await trainer.trainStep();
    if (trainer.step === 10) early = device.memory().liveBytes;
    if (!milestones.includes(trainer.step)) continue;
    const report = await trainer.report();
    losses.push({ held: (await trainer.evaluate()).loss, smoothed: report?.smoothedLoss ?? NaN });
  }
  const late = device.memory().liveBytes;
  const line = losses.map(
    ({ held, smoothed }, i) =>
      `step ${milestones[i]} ${held.toFixed(4)} (training ${smoothed.toFixed(4)})`,
  );
  console.log(
    `${cell} seed ${seed} on ${device.description}: ${line.join(', ')}; ` +
      `live bytes ${early}, at the end ${late}`,
  );
  device.dispose();
  return losses;
}

/**
 * @param {number} ours
 * @param {number} theirs
 */
function percent(ours, theirs) {
  return `${((100 * (ours - theirs)) / theirs).toFixed(2)} %`;
}

for (const cell of values.cells.split(',')) {
  /** @type {Losses[][]} */
  const runs = [];
  for (const seed of values.seeds.split(',').map(Number)) runs.push(await learn(cell, seed));
  for (const [i, step] of milestones.entries()) {
    const ours = mean(runs.map((losses) => losses[i].held));
    const theirs = PYTORCH[cell][step];
    console.log(
      `${cell} step ${step}: mean ${ours.toFixed(4)}, PyTorch ${theirs}, ${percent(ours, theirs)}`,
    );
  }
}
await server.close();
process.exit(0);
