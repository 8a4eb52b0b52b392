/** A `Trainer` that Ctrl-C stops, and that goes on exactly where it stood: node interrupted.ts; then again. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';

import { Generator, mseLoss, openDevice, Random } from 'lethe';
import type { Tensor } from 'lethe';
import { fixedBatches, hostArray } from 'lethe/data';
import { Dropout, encodeModule, GRU, Linear, loadModule, Module } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode, loadTraining, saveTraining, Trainer } from 'lethe/train';
import type { BestMetric } from 'lethe/train';

const [, , folder = '.'] = process.argv;
const [RUN, BEST] = ['run', 'best'].map((name) => `${folder}/${name}.safetensors`);

// What no file keeps is made from seeds: the data, their order, and what dropout draws from.
const device = await openDevice('cpu');
const random = new Random(1);
const generator = new Generator(device, 1);

const TIME = 8;
const rows = Array.from({ length: 80 }, () => Array.from({ length: TIME }, () => random.uniform()));
const collate = (some: readonly number[][]) => ({
  x: hostArray(some.flat(), 'f32', [some.length, TIME, 1]),
  y: hostArray(
    some.map((row) => Math.max(...row)),
    'f32',
    [1, some.length, 1],
  ),
});

class Model extends Module {
  gru = new GRU(device, 1, 16, { batchFirst: true, random });
  dropout = new Dropout(0.1, generator);
  decoder = new Linear(device, 16, 1, { random });

  /** The largest of each row, [1, batch, 1]. */
  forward(x: Tensor): Tensor {
    const [, h] = this.gru.forward(x);
    return this.decoder.forward(this.dropout.forward(h));
  }
}
const model = new Model();
const lossOf = ({ x, y }: Record<'x' | 'y', Tensor>) => mseLoss(model.forward(x), y);

const trainer = new Trainer(
  device,
  {
    model,
    batches: fixedBatches(rows.slice(0, 64), { batchSize: 16, seed: 1, collate }),
    loss: lossOf,
    async evaluate() {
      const loss = evalMode(model, () => lossOf(batchTensors(device, collate(rows.slice(64)))));
      const value = await loss.item();
      loss.dispose();
      return { loss: value };
    },
  },
  { optimizer: new Adam(model, { lr: 1e-2 }), schedule: cosine(200), clipNorm: 1, generator },
);

// The best figure is the program's to keep, beside the run; its parameters have a file of their own.
let best: BestMetric | undefined;
if (existsSync(RUN)) {
  const about = loadTraining(trainer, await readFile(RUN)) as { best?: BestMetric };
  best = about.best;
}

async function save(): Promise<void> {
  await writeFile(`${RUN}.new`, await saveTraining(trainer, { best }));
  await rename(`${RUN}.new`, RUN); // whole, or the one before
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort()); // a second Ctrl-C ends it at once, unsaved
const { signal } = stop;
for await (const event of trainer.fit({ steps: 200, logEvery: 10, evalEvery: 20, best, signal })) {
  if (event.kind !== 'report') continue;
  if (event.improved) {
    best = { step: event.step, value: event.metrics!.loss };
    await writeFile(BEST, await encodeModule(model));
  }
  if (event.metrics) await save(); // a run that is killed loses what came after its last evaluation
  console.log('step', event.step, 'loss', event.loss, event.metrics ?? '');
}
await save();

if (trainer.step === 200) {
  await loadModule(await readFile(BEST), model);
  console.log('best', best);
}
