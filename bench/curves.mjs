// Learning curves of the reference workload on the CPU, beside PyTorch's:
//
//   npm run bench:curves -- FILE [--cells lstm,gru,rnn] [--seeds 1,2,3] [--steps 1000]
//
// Prints the held-out loss of every run, the mean of the seeds, its deviation from PyTorch's figure
// for the Tiny Shakespeare text (char-rnn's sample, 1,115,394 characters), and the device's live
// bytes after step 10 and at the end.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { loadLethe, REFERENCE, serveSources } from './load.mjs';
import { mean } from './statistics.mjs';

// Held-out losses of PyTorch 1.13 in this setting, by scripts/pytorch_char_lm.py, nats per character.
/** @type {Record<string, Record<number, number>>} */
const PYTORCH = {
  lstm: { 100: 2.241, 300: 1.989, 1000: 1.764 },
  gru: { 100: 2.196, 300: 1.945, 1000: 1.754 },
  rnn: { 100: 2.198, 300: 1.998, 1000: 1.831 },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    cells: { type: 'string', default: 'lstm,gru,rnn' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '1000' },
  },
});
if (!positionals[0]) throw new Error('name the text: npm run bench:curves -- FILE');
const text = await readFile(positionals[0], 'utf8');
const steps = Number(values.steps);
const milestones = [100, 300, 1000].filter((step) => step <= steps);

const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);

for (const cell of values.cells.split(',')) {
  /** @type {Record<number, number[]>} */
  const losses = Object.fromEntries(milestones.map((step) => [step, []]));
  for (const seed of values.seeds.split(',').map(Number)) {
    const device = await openDevice('cpu');
    const trainer = new CharTrainer(device, text, {
      ...REFERENCE,
      cell: /** @type {'lstm'} */ (cell),
      seed,
    });
    let early = 0;
    const line = [];
    while (trainer.step < steps) {
      await trainer.trainStep();
      if (trainer.step === 10) early = device.memory().liveBytes;
      if (!milestones.includes(trainer.step)) continue;
      const loss = await trainer.evaluate();
      losses[trainer.step].push(loss);
      line.push(`step ${trainer.step} ${loss.toFixed(4)}`);
    }
    const late = device.memory().liveBytes;
    console.log(
      `${cell} seed ${seed}: ${line.join(', ')}; live bytes ${early}, at the end ${late}`,
    );
    device.dispose();
  }
  for (const step of milestones) {
    const ours = mean(losses[step]);
    const theirs = PYTORCH[cell][step];
    const deviation = ((100 * (ours - theirs)) / theirs).toFixed(2);
    console.log(`${cell} step ${step}: mean ${ours.toFixed(4)}, PyTorch ${theirs}, ${deviation} %`);
  }
}
await server.close();
